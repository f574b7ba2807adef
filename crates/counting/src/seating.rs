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
}

/// Fills the seats from the best level on. If a level has more candidates than there
/// are open seats, a lot decides or the tie is declared; the order of the list decides nothing.
/// Nobody is elected who is not above "none of the above".
pub(crate) fn seat(field: &Field, levels: &[Vec<usize>], terms: &Terms) -> Seated {
    let mut seated = Seated::default();
    let mut open = usize::try_from(terms.seats).unwrap_or(usize::MAX);
    for level in levels {
        let none_wins = level.iter().any(|index| field.standing(*index) == Standing::NoneOfTheAbove)
            && terms.none_of_the_above == Some(NoneOfTheAbove::VacantSeat);
        if none_wins || open == 0 {
            break;
        }
        let level: Vec<usize> = level.iter().filter(|index| field.standing(**index) == Standing::Stands).copied().collect();
        if level.len() <= open {
            open = open.saturating_sub(level.len());
            seated.elected.extend(level);
            continue;
        }
        if terms.ties == Ties::Lot {
            let chosen: Vec<usize> = field.by_lot(&level).into_iter().take(open).collect();
            seated.ties.push(tell(field, TieOver::Seat, &level, TieBroken::Lot, &chosen));
            seated.elected.extend(chosen);
        } else {
            seated.ties.push(tell(field, TieOver::Seat, &level, TieBroken::Declared, &[]));
            seated.tied = Some(level);
        }
        break;
    }
    seated
}
