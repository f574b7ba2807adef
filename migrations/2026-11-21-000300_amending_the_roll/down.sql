DROP FUNCTION mail_states(bigint, bigint[]);
DROP INDEX email_messages_recipient;
DROP FUNCTION correct_voter(bigint, text, text, text, text, text);
DROP FUNCTION remove_unlinked_voter(bigint);
DROP FUNCTION add_late_voters(bigint, text, text[], text[], text[], text[], text[]);
