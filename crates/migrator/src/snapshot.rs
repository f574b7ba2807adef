//! The schema and the rights as text, for readers and reviewers: `migrations/schema.sql` and `migrations/grants.snap`.

use crate::{MigrateError, SERVICE_ROLES, Target, sql};
use std::fmt::Write;
use std::path::Path;
use tokio::process::Command;
use tokio_postgres::Client;
use tokio_postgres::config::Host;

/// Files a checkout keeps.
pub const SCHEMA_FILE: &str = "schema.sql";
/// See [`rights`].
pub const RIGHTS_FILE: &str = "grants.snap";

/// Every table, constraint, index, function, trigger and policy, as `pg_dump` writes them; rights are in [`rights`].
///
/// # Errors
/// `pg_dump` is missing or fails.
pub async fn schema(target: &Target) -> Result<String, MigrateError> {
    let config = target.config();
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => return Err(MigrateError::Dump("the address names no host".to_owned())),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let debian = Path::new("/usr/lib/postgresql/15/bin/pg_dump");
    let mut dump = Command::new(if debian.exists() { debian } else { Path::new("pg_dump") });
    dump.args(["--schema-only", "--no-owner", "--no-privileges", "--exclude-table=__diesel_schema_migrations"]);
    dump.args(["--host", &host, "--port", &port.to_string()]);
    dump.args(["--username", config.get_user().unwrap_or(crate::OWNER), "--dbname", config.get_dbname().unwrap_or("uvote")]);
    dump.env("PGPASSWORD", String::from_utf8_lossy(config.get_password().unwrap_or_default()).as_ref());
    for (variable, value) in target.tls().libpq() {
        dump.env(variable, value);
    }
    let output = dump.output().await.map_err(|error| MigrateError::Dump(error.to_string()))?;
    if !output.status.success() {
        return Err(MigrateError::Dump(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(normalised(&String::from_utf8_lossy(&output.stdout)))
}

/// Without what differs from one `pg_dump` to the next: its version, its session settings, its random `\restrict` keys.
fn normalised(dump: &str) -> String {
    let mut text =
        "-- Generated from the migrations; `make snapshots` writes it, a test compares it. Rights: grants.snap.\n".to_owned();
    for line in dump.lines() {
        let noise = ["--", "\\", "SET ", "SELECT pg_catalog.set_config"].iter().any(|start| line.starts_with(start));
        if noise || (line.is_empty() && text.ends_with("\n\n")) {
            continue;
        }
        text.push_str(line);
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Every right of every service role and of PUBLIC, one line per object: what is not listed is refused. `*` marks a right
/// that may be passed on.
const RIGHTS: &str = "
WITH held AS (
    SELECT 1 AS rank, 'database' AS kind, '' AS object, '' AS columns, a.*
    FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
    WHERE d.datname = current_database() AND a.grantee <> d.datdba
    UNION ALL
    SELECT 2, 'schema', n.nspname::text, '', a.* FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
    WHERE n.nspname = 'public' AND a.grantee <> n.nspowner
    UNION ALL
    SELECT 3, CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, c.relname::text, '', a.*
    FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", c.relowner))) a
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND a.grantee <> c.relowner
    UNION ALL
    SELECT 3, 'table', c.relname::text, t.attname::text, a.*
    FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
    WHERE c.relnamespace = 'public'::regnamespace AND t.attnum > 0 AND NOT t.attisdropped AND a.grantee <> c.relowner
    UNION ALL
    SELECT 4, 'function', p.oid::regprocedure::text, '', a.*
    FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    WHERE p.pronamespace = 'public'::regnamespace AND a.grantee <> p.proowner
), lines AS (
    SELECT coalesce(r.rolname, 'PUBLIC') AS holder, h.rank, h.kind, h.object, h.columns = '' AS whole,
           h.privilege_type || CASE WHEN h.is_grantable THEN '*' ELSE '' END AS privilege,
           string_agg(h.columns, ', ' ORDER BY h.columns) AS columns
    FROM held h LEFT JOIN pg_roles r ON r.oid = h.grantee GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT holder::text, kind || CASE WHEN object = '' THEN '' ELSE ' ' || object END
       || CASE WHEN whole THEN '' ELSE ' (' || columns || ')' END || ': ' || string_agg(privilege, ', ' ORDER BY privilege) AS line
FROM lines GROUP BY holder, rank, kind, object, whole, columns
ORDER BY holder COLLATE \"C\", rank, kind COLLATE \"C\", object COLLATE \"C\", whole DESC, min(privilege) COLLATE \"C\"";

const ATTRIBUTES: &str = "
SELECT concat_ws(', ', CASE WHEN rolcanlogin THEN 'LOGIN' END, CASE WHEN rolsuper THEN 'SUPERUSER' END,
       CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,
       CASE WHEN rolbypassrls THEN 'BYPASSRLS' END, CASE WHEN rolreplication THEN 'REPLICATION' END,
       (SELECT 'member of ' || string_agg(g.rolname, ' ' ORDER BY g.rolname)
        FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid),
       (SELECT string_agg(s, ', ' ORDER BY s COLLATE \"C\") FROM unnest(rolconfig) s))
FROM pg_roles r WHERE rolname = $1";

/// Every right in the database that is not its owner's, and each role's attributes and settings.
///
/// # Errors
/// The database does not answer.
pub async fn rights(client: &Client) -> Result<String, MigrateError> {
    let doing = "reading the rights";
    let rows = client.query(RIGHTS, &[]).await.map_err(sql(doing))?;
    let mut text = "Generated from the migrations; `make snapshots` writes it, a test compares it.\n\
                    Every right that is not the owner's. What is not listed is refused.\n"
        .to_owned();
    for holder in ["PUBLIC"].into_iter().chain(SERVICE_ROLES) {
        let _ = writeln!(text, "\n{holder}");
        if let Some(role) = client.query_opt(ATTRIBUTES, &[&holder]).await.map_err(sql(doing))? {
            let _ = writeln!(text, "    role: {}", role.get::<_, String>(0));
        }
        for line in rows.iter().filter(|row| row.get::<_, &str>(0) == holder) {
            let _ = writeln!(text, "    {}", line.get::<_, &str>(1));
        }
    }
    for line in rows.iter().filter(|row| row.get::<_, &str>(0) != "PUBLIC" && !SERVICE_ROLES.contains(&row.get(0))) {
        let _ = writeln!(text, "\n{}, which is no service\n    {}", line.get::<_, &str>(0), line.get::<_, &str>(1));
    }
    Ok(text)
}

/// Writes both files into `folder`.
///
/// # Errors
/// The database does not answer, or a file cannot be written.
pub async fn write(target: &Target, folder: &Path) -> Result<(), MigrateError> {
    let client = target.connect().await?;
    for (file, text) in [(SCHEMA_FILE, schema(target).await?), (RIGHTS_FILE, rights(&client).await?)] {
        let path = folder.join(file);
        std::fs::write(&path, text).map_err(|source| MigrateError::File { path, source })?;
    }
    Ok(())
}
