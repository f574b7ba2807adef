DROP TRIGGER audit_head_never_emptied ON audit_head;
DROP TRIGGER audit_head_never_deleted ON audit_head;
DROP TRIGGER audit_head_is_last_entry ON audit_head;
DROP FUNCTION audit_head_is_last_entry();
DROP TRIGGER audit_logs_never_emptied ON audit_logs;
DROP TRIGGER audit_logs_never_changed ON audit_logs;
DROP TRIGGER audit_logs_continue_chain ON audit_logs;
DROP FUNCTION audit_logs_continue_chain();
