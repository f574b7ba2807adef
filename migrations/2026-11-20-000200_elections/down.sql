DROP TABLE amendments;
DROP TABLE election_keys;
DROP TABLE candidates;
DROP TABLE contests;
DROP TABLE elections;
