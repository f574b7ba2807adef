DROP FUNCTION hold_election(bigint);
