DROP TRIGGER elections_forget_mails ON elections;
DROP FUNCTION forget_mails_of_a_draft();
