//! Words looked for in visits and reports, with SQLite's FTS5 inside the encrypted stores. Titles and signed notes are
//! taken up by triggers as they come; transcripts and reports by the next search, so that no import waits for it. What
//! is erased leaves the index at once, and `secure-delete` leaves no trace of it there.

use crate::{
    StoreError, Stores,
    rows::{parsed, word},
    transcripts::newest,
};
use cloister_access::{Grant, SearchEncounters, SearchReports};
use cloister_domain::{BatchId, DatasetId, DocumentId, EncounterId, EncounterState, Role, Sensitive, Timestamp};
use rusqlite::{Connection, Row, TransactionBehavior, params};

/// What a person looks for: every word must occur, in any order, as itself or as a word's beginning.
#[derive(Debug, Clone)]
pub struct SearchWords(Sensitive<String>);

/// The most words of one search; the others are passed over.
const MOST_WORDS: usize = 24;

impl SearchWords {
    /// From what was typed; `None` when there is no letter or digit in it.
    #[must_use]
    pub fn new(typed: &Sensitive<String>) -> Option<Self> {
        let words = typed.expose("made into a query of the encrypted store").split_whitespace();
        let asked: Vec<String> = words
            .filter(|w| w.chars().any(char::is_alphanumeric))
            .take(MOST_WORDS)
            // A string in quotes is words and nothing else: whatever else FTS5 knows is not reached from here.
            .map(|w| format!("\"{}\"*", w.replace(['"', '\0'], " ")))
            .collect();
        (!asked.is_empty()).then(|| Self(Sensitive::new(asked.join(" "))))
    }

    fn query(&self) -> &str {
        self.0.expose("a query of the encrypted store")
    }
}

/// A part of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The words.
    pub text: Sensitive<String>,
    /// Whether it is what was looked for.
    pub hit: bool,
}

/// A visit with the words.
#[derive(Debug, Clone)]
pub struct VisitHit {
    /// The visit.
    pub encounter: EncounterId,
    /// A record number or a pseudonym.
    pub title: Sensitive<String>,
    /// How far it is.
    pub state: EncounterState,
    /// When it began.
    pub created: Timestamp,
    /// Where the words stand: `title`, `transcript`, `note`.
    pub place: String,
    /// Them, and what stands around.
    pub excerpt: Vec<Excerpt>,
}

/// A report with the words.
#[derive(Debug, Clone)]
pub struct ReportHit {
    /// The report.
    pub document: DocumentId,
    /// Its id in the source.
    pub external_id: Sensitive<String>,
    /// Its dataset.
    pub dataset: DatasetId,
    /// The dataset's name.
    pub dataset_name: String,
    /// The newest run with a result of it.
    pub batch: Option<BatchId>,
    /// The words, and what stands around.
    pub excerpt: Vec<Excerpt>,
}

/// Marks around what was looked for, as SQLite sets them. No text holds them: they are control characters.
const HIT: char = '\u{1}';
const END: char = '\u{2}';

impl Stores {
    /// Takes up the words of at most `most` transcripts that no search has seen yet, and says how many are left.
    ///
    /// # Errors
    /// When the store fails.
    pub fn take_up_transcripts(&self, _by: &Grant<SearchEncounters>, most: u32) -> Result<u64, StoreError> {
        const UNSEEN: &str = "FROM encounters e JOIN transcripts t ON t.id =
                (SELECT id FROM transcripts WHERE encounter = e.id ORDER BY created_ms DESC, id DESC LIMIT 1)
            WHERE NOT EXISTS (SELECT 1 FROM searchable WHERE kind = 'transcript' AND source = t.id)";
        let mut db = self.visits()?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let unseen: Vec<(EncounterId, String)> = tx
            .prepare_cached(&format!("SELECT e.id, t.id {UNSEEN} LIMIT ?1"))?
            .query_and_then([most], |r| Ok((parsed(r, 0)?, r.get(1)?)))?
            .collect::<Result<_, StoreError>>()?;
        for (encounter, transcript) in &unseen {
            let Some(said) = newest(&tx, *encounter)? else { continue };
            let text = said.spoken_text();
            let encounter = encounter.to_string();
            tx.execute("DELETE FROM searchable WHERE kind = 'transcript' AND encounter = ?1", [&encounter])?;
            tx.execute(
                "INSERT INTO searchable (encounter, kind, source, text) VALUES (?1, 'transcript', ?2, ?3)",
                params![encounter, transcript, text.text().expose("kept in the encrypted store")],
            )?;
        }
        let left = if unseen.len() < most as usize { 0 } else { counted(&tx, &format!("SELECT count(*) {UNSEEN}"))? };
        tx.commit()?;
        Ok(left)
    }

    /// Visits with the words, the best first: one's own and those shared with one, whatever the role. A visit
    /// stands there once for each place that has them.
    ///
    /// # Errors
    /// When the store fails.
    pub fn search_visits(
        &self,
        by: &Grant<SearchEncounters>,
        words: &SearchWords,
        most: u32,
    ) -> Result<Vec<VisitHit>, StoreError> {
        let db = self.visits()?;
        let mut statement = db.prepare_cached(
            "SELECT e.id, e.title, e.state, e.created_ms, s.kind, snippet(visit_words, 0, ?4, ?5, '…', 20)
             FROM visit_words JOIN searchable s ON s.id = visit_words.rowid JOIN encounters e ON e.id = s.encounter
             WHERE visit_words MATCH ?1 AND (e.owner = ?2
                OR EXISTS (SELECT 1 FROM encounter_shares WHERE encounter = e.id AND user = ?2))
             ORDER BY rank, e.created_ms DESC LIMIT ?3",
        )?;
        let marks = (HIT.to_string(), END.to_string());
        statement
            .query_and_then(params![words.query(), by.user().to_string(), most, marks.0, marks.1], |r| {
                Ok(VisitHit {
                    encounter: parsed(r, 0)?,
                    title: Sensitive::new(r.get(1)?),
                    state: word(&r.get::<_, String>(2)?)?,
                    created: Timestamp::from_millis(r.get(3)?),
                    place: r.get(4)?,
                    excerpt: excerpt(r, 5)?,
                })
            })?
            .collect()
    }

