DROP TABLE login_ceilings;
DROP TABLE login_failures;
DROP TABLE revoked_tokens;
DROP TABLE admins;
