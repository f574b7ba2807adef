//! Times as people read them: in their own zone, with its name, and in UTC beside it.

use std::str::FromStr;

use chrono::{DateTime, Datelike as _, TimeZone, Timelike as _, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::{Message, say};

/// A zone of the IANA database, by its name: `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Zone(Tz);

/// The text names no zone; to be read after the member's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoZone;

crate::says!(NoZone, |NoZone| say!(timezone_unknown));

impl Zone {
    /// The zone of whoever names none.
    pub const UTC: Self = Self(Tz::UTC);

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl FromStr for Zone {
    type Err = NoZone;

    fn from_str(name: &str) -> Result<Self, NoZone> {
        name.parse().map(Self).map_err(|_| NoZone)
    }
}

impl TryFrom<String> for Zone {
    type Error = NoZone;

    fn try_from(name: String) -> Result<Self, NoZone> {
        name.parse()
    }
}

/// A time for people: "Friday, 27 November 2026 at 01:00 UTC", or the local time of another zone with UTC in brackets.
#[must_use]
pub fn when(at: DateTime<Utc>, zone: Zone) -> Message {
    let utc = say!(
        time_in_utc,
        weekday = weekday(&at),
        day = at.day(),
        month = month(&at),
        year = at.year().to_string(),
        clock = clock(&at)
    );
    if zone == Zone::UTC {
        return utc;
    }
    let local = at.with_timezone(&zone.0);
    say!(
        time_in_zone,
        weekday = weekday(&local),
        day = local.day(),
        month = month(&local),
        year = local.year().to_string(),
        clock = clock(&local),
        zone = zone.name(),
        utc = utc
    )
}

/// The same without the day of the week, as pages show times: "27 November 2026, 01:00 UTC".
#[must_use]
pub fn short(at: DateTime<Utc>, zone: Zone) -> Message {
    let year = |year: i32| year.to_string();
    let utc = say!(short_time_in_utc, day = at.day(), month = month(&at), year = year(at.year()), clock = clock(&at));
    if zone == Zone::UTC {
        return utc;
    }
    let local = at.with_timezone(&zone.0);
    let (day, month, clock) = (local.day(), month(&local), clock(&local));
    say!(short_time_in_zone, day = day, month = month, year = year(local.year()), clock = clock, zone = zone.name(), utc = utc)
}

fn weekday<T: TimeZone>(at: &DateTime<T>) -> Message {
    say!(weekday, number = at.weekday().number_from_monday())
}

fn month<T: TimeZone>(at: &DateTime<T>) -> Message {
    say!(month, number = at.month())
}

fn clock<T: TimeZone>(at: &DateTime<T>) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(at: &str, zone: &str) -> String {
        when(at.parse().unwrap(), zone.parse().unwrap()).to_string()
    }

    #[test]
    fn a_time_is_shown_in_its_zone_and_in_utc() {
        assert_eq!(shown("2026-11-27T01:00:00Z", "UTC"), "Friday, 27 November 2026 at 01:00 UTC");
        assert_eq!(
            shown("2026-11-26T23:05:00Z", "Europe/Berlin"),
            "Friday, 27 November 2026 at 00:05 Europe/Berlin (Thursday, 26 November 2026 at 23:05 UTC)"
        );
        assert_eq!(
            shown("2026-07-01T12:00:00Z", "America/St_Johns"),
            "Wednesday, 1 July 2026 at 09:30 America/St_Johns (Wednesday, 1 July 2026 at 12:00 UTC)"
        );
    }

    #[test]
    fn a_page_shows_the_same_shorter() {
        let at = "2026-11-26T23:05:00Z".parse().unwrap();
        assert_eq!(short(at, Zone::UTC).to_string(), "26 November 2026, 23:05 UTC");
        let local = short(at, "Europe/Berlin".parse().unwrap()).to_string();
        assert_eq!(local, "27 November 2026, 00:05 Europe/Berlin (26 November 2026, 23:05 UTC)");
    }

    #[test]
    fn the_hour_before_and_after_the_clocks_go_back_differ_in_utc() {
        let (before, after) = (shown("2026-10-25T00:30:00Z", "Europe/Berlin"), shown("2026-10-25T01:30:00Z", "Europe/Berlin"));
        assert!(before.starts_with("Sunday, 25 October 2026 at 02:30") && before.ends_with("at 00:30 UTC)"), "{before}");
        assert!(after.starts_with("Sunday, 25 October 2026 at 02:30") && after.ends_with("at 01:30 UTC)"), "{after}");
    }

    #[test]
    fn only_names_of_the_database_are_zones() {
        for name in ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Asia/Kathmandu"] {
            assert_eq!(name.parse::<Zone>().unwrap().name(), name);
        }
        for name in ["", "Berlin", "europe/berlin", "+01:00", "CEST", "Mars/Olympus"] {
            assert_eq!(name.parse::<Zone>(), Err(NoZone), "{name}");
        }
    }
}
