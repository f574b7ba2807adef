DROP TABLE admin_invitations;
DROP TABLE admin_codes;
ALTER TABLE admins DROP COLUMN sessions_ended;
