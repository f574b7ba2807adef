-- Which release of the schema this is, and which migrations are applied. Every program asks before it says that it is ready. A
-- release that changes the schema raises the number in its last migration (README.md, "Upgrades without a pause").
CREATE FUNCTION schema_version() RETURNS TABLE (release integer, applied text[]) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT 1, coalesce(array_agg(m.version::text ORDER BY m.version), '{}') FROM public.__diesel_schema_migrations m
$$;
REVOKE ALL ON FUNCTION schema_version() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION schema_version()
    TO auth_service, election_service, voting_service, results_service, audit_service, admin_service, email_service;
COMMENT ON FUNCTION schema_version() IS 'The release of the schema and the applied migrations: what /ready of every program compares with what it was built for';
