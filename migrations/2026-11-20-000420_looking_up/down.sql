DROP FUNCTION links_unsent(bigint);
DROP FUNCTION roll_is_empty(bigint);
DROP FUNCTION turnout(bigint);
DROP FUNCTION find_receipt(bytea, bytea);
DROP FUNCTION find_ballot(bigint, bytea);
DROP FUNCTION look_up_token(bytea);
