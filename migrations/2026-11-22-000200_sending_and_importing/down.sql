DROP TABLE staged_voters;
DROP TABLE link_mailings;
