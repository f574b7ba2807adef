DROP FUNCTION anonymise_election(bigint, integer);
DROP FUNCTION drop_unused_leaf();
DROP TRIGGER elections_forget_a_draft ON elections;
DROP FUNCTION forget_a_draft();
DROP FUNCTION empty_leaves(bigint);
DROP FUNCTION lock_leaves(bigint);
DROP TRIGGER elections_have_leaves ON elections;
DROP FUNCTION elections_have_leaves();
DROP FUNCTION make_leaves(bigint);
DROP FUNCTION untie_links(bigint);
DROP FUNCTION tie_links(bigint);
DROP FUNCTION attach_leaf(regclass, bigint);
DROP FUNCTION make_leaf(regclass, bigint);
-- The rows go with the leaves: without them no row has a place.
DO $$
DECLARE
    leaf regclass;
BEGIN
    FOR leaf IN
        SELECT i.inhrelid::regclass FROM pg_inherits i
        WHERE i.inhparent IN ('public.voters'::regclass, 'public.voting_tokens'::regclass, 'public.link_requests'::regclass,
                              'public.audit_subjects'::regclass, 'public.email_messages'::regclass)
        ORDER BY i.inhparent = 'public.voters'::regclass, i.inhrelid
    LOOP
        EXECUTE format('DROP TABLE %s', leaf);
    END LOOP;
END $$;
