//! The spent list: which rights to vote were used, in a form that only their holders can recognise.

use crate::digest::Digest;

/// One entry: `SHA-256("spent/v1" || election_id (8 bytes BE) || spend_id (16))`. The spend id is random and printed in the
/// voter's mail, so a voter finds their own entry and nobody else can tell whose it is.
#[must_use]
pub fn entry(election_id: i64, spend_id: &[u8; 16]) -> Digest {
    Digest::of(&[b"spent/v1", &election_id.to_be_bytes(), spend_id])
}

/// The hash of the list: SHA-256 over its entries in ascending order, joined; of none, SHA-256 of nothing.
#[must_use]
pub fn list_hash(entries: impl IntoIterator<Item = Digest>) -> Digest {
    Digest::of_sorted(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_depends_on_election_and_right() {
        assert_ne!(entry(1, &[1; 16]), entry(2, &[1; 16]));
        assert_ne!(entry(1, &[1; 16]), entry(1, &[2; 16]));
        let (a, b) = (entry(1, &[1; 16]), entry(1, &[2; 16]));
        assert_eq!(list_hash([a, b]), list_hash([b, a]));
    }
}
