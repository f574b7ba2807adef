DROP FUNCTION spend_token(bigint, bytea, bytea);
DROP FUNCTION record_ballots(bigint, bytea[], bytea[], bytea[], bytea[], bytea[]);
DROP TRIGGER votes_continue_chain ON votes;
DROP FUNCTION votes_continue_chain();
DROP TRIGGER votes_never_emptied ON votes;
DROP TRIGGER votes_never_changed ON votes;
DROP FUNCTION never();
DROP FUNCTION link_ends_at(timestamptz, boolean, timestamptz);
DROP FUNCTION chain_link(bigint, bigint, bytea, bytea, bytea, bytea);
