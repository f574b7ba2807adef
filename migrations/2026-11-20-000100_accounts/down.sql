DROP TABLE admin_invitations;
DROP TABLE admin_codes;
DROP TABLE login_ceilings;
DROP TABLE login_failures;
DROP TABLE revoked_tokens;
DROP TABLE admins;
DROP FUNCTION masked(text);
DROP FUNCTION never();
DROP FUNCTION refuse(text, text);
REVOKE USAGE ON SCHEMA public
    FROM auth_service, election_service, voting_service, results_service, audit_service, admin_service, email_service;
GRANT USAGE ON SCHEMA public TO PUBLIC;
