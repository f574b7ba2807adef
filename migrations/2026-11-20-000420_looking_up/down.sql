DROP FUNCTION links_unsent(bigint);
DROP FUNCTION turnout(bigint);
DROP FUNCTION find_receipt(bytea, bytea);
DROP INDEX votes_receipt;
DROP FUNCTION find_ballot(bigint, bytea);
DROP FUNCTION look_up_token(bytea);