    /// Takes up the words of at most `most` reports that no search has seen yet, and says how many are left.
    ///
    /// # Errors
    /// When the store fails.
    pub fn take_up_reports(&self, _by: &Grant<SearchReports>, most: u32) -> Result<u64, StoreError> {
        const UNSEEN: &str = "FROM documents d WHERE NOT EXISTS (SELECT 1 FROM document_numbers WHERE document = d.id)";
        let mut db = self.research()?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let last: i64 = tx.query_row("SELECT coalesce(max(id), 0) FROM document_numbers", [], |r| r.get(0))?;
        let new =
            tx.execute(&format!("INSERT INTO document_numbers (document) SELECT d.id {UNSEEN} LIMIT ?1"), [most])?;
        tx.execute(
            "INSERT INTO document_words(rowid, text) SELECT id, text FROM numbered_documents WHERE id > ?1",
            [last],
        )?;
        let left = if new < most as usize { 0 } else { counted(&tx, &format!("SELECT count(*) {UNSEEN}"))? };
        tx.commit()?;
        Ok(left)
    }

    /// Reports with the words, the best first, of the datasets that this person may read.
    ///
    /// # Errors
    /// When the store fails.
    pub fn search_reports(
        &self,
        by: &Grant<SearchReports>,
        words: &SearchWords,
        most: u32,
    ) -> Result<Vec<ReportHit>, StoreError> {
        let db = self.research()?;
        let mut statement = db.prepare_cached(
            "SELECT d.id, d.external_id, s.id, s.name, snippet(document_words, 0, ?5, ?6, '…', 20),
                (SELECT r.batch FROM results r JOIN batches b ON b.id = r.batch WHERE r.document = d.id
                 ORDER BY b.created_ms DESC LIMIT 1)
             FROM document_words JOIN document_numbers n ON n.id = document_words.rowid
             JOIN documents d ON d.id = n.document JOIN datasets s ON s.id = d.dataset
             WHERE document_words MATCH ?1 AND (?2 OR s.owner = ?3
                OR EXISTS (SELECT 1 FROM dataset_grants WHERE dataset = s.id AND user = ?3))
             ORDER BY rank LIMIT ?4",
        )?;
        let all = by.role() == Role::Administrator;
        let marks = (HIT.to_string(), END.to_string());
        statement
            .query_and_then(params![words.query(), all, by.user().to_string(), most, marks.0, marks.1], |r| {
                let batch: Option<String> = r.get(5)?;
                Ok(ReportHit {
                    document: parsed(r, 0)?,
                    external_id: Sensitive::new(r.get(1)?),
                    dataset: parsed(r, 2)?,
                    dataset_name: r.get(3)?,
                    excerpt: excerpt(r, 4)?,
                    batch: batch.map(|id| id.parse().map_err(|_| StoreError::Unreadable("id"))).transpose()?,
                })
            })?
            .collect()
    }
}

fn counted(db: &Connection, sql: &str) -> Result<u64, StoreError> {
    Ok(u64::try_from(db.query_row(sql, [], |r| r.get::<_, i64>(0))?).unwrap_or(0))
}

fn excerpt(row: &Row<'_>, column: usize) -> Result<Vec<Excerpt>, StoreError> {
    Ok(parts(&row.get::<_, String>(column)?))
}

/// A marked text taken apart at its marks.
fn parts(marked: &str) -> Vec<Excerpt> {
    let part = |text: &str, hit| Excerpt { text: Sensitive::new(text.to_owned()), hit };
    let mut parts = Vec::new();
    for (i, piece) in marked.split(HIT).enumerate() {
        let (hit, rest) = if i == 0 { ("", piece) } else { piece.split_once(END).unwrap_or((piece, "")) };
        parts.extend([part(hit, true), part(rest, false)].into_iter().filter(|p| !p.text.expose("shown").is_empty()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(typed: &str) -> Option<String> {
        SearchWords::new(&Sensitive::new(typed.to_owned())).map(|w| w.query().to_owned())
    }

    #[test]
    fn whatever_is_typed_is_words_and_never_a_query() {
        assert_eq!(asked("dry cough").as_deref(), Some("\"dry\"* \"cough\"*"));
        assert_eq!(asked("NEAR(a \"b\" OR) text:x").as_deref(), Some("\"NEAR(a\"* \" b \"* \"OR)\"* \"text:x\"*"));
        assert_eq!(asked("  -- \" * ( "), None);
        assert_eq!(asked("").as_deref(), None);
    }

    #[test]
    fn an_excerpt_comes_apart_at_its_marks() {
        let said = |marked: &str| -> Vec<(String, bool)> {
            parts(marked).iter().map(|p| (p.text.expose("test").clone(), p.hit)).collect()
        };
        assert_eq!(
            said("a \u{1}dry\u{2} \u{1}cough\u{2}…"),
            [
                ("a ".to_owned(), false),
                ("dry".to_owned(), true),
                (" ".to_owned(), false),
                ("cough".to_owned(), true),
                ("…".to_owned(), false)
            ]
        );
        assert_eq!(said("\u{1}no end"), [("no end".to_owned(), true)]);
    }
}
