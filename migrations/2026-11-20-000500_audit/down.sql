DROP TABLE audit_subjects;
DROP TABLE audit_signatures;
DROP TABLE audit_head;
DROP TABLE audit_logs;
DROP FUNCTION audit_head_is_last_entry();
DROP FUNCTION audit_logs_continue_chain();
