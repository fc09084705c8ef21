//! What others ask of software like this, requirement by requirement: `assets/compliance.toml`, which is also
//! docs/compliance.md and the window's page.

use crate::AppError;
use serde::{Deserialize, Serialize};

const TABLE: &str = include_str!("../assets/compliance.toml");

/// The whole table.
#[derive(Debug, Deserialize, Serialize)]
pub struct Compliance {
    /// Where requirements come from.
    #[serde(rename(deserialize = "source"))]
    pub sources: Vec<ComplianceSource>,
    /// Requirements, in the order of their sources.
    #[serde(rename(deserialize = "requirement"))]
    pub requirements: Vec<Requirement>,
}

/// A document that asks for something.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ComplianceSource {
    /// Its short name in the table.
    pub key: String,
    /// Its title.
    pub title: String,
}

/// Something that is asked for.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// [`ComplianceSource::key`].
    pub source: String,
    /// Where in the source.
    pub clause: String,
    /// In our words.
    pub asks: String,
    /// How it stands.
    pub state: RequirementState,
    /// How it is met, or why it is not.
    pub how: String,
    /// A command or a document that shows it.
    pub check: String,
}

/// How a requirement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequirementState {
    /// The program does it.
    Met,
    /// Only the institution can.
    Yours,
    /// It does not apply.
    None,
    /// Not done.
    Later,
}

/// The table.
///
/// # Errors
/// When the bundled file is not one, which a test rules out.
pub(crate) fn compliance() -> Result<Compliance, AppError> {
    toml::from_str(TABLE).map_err(|_| AppError::Internal("the table of requirements"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fmt::Write as _, path::Path};

    fn document(table: &Compliance) -> String {
        let mut text = String::from(
            "# What others ask, one by one\n\nMade from `crates/app/assets/compliance.toml`; the same table is the page \
             Compliance in the window. It is an aid to\ndocumentation: check it against the sources before you rely on \
             it.\n\n**met**: the program does it. **yours**: only the institution can; what the program brings along. \
             **none**: it does not\napply to a program without network, server or third party. **later**: not done.\n",
        );
        for source in &table.sources {
            let _ = write!(text, "\n## {}\n\n| | asks | state | how | see |\n|---|---|---|---|---|\n", source.title);
            for r in table.requirements.iter().filter(|r| r.source == source.key) {
                let state = match r.state {
                    RequirementState::Met => "met",
                    RequirementState::Yours => "yours",
                    RequirementState::None => "none",
                    RequirementState::Later => "later",
                };
                let _ = writeln!(text, "| {} | {} | {state} | {} | `{}` |", r.clause, r.asks, r.how, r.check);
            }
        }
        text
    }

    #[test]
    fn each_requirement_has_its_source_and_what_it_points_at_is_there() {
        let table = compliance().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for r in &table.requirements {
            assert!(table.sources.iter().any(|s| s.key == r.source), "{}: {}", r.source, r.clause);
            assert!(!r.how.is_empty() && !r.asks.is_empty(), "{}: {}", r.source, r.clause);
            let looks_like_a_file = !r.check.contains(' ');
            assert!(!looks_like_a_file || root.join(&r.check).exists(), "{} is not there", r.check);
        }
        assert!(table.requirements.len() > 50);
    }

    #[test]
    fn the_document_is_the_table() {
        let text = document(&compliance().unwrap());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compliance.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert!(
            std::fs::read_to_string(&path).unwrap() == text,
            "run UPDATE_DOCS=1 cargo nextest run -p cloister-app compliance"
        );
    }
}
