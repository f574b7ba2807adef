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
-- The tables without leaves are sampled again, as the steps before left them.
DO $$
DECLARE
    line text;
BEGIN
    FOR line IN
        SELECT format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS -1', a.attrelid::regclass, a.attname)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relkind = 'p' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS -1', a.attrelid::regclass, a.attnum)
        FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
        WHERE c.relkind = 'p' AND c.relnamespace = 'public'::regnamespace AND i.indkey[a.attnum - 1] = 0
    LOOP
        EXECUTE line;
    END LOOP;
END $$;
