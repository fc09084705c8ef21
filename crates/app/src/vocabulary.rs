//! Lists of names that the recogniser is told of, by specialty. They help it to spell what is said; words that were
//! only listed and not said never come out (the recogniser refuses an echo of its list).

use crate::AppError;

/// Of a person's own terms, at most so many are taken.
const MOST_TERMS: usize = 100;
/// Characters of one term.
const LONGEST_TERM: usize = 60;

const LISTS: &[(&str, &str)] = &[
    ("cardiology", include_str!("../assets/vocabulary/cardiology.txt")),
    ("general-practice", include_str!("../assets/vocabulary/general-practice.txt")),
    ("mental-health", include_str!("../assets/vocabulary/mental-health.txt")),
    ("respiratory", include_str!("../assets/vocabulary/respiratory.txt")),
];

/// A person's own terms first, then those of the list that they named.
///
/// # Errors
/// [`AppError::Usage`] names the lists there are, or the term that is too long.
pub(crate) fn terms(list: Option<&str>, own: &[String]) -> Result<Vec<String>, AppError> {
    if let Some(term) = own.iter().find(|t| t.chars().count() > LONGEST_TERM) {
        let start: String = term.chars().take(20).collect();
        return Err(AppError::Usage(format!("a term has at most {LONGEST_TERM} characters: {start}…")));
    }
    let mut terms: Vec<String> = own.iter().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect();
    terms.truncate(MOST_TERMS);
    if let Some(name) = list {
        let Some((_, text)) = LISTS.iter().find(|(n, _)| *n == name) else {
            let names: Vec<&str> = LISTS.iter().map(|(n, _)| *n).collect();
            return Err(AppError::Usage(format!(
                "there is no vocabulary called {name}; there are {}",
                names.join(", ")
            )));
        };
        terms.extend(listed(text));
    }
    Ok(terms)
}

fn listed(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn own_terms_come_first_and_unknown_lists_are_named() {
        let all = terms(Some("cardiology"), &["Harlow".to_owned(), "  ".to_owned()]).unwrap();
        assert_eq!((all[0].as_str(), all[1].as_str()), ("Harlow", "metoprolol"));
        let fault = terms(Some("heart"), &[]).unwrap_err().to_string();
        assert!(fault.contains("cardiology") && fault.contains("respiratory"), "{fault}");
        assert!(terms(None, &["x".repeat(61)]).is_err());
    }

    #[test]
    fn every_list_holds_terms_once_and_no_comment() {
        for (name, text) in LISTS {
            let mut found: Vec<String> = listed(text).collect();
            let count = found.len();
            found.sort();
            found.dedup();
            assert!(count >= 10 && found.len() == count && found.iter().all(|t| !t.contains('#')), "{name}");
        }
    }
}
