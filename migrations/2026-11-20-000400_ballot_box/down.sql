DROP TABLE opened_ballots;
DROP TABLE votes;
DROP TABLE chain_heads;
