DROP FUNCTION anonymise_election(bigint, integer);
