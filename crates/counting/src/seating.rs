//! Giving seats from the top of an order, for every method that ends in one.

use crate::contest::{Field, Standing};
use crate::report::{TieBroken, TieOver, TieReport};
use crate::terms::{NoneOfTheAbove, Terms, Ties};
use crate::ties::tell;

/// Who is elected, and the tie that stays open.
#[derive(Debug, Default)]
pub(crate) struct Seated {
    pub(crate) elected: Vec<usize>,
    pub(crate) tied: Option<Vec<usize>>,
    pub(crate) ties: Vec<TieReport>,
    /// "None of the above" leaves the other seats vacant.
    pub(crate) stopped_by_none: bool,
}

/// Fills the seats from the best level on. If a level has more candidates than there
/// are open seats, a lot decides or the tie is declared; the order of the list decides nothing.
/// Nobody is elected who is not above "none of the above", and nobody who cannot have a seat by the terms.
pub(crate) fn seat(field: &Field, levels: &[Vec<usize>], terms: &Terms) -> Seated {
    let mut seated = Seated::default();
    let mut open = usize::try_from(terms.seats).unwrap_or(usize::MAX);
    let competes = terms.none_of_the_above == Some(NoneOfTheAbove::VacantSeat);
    for level in levels {
        if open == 0 {
            break;
        }
        let none = level.iter().find(|index| competes && field.standing(**index) == Standing::NoneOfTheAbove);
        let mut able: Vec<usize> = level.iter().filter(|index| field.can_have_a_seat(**index)).copied().collect();
        if let Some(none) = none {
            seated.stopped_by_none = true;
            if !able.is_empty() {
                able.push(*none);
                seated.ties.push(tell(field, TieOver::Seat, &able, TieBroken::NoneOfTheAbove, &[]));
            }
            break;
        }
        if able.len() <= open {
            open = open.saturating_sub(able.len());
            seated.elected.extend(able);
            continue;
        }
        if terms.ties == Ties::Lot {
            let chosen: Vec<usize> = field.by_lot(&able).into_iter().take(open).collect();
            seated.ties.push(tell(field, TieOver::Seat, &able, TieBroken::Lot, &chosen));
            seated.elected.extend(chosen);
        } else {
            seated.ties.push(tell(field, TieOver::Seat, &able, TieBroken::Declared, &[]));
            seated.tied = Some(able);
        }
        break;
    }
    seated
}
