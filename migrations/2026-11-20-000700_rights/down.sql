-- ALL ON TABLE takes the rights on single columns with it. EXECUTE on functions stays: it belongs to their migrations.
REVOKE ALL ON ALL TABLES IN SCHEMA public
    FROM auth_service, election_service, voting_service, results_service, audit_service, admin_service, email_service;
REVOKE USAGE ON SCHEMA public
    FROM auth_service, election_service, voting_service, results_service, audit_service, admin_service, email_service;
GRANT USAGE ON SCHEMA public TO PUBLIC;
