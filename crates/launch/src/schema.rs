//! Which schema of the database these programs work with. `/ready` compares it with the one that is there.
//!
//! A release is a number that grows with each release that changes the schema; `schema_version()` of the database says it. The
//! schema is brought up to date before the programs are, so for a while programs of the release before work with it. They can,
//! because a release only adds; what nothing uses any more is taken away by the release after it (`migrations/README.md`).

use database::{Database, Schema};

/// The release of the schema that these programs were written for: they use what it added.
pub const OLDEST: i32 = 1;
/// The newest release of the schema that they work with. What they use is taken away by the one after it at the earliest.
pub const NEWEST: i32 = OLDEST + 1;

/// The migrations of this build.
const MIGRATIONS: &[&str] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// What a program says of itself with `--version`.
pub(crate) fn version_text() -> String {
    format!("works with schema releases {OLDEST} to {NEWEST}, migrated to {} at least", MIGRATIONS.last().unwrap_or(&"nothing"))
}

/// Whether the database is one that this program can work with; `Err` says what is wrong.
pub(crate) async fn check(database: &Database) -> Result<(), String> {
    let schema = database.schema().await.map_err(|cause| cause.to_string())?;
    fits(&schema, MIGRATIONS)
}

fn fits(schema: &Schema, known: &[&str]) -> Result<(), String> {
    let missing: Vec<&str> = known.iter().filter(|version| !schema.applied.iter().any(|it| it == *version)).copied().collect();
    if schema.is_read_only {
        Err("the database takes no writes: it is a standby".to_owned())
    } else if !missing.is_empty() {
        Err(format!("the schema lacks the migrations {}: run uvote-migrate", missing.join(", ")))
    } else if !(OLDEST..=NEWEST).contains(&schema.release) {
        let release = schema.release;
        let advice = if release > NEWEST { "bring this program up to date" } else { "run uvote-migrate of this release" };
        Err(format!("the schema is of release {release}, and this program works with {OLDEST} to {NEWEST}: {advice}"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(release: i32, applied: &[&str]) -> Schema {
        Schema { release, applied: applied.iter().map(ToString::to_string).collect(), is_read_only: false }
    }

    #[test]
    fn a_rolling_upgrade_keeps_programs_of_two_releases_ready() {
        // The next release has migrated already: it has added something.
        assert_eq!(fits(&schema(NEWEST, &["1", "2", "3"]), &["1", "2"]), Ok(()));
        // The one after it has taken away what these programs use.
        let too_new = fits(&schema(NEWEST + 1, &["1", "2", "3", "4"]), &["1", "2"]).unwrap_err();
        assert!(too_new.contains("bring this program up to date"), "{too_new}");
        let too_old = fits(&schema(OLDEST - 1, &["1", "2"]), &["1", "2"]).unwrap_err();
        assert!(too_old.contains("run uvote-migrate"), "{too_old}");
    }

    #[test]
    fn a_migration_that_is_missing_is_named() {
        let missing = fits(&schema(OLDEST, &["1", "3"]), &["1", "2", "3"]).unwrap_err();
        assert_eq!(missing, "the schema lacks the migrations 2: run uvote-migrate");
    }

    #[test]
    fn this_build_knows_its_migrations() {
        assert!(MIGRATIONS.len() > 1 && MIGRATIONS.is_sorted());
    }
}
