//! Exact decimal numbers, compared by value: `0.50` is `0.5`, and no rounding ever makes two doses equal.

/// A decimal number in lowest form: digits without outer zeros and the place of the last digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Decimal {
    negative: bool,
    /// No zero at either end; empty for zero.
    digits: String,
    /// The value is `digits` × 10^`exponent`.
    exponent: i32,
}

impl Decimal {
    /// Reads plain and scientific notation: `12`, `-0.5`, `.5`, `1e-3`. No group marks.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, power) = match rest.split_once(['e', 'E']) {
            Some((m, p)) => (m, p.parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let places = i32::try_from(fraction.len()).ok()?;
        Some(Self { negative, digits: format!("{whole}{fraction}"), exponent: power.checked_sub(places)? }.lowest())
    }

    /// Reads a number as texts write it: group commas (`1,200`) and, where `comma_is_point`, a decimal comma (`2,5`).
    pub(crate) fn parse_written(text: &str, comma_is_point: bool) -> Option<Self> {
        if !text.contains(',') {
            return Self::parse(text);
        }
        let sign = if text.starts_with('-') { "-" } else { "" };
        let (whole, fraction) =
            text.trim_start_matches('-').split_once('.').unwrap_or((text.trim_start_matches('-'), ""));
        let groups: Vec<&str> = whole.split(',').collect();
        let first = groups.first()?;
        let grouped = (1..=3).contains(&first.len()) && *first != "0" && groups.iter().skip(1).all(|g| g.len() == 3);
        if grouped {
            // "2,500 mg" is two thousand five hundred, wherever it stands.
            return Self::parse(&format!("{sign}{}.{fraction}", groups.concat()));
        }
        let [whole, part] = groups.as_slice() else { return None };
        ((comma_is_point || *whole == "0") && fraction.is_empty())
            .then(|| Self::parse(&format!("{sign}{whole}.{part}")))?
    }

    /// Ten to the power of `places` times as much.
    pub(crate) fn shifted(&self, places: i32) -> Self {
        let exponent = if self.digits.is_empty() { 0 } else { self.exponent.saturating_add(places) };
        Self { exponent, ..self.clone() }
    }

    /// A key that two numbers share exactly when they are equal.
    pub(crate) fn key(&self) -> String {
        format!("#{}{}e{}", if self.negative { "-" } else { "" }, self.digits, self.exponent)
    }

    fn lowest(mut self) -> Self {
        let trimmed = self.digits.trim_start_matches('0');
        let kept = trimmed.trim_end_matches('0');
        let dropped = i32::try_from(trimmed.len() - kept.len()).unwrap_or(0);
        self.exponent = self.exponent.saturating_add(dropped);
        self.digits = kept.to_owned();
        if self.digits.is_empty() {
            self.negative = false;
            self.exponent = 0;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<String> {
        Decimal::parse_written(text, false).map(|d| d.key())
    }

    #[test]
    fn equal_numbers_have_equal_keys_and_others_do_not() {
        for (a, b) in [
            ("0.5", ".5"),
            ("0.50", "0.5"),
            ("1,200", "1200"),
            ("1,200.50", "1200.5"),
            ("1e3", "1000"),
            ("-0", "0"),
            ("007", "7"),
            ("12,345,678", "12345678"),
            ("0,5", "0.5"),
            ("2,500", "2500"),
        ] {
            assert!(key(a).is_some() && key(a) == key(b), "{a} = {b}");
        }
        for (a, b) in [("0.5", "5"), ("5", "50"), ("1.2", "12"), ("-5", "5"), ("1,200", "1.2")] {
            assert_ne!(key(a), key(b), "{a} is not {b}");
        }
        for text in ["", ".", "-", "1.2.3", "1,2", "12,34", "a", "1e", "--1"] {
            assert_eq!(key(text), None, "{text}");
        }
    }

    #[test]
    fn a_decimal_comma_counts_only_where_it_is_expected() {
        let read = |t: &str| Decimal::parse_written(t, true).map(|d| d.key());
        assert_eq!(read("2,5"), key("2.5"));
        assert_eq!(read("2,500"), key("2500"), "three places behind a comma are a group");
    }

    #[test]
    fn shifting_is_exact() {
        let d = Decimal::parse("0.125").unwrap();
        assert_eq!(d.shifted(3).key(), Decimal::parse("125").unwrap().key());
        assert_eq!(Decimal::parse("0").unwrap().shifted(3).key(), Decimal::parse("0").unwrap().key());
    }
}
