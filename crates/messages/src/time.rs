//! Times as people read them: in their own zone, with its name, and in UTC beside it.

use std::str::FromStr;

use chrono::{DateTime, Datelike as _, Duration, NaiveDateTime, TimeZone, Timelike as _, Utc};
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

/// The same for somebody who works in that zone, as organisers do: "Friday, 27 November 2026, 01:00 (Europe/Berlin)".
#[must_use]
pub fn local(at: DateTime<Utc>, zone: Zone) -> Message {
    let local = at.with_timezone(&zone.0);
    let (weekday, day, month) = (weekday(&local), local.day(), month(&local));
    say!(
        local_time,
        weekday = weekday,
        day = day,
        month = month,
        year = local.year().to_string(),
        clock = clock(&local),
        zone = zone.name()
    )
}

/// A span of time in its two largest units, rounded down: "6 days 23 hours", "5 minutes". Less than a minute is "less than a minute".
#[must_use]
pub fn span(seconds: i64) -> Message {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (1.., 0, _) => say!(span_days, days = days),
        (1.., _, _) => say!(span_two, first = say!(span_days, days = days), second = say!(span_hours, hours = hours)),
        (_, 1.., 0) => say!(span_hours, hours = hours),
        (_, 1.., _) => say!(span_two, first = say!(span_hours, hours = hours), second = say!(span_minutes, minutes = minutes)),
        (_, _, 1..) => say!(span_minutes, minutes = minutes),
        _ => say!(span_moment),
    }
}

impl Zone {
    /// What a clock in this zone shows at that moment, as the fields of a form have it: `2026-11-27T01:00`.
    #[must_use]
    pub fn typed(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.0).format("%Y-%m-%dT%H:%M").to_string()
    }

    /// The moment at which a clock in this zone shows `2026-11-27T01:00`. When clocks go back an hour comes twice, and the first one is
    /// meant; one that they skip is the same number of minutes after the hour that they skip to. `None` for what is no such text.
    #[must_use]
    pub fn meant(self, typed: &str) -> Option<DateTime<Utc>> {
        let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
        let local = formats.into_iter().find_map(|format| NaiveDateTime::parse_from_str(typed.trim(), format).ok())?;
        let skipped = || self.0.from_local_datetime(&(local + Duration::hours(1))).earliest();
        let meant = self.0.from_local_datetime(&local).earliest().or_else(skipped)?;
        Some(meant.with_timezone(&Utc))
    }

    /// Every zone of the database, in the order of their names.
    pub fn all() -> impl Iterator<Item = Self> {
        chrono_tz::TZ_VARIANTS.into_iter().map(Self)
    }
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
    fn organisers_read_and_type_times_of_their_own_clocks() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        let at = "2026-11-26T23:05:00Z".parse().unwrap();
        assert_eq!(local(at, berlin).to_string(), "Friday, 27 November 2026, 00:05 (Europe/Berlin)");
        assert_eq!(local(at, berlin).on_page(crate::Language::German), "Freitag, 27. November 2026, 00:05 Uhr (Europe/Berlin)");
        assert_eq!((berlin.typed(at).as_str(), berlin.meant("2026-11-27T00:05")), ("2026-11-27T00:05", Some(at)));
        let meant = |typed: &str| berlin.meant(typed).map(|at| at.to_string());
        assert_eq!(meant("2026-10-25T02:30").as_deref(), Some("2026-10-25 00:30:00 UTC"), "the first of the two");
        assert_eq!(meant("2026-03-29T02:30").as_deref(), Some("2026-03-29 01:30:00 UTC"), "there is no such time; an hour later");
        for typed in ["", "tomorrow", "2026-02-30T08:00", "2026-11-27", "27.11.2026 08:00"] {
            assert_eq!(meant(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_span_is_said_in_its_two_largest_units() {
        let said = |seconds: i64| span(seconds).to_string();
        assert_eq!(said(6 * 86_400 + 23 * 3600 + 59 * 60), "6 days 23 hours");
        assert_eq!((said(86_400), said(86_400 + 3600)), ("1 day".to_owned(), "1 day 1 hour".to_owned()));
        assert_eq!(
            (said(3660), said(7200), said(300)),
            ("1 hour 1 minute".to_owned(), "2 hours".to_owned(), "5 minutes".to_owned())
        );
        assert_eq!(
            (said(59), said(0), said(-5)),
            ("less than a minute".to_owned(), "less than a minute".to_owned(), "less than a minute".to_owned())
        );
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
