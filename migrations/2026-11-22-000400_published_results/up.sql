-- What everybody is shown of a published election: counted and checked once, and then kept, so that a request does not read
-- the whole box. Written by the results service. `mac` is made with a key file that is not in the database: a row that somebody
-- else wrote, or moved here from another election, is counted again and never shown. Whoever loses the key file or doubts a row
-- can delete the row: it is made again from the ballots.
CREATE TABLE published_results (
    election_id bigint PRIMARY KEY CONSTRAINT published_results_election_fkey REFERENCES elections (election_id),
    body        bytea NOT NULL,
    mac         bytea NOT NULL CONSTRAINT published_results_mac_width CHECK (octet_length(mac) = 32),
    checked_at  timestamptz NOT NULL
);
CREATE INDEX published_results_checked ON published_results (checked_at);

-- When it was last written to the audit log that this admin looked at this result. One row for all copies of the service: they
-- must not log the same look twice.
CREATE TABLE result_views (
    election_id bigint NOT NULL CONSTRAINT result_views_election_fkey REFERENCES elections (election_id),
    admin_id    bigint NOT NULL CONSTRAINT result_views_admin_fkey REFERENCES admins (admin_id),
    logged_at   timestamptz NOT NULL,
    PRIMARY KEY (election_id, admin_id)
);

GRANT SELECT, INSERT, UPDATE ON published_results TO results_service;
GRANT SELECT, INSERT, UPDATE (logged_at) ON result_views TO results_service;
