DROP TABLE audit_subjects;
DROP TABLE audit_signatures;
DROP TABLE audit_head;
DROP TABLE audit_logs;
