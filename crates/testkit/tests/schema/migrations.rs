use diesel_async::{AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::MigrationHarness;
use migrator::{Direction, MIGRATIONS, migrate, snapshot};
use std::path::Path;
use testkit::TestDatabase;

async fn all_of_it(database: &TestDatabase) -> String {
    let owner = database.owner().await;
    snapshot::schema(&database.target()).await.unwrap() + &snapshot::rights(&owner).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_migration_can_be_taken_back_and_applied_again() {
    let database = TestDatabase::empty().await;
    let (target, passwords) = (database.target(), database.passwords_dir());
    let applied = migrate(&target, &passwords, Direction::Up).await.unwrap();
    let full = all_of_it(&database).await;
    // Step by step: what each step down leaves must be what the way up finds there.
    let mut left = vec![full.clone()];
    for _ in &applied {
        migrate(&target, &passwords, Direction::DownOne).await.unwrap();
        left.push(all_of_it(&database).await);
    }
    let none = left.pop().unwrap();
    for (number, expected) in (1..).zip(left.iter().rev()) {
        apply_next(&database).await;
        let found = all_of_it(&database).await;
        assert!(&found == expected, "after migration {number}:\n{}", difference(expected, &found));
    }
    assert!(!none.contains("CREATE TABLE") && !none.contains("CREATE FUNCTION"), "{none}");
    assert_eq!(migrate(&target, &passwords, Direction::Up).await.unwrap(), Vec::<String>::new());
}

async fn apply_next(database: &TestDatabase) {
    let connection = AsyncPgConnection::try_from(database.owner().await).await.unwrap();
    AsyncMigrationHarness::new(connection).run_next_migration(MIGRATIONS).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_migrators_at_once_do_the_work_once() {
    let database = TestDatabase::empty().await;
    let (target, passwords) = (database.target(), database.passwords_dir());
    let (one, other) = tokio::join!(
        tokio::spawn({
            let (target, passwords) = (target.clone(), passwords.clone());
            async move { migrate(&target, &passwords, Direction::Up).await.unwrap().len() }
        }),
        tokio::spawn(async move { migrate(&target, &passwords, Direction::Up).await.unwrap().len() })
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(one.min(other) == 0 && one.max(other) > 0, "{one} and {other}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_generated_files_are_fresh() {
    let database = TestDatabase::new().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let owner = database.owner().await;
    let fresh = [
        (snapshot::SCHEMA_FILE, snapshot::schema(&database.target()).await.unwrap()),
        (snapshot::RIGHTS_FILE, snapshot::rights(&owner).await.unwrap()),
    ];
    for (file, text) in fresh {
        let kept = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
        assert!(kept == text, "migrations/{file} is stale: run `make snapshots` and look at the difference");
    }
}

fn difference(expected: &str, found: &str) -> String {
    let only = |a: &str, b: &str, sign| {
        a.lines().filter(|line| !b.lines().any(|other| other == *line)).map(|line| format!("{sign} {line}\n")).collect::<String>()
    };
    only(expected, found, '-') + &only(found, expected, '+')
}
