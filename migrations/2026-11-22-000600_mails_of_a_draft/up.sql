-- Links can be sent from a draft. When the draft is deleted, its mails go with it: nobody else would ever forget the addresses in
-- them. No foreign key says so, because a mail is kept by another service than the election, and outlives it in the outbox. The
-- audit events in the outbox stay: that a draft was deleted is one of them.
CREATE FUNCTION forget_mails_of_a_draft() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM outbox o WHERE o.election_id = OLD.election_id AND o.destination = 'email';
    DELETE FROM email_messages m WHERE m.election_id = OLD.election_id;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION forget_mails_of_a_draft() FROM PUBLIC;
CREATE TRIGGER elections_forget_mails AFTER DELETE ON elections FOR EACH ROW EXECUTE FUNCTION forget_mails_of_a_draft();
