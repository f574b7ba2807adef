//! Everything that any service's role can read about one voter, after the close: for showing that two voters to whom different
//! things happened while voting was open cannot be told apart.
//!
//! It is read from the grants, so a new table or column is covered by itself. What several roles see is put together: they could
//! work together. Row-level security is not looked at, so more is compared here than a role can see.
//!
//! What ANALYZE has sampled is compared too: each value that stands in `pg_stats` counts as a row of its table with this column alone.
//!
//! A row is about a voter when it holds their address (also inside a longer text), or a number, UUID or byte string that another
//! row about them holds. In the answer these are replaced by the name of their kind, and times after the close by words; everything
//! else stands as it is.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Answers one text: JSON with every column that any service's role may SELECT, as `{table: {column: type}}`.
pub const READABLE: &str = "
    SELECT jsonb_object_agg(t.relname, t.columns)::text FROM (
        SELECT c.relname, jsonb_object_agg(a.attname, format_type(a.atttypid, NULL)) AS columns
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
          AND EXISTS (SELECT FROM pg_roles r WHERE r.rolname LIKE '%\\_service' AND has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT'))
        GROUP BY c.relname) t";

/// Tables about the election, not about a voter: what stands here leads from one voter to all the others.
const ELECTION_TABLES: [&str; 11] = [
    "admins",
    "amendments",
    "box_commitments",
    "candidates",
    "chain_heads",
    "contests",
    "elections",
    "manifests",
    "tallies",
    "tally_signatures",
    "used_notices",
];

/// What the roles can read.
#[derive(Debug)]
pub struct Traces {
    columns: Map<String, Value>,
    rows: Vec<(String, Map<String, Value>)>,
    shared: BTreeSet<Key>,
    closed_at: String,
}

/// A value that leads from one row to another. Numbers count only within columns of one name.
type Key = (String, String);

/// The statement that answers, as one text, what [`READABLE`]'s answer says can be read.
///
/// # Panics
/// It is not READABLE's answer.
#[must_use]
pub fn all_rows(readable: &str) -> String {
    let columns: Map<String, Value> = serde_json::from_str(readable).expect("the answer of READABLE");
    let table = |(table, columns): (&String, &Value)| {
        let column = |(name, kind): (&String, &Value)| {
            if kind == "timestamp with time zone" {
                return format!("to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') AS {name}");
            }
            format!("\"{name}\"")
        };
        let list: Vec<String> = columns.as_object().expect("a table").iter().map(column).collect();
        format!("('{table}', (SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') FROM (SELECT {} FROM {table}) r))", list.join(", "))
    };
    let mut tables: Vec<String> = columns.iter().map(table).collect();
    tables.push(format!("('{SAMPLED}', ({SAMPLES}))"));
    // One row for each table: there are leaves of every election, and a function takes a hundred arguments at the most.
    format!("SELECT jsonb_object_agg(t.name, t.of)::text FROM (VALUES {}) AS t (name, of)", tables.join(", "))
}

/// Under this name [`all_rows`] answers what was sampled.
const SAMPLED: &str = "pg_stats";
/// Every sampled value with its column. The leaf of an election is named as its parent.
const SAMPLES: &str = "SELECT coalesce(jsonb_agg(jsonb_build_object('table', regexp_replace(s.tablename, '_[0-9]+$', ''), 'column', s.attname, \
         'value', v.value)), '[]') \
     FROM pg_stats s CROSS JOIN LATERAL ( \
         SELECT unnest(s.most_common_vals::text::text[]) AS value \
         UNION ALL SELECT unnest(s.histogram_bounds::text::text[])) v WHERE s.schemaname = 'public'";

impl Traces {
    /// From the answers of [`READABLE`] and [`all_rows`], for an election that is closed.
    ///
    /// # Panics
    /// They are not these answers, or the election is not closed.
    #[must_use]
    pub fn read(readable: &str, all_rows: &str, election_id: i64) -> Self {
        let columns: Map<String, Value> = serde_json::from_str(readable).expect("the answer of READABLE");
        let tables: Map<String, Value> = serde_json::from_str(all_rows).expect("the answer of all_rows");
        let mut rows = Vec::new();
        for (table, found) in tables {
            if table == SAMPLED {
                rows.extend(found.as_array().expect("values").iter().filter_map(|value| sampled(&columns, value)));
                continue;
            }
            for row in found.as_array().expect("rows") {
                rows.push((table.clone(), row.as_object().expect("a row").clone()));
            }
        }
        let is_election = |(table, row): &&(String, Map<String, Value>)| {
            table == "elections" && row.get("closed_at").is_some() && row.get("election_id") == Some(&Value::from(election_id))
        };
        let closed_at = rows.iter().find(is_election).expect("the election").1["closed_at"].as_str().expect("closed").to_owned();
        let mut traces = Self { columns, rows, shared: BTreeSet::new(), closed_at };
        let of_election = traces.rows.iter().filter(|(table, _)| ELECTION_TABLES.contains(&table.as_str()));
        traces.shared = of_election.flat_map(|(table, row)| traces.keys(table, row)).collect();
        traces
    }

    fn keys(&self, table: &str, row: &Map<String, Value>) -> Vec<Key> {
        let key = |(column, value): (&String, &Value)| match (self.columns[table][column].as_str(), value) {
            (Some("bigint"), Value::Number(number)) if column.ends_with("_id") => Some((column.clone(), number.to_string())),
            (Some("uuid"), Value::String(text)) => Some((String::new(), text.clone())),
            // 16 bytes and more: "\x" and two digits each.
            (Some("bytea"), Value::String(text)) if text.len() >= 34 => Some((String::new(), text.clone())),
            _ => None,
        };
        row.iter().filter_map(key).filter(|key| !self.shared.contains(key)).collect()
    }

    /// All rows about the voter who has, or had, one of these addresses. Sorted; two voters who cannot be told apart have the same.
    #[must_use]
    pub fn about(&self, addresses: &[&str]) -> Vec<String> {
        let mut known: BTreeSet<Key> = BTreeSet::new();
        let mut found: BTreeSet<usize> = BTreeSet::new();
        loop {
            let before = found.len();
            for (place, (table, row)) in self.rows.iter().enumerate() {
                let keys = self.keys(table, row);
                let is_named = row.values().any(|value| value.as_str().is_some_and(|text| names_one(text, addresses)));
                if !found.contains(&place) && (is_named || keys.iter().any(|key| known.contains(key))) {
                    found.insert(place);
                    known.extend(keys);
                }
            }
            if found.len() == before {
                break;
            }
        }
        let mut about: Vec<String> = found.into_iter().map(|place| self.neutral(place, &known, addresses)).collect();
        about.sort();
        about
    }

    fn neutral(&self, place: usize, known: &BTreeSet<Key>, addresses: &[&str]) -> String {
        let (table, row) = &self.rows[place];
        let mut neutral = Map::new();
        for (column, value) in row {
            let kind = self.columns[table][column].as_str().expect("a type");
            let one = Map::from_iter([(column.clone(), value.clone())]);
            let shown = match value {
                _ if self.keys(table, &one).iter().any(|key| known.contains(key)) => {
                    Value::from(format!("<{kind} of the voter>"))
                }
                Value::String(time) if kind == "timestamp with time zone" && *time > self.closed_at => {
                    Value::from("<after the close>")
                }
                Value::String(text) => Value::from(without(text, addresses)),
                other => other.clone(),
            };
            neutral.insert(column.clone(), shown);
        }
        format!("{table} {}", Value::Object(neutral))
    }
}

/// A sampled value as a row of its table; nothing if no service may read the column, and so not its samples either.
fn sampled(columns: &Map<String, Value>, value: &Value) -> Option<(String, Map<String, Value>)> {
    let (table, column) = (value["table"].as_str()?, value["column"].as_str()?);
    let text = value["value"].as_str()?;
    let value_of_type = match columns.get(table)?.get(column)?.as_str()? {
        "bigint" => Value::from(text.parse::<i64>().ok()?),
        _ => Value::from(text),
    };
    Some((table.to_owned(), Map::from_iter([(column.to_owned(), value_of_type)])))
}

fn names_one(text: &str, addresses: &[&str]) -> bool {
    let text = text.to_lowercase();
    addresses.iter().any(|address| text.contains(&address.to_lowercase()))
}

/// The text without the addresses: two voters' texts are then the same if nothing else is different.
#[must_use]
pub fn without(text: &str, addresses: &[&str]) -> String {
    addresses.iter().fold(text.to_owned(), |text, address| text.replace(address, "<address>"))
}
