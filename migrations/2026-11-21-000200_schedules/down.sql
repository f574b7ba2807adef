DROP FUNCTION move_closing(bigint, timestamptz, text);
DROP FUNCTION amendments_of(bigint);
DROP INDEX elections_closing;
DROP INDEX elections_opening;
