//! Dates as RFC 3339 writes them.

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year, 0 to 9999.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

impl Date {
    /// A day that the (proleptic Gregorian) calendar has.
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        if day >= 1 && day <= last && year <= 9999 { Some(Self { year, month, day }) } else { None }
    }

    /// Reads RFC 3339 `full-date`: `2024-02-29`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        Self::new(digits(y, 4)?, u8::try_from(digits(m, 2)?).ok()?, u8::try_from(digits(d, 2)?).ok()?)
    }
}

fn digits(text: &str, count: usize) -> Option<u16> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Whether `text` is an RFC 3339 `full-date`.
#[must_use]
pub fn is_date(text: &str) -> bool {
    Date::parse(text).is_some()
}

/// Whether `text` is an RFC 3339 `date-time`: `2024-02-29T10:15:00Z`, with fractions and offsets.
#[must_use]
pub fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    if !is_date(date) {
        return false;
    }
    let (clock, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => return false,
    };
    let zulu = matches!(offset, "Z" | "z");
    let shifted = offset.get(1..).is_some_and(|o| clock_of(o, 2).is_some_and(|p| p[0] < 24 && p[1] < 60));
    let (whole, fraction) = clock.split_once('.').map_or((clock, None), |(w, f)| (w, Some(f)));
    let fine = fraction.is_none_or(|f| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()));
    // 60 is a leap second.
    fine && (zulu || shifted) && clock_of(whole, 3).is_some_and(|p| p[0] < 24 && p[1] < 60 && p[2] <= 60)
}

/// Two-digit parts separated by colons; unused ones are 0.
fn clock_of(text: &str, parts: usize) -> Option<[u16; 3]> {
    let mut out = [0; 3];
    let mut seen = 0;
    for (slot, part) in out.iter_mut().zip(text.split(':')) {
        *slot = digits(part, 2)?;
        seen += 1;
    }
    (seen == parts && text.split(':').count() == parts).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (text, right) in [
            ("2024-02-29", true),
            ("2023-02-29", false),
            ("2000-02-29", true),
            ("1900-02-29", false),
            ("2024-13-01", false),
            ("2024-04-31", false),
            ("2024-1-1", false),
            ("24-01-01", false),
            ("2024-01-01T00:00:00Z", false),
            ("２０２４-01-01", false),
            ("", false),
        ] {
            assert_eq!(is_date(text), right, "{text}");
        }
    }

    #[test]
    fn moments_need_a_zone() {
        for (text, right) in [
            ("2024-02-29T10:15:00Z", true),
            ("2024-02-29t10:15:00.25+01:00", true),
            ("2024-02-29T10:15:60Z", true),
            ("2024-02-29T10:15:00", false),
            ("2024-02-29T24:15:00Z", false),
            ("2024-02-29T10:15Z", false),
            ("2024-02-29 10:15:00Z", false),
            ("2024-02-29T10:15:00.Z", false),
            ("2024-02-29T10:15:00+1:00", false),
        ] {
            assert_eq!(is_date_time(text), right, "{text}");
        }
    }
}
