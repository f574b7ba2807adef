DROP TABLE turnouts;
DROP TABLE voting_tokens;
DROP TABLE voters;
