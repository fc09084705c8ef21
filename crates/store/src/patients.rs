//! Everything of one patient, over visits and datasets.

use crate::{
    Erased, FilesGone, StoreError, Stores,
    deletions::{Erasure, empty_journal, erase_documents, erase_visit, is_held, keep},
    rows::parsed,
};
use cloister_access::{ErasePatient, Grant, Permission, PreviewRetention};
use cloister_domain::{DatasetId, EncounterId, Pseudonym, RecordingId, Sensitive, Timestamp};
use rusqlite::{Connection, TransactionBehavior};
use std::io;

/// Whether a record number, as a visit shows it or a report has it, is the patient's.
pub type IsPatient<'a> = dyn Fn(&str) -> bool + 'a;

/// What there is of one patient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfPatient {
    /// Visits.
    pub visits: Vec<PatientVisit>,
    /// Reports, by dataset.
    pub reports: Vec<PatientReports>,
}

/// A visit of the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientVisit {
    /// The visit.
    pub id: EncounterId,
    /// When it began.
    pub created: Timestamp,
    /// Whether a legal hold keeps it.
    pub held: bool,
}

/// Reports of the patient in one dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientReports {
    /// The dataset.
    pub dataset: DatasetId,
    /// Its name.
    pub name: Sensitive<String>,
    /// Ids of the reports.
    pub documents: Vec<String>,
    /// Whether a legal hold keeps the dataset.
    pub held: bool,
}

/// The two acts that look for a patient everywhere.
pub trait FindsPatient: Permission {}
impl FindsPatient for PreviewRetention {}
impl FindsPatient for ErasePatient {}

impl Stores {
    /// What there is.
    ///
    /// # Errors
    /// When a store fails.
    pub fn of_patient(&self, _by: &Grant<impl FindsPatient>, is: &IsPatient<'_>) -> Result<OfPatient, StoreError> {
        Ok(OfPatient { visits: visits(&*self.visits()?, is)?, reports: reports(&*self.research()?, is)? })
    }

    /// Erases a visit of the patient.
    ///
    /// # Errors
    /// [`StoreError::Held`]; [`StoreError::UnderWay`]; [`StoreError::NotFound`] when it is not the patient's.
    pub fn erase_patients_visit(
        &self,
        by: &Grant<ErasePatient>,
        is: &IsPatient<'_>,
        visit: EncounterId,
        now: Timestamp,
        unlink: impl FnOnce(&[RecordingId]) -> io::Result<FilesGone>,
    ) -> Result<Erased, StoreError> {
        let mut db = self.visits()?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let id = visit.to_string();
        let title: String = tx.query_row("SELECT title FROM encounters WHERE id = ?1", [&id], |r| r.get(0))?;
        if !is(&title) {
            return Err(StoreError::NotFound);
        }
        let receipt = erase_visit(&Erasure { tx: &tx, by: by.user(), now }, &id, unlink)?;
        let kept = keep(&tx, &receipt, now)?;
        tx.commit()?;
        Ok(Erased { receipt, kept, journal_emptied: empty_journal(&db) })
    }

    /// Erases the patient's reports with their results and decisions, in every dataset that no hold keeps. `None` when
    /// there are none.
    ///
    /// # Errors
    /// When the store fails.
    pub fn erase_patients_reports(
        &self,
        by: &Grant<ErasePatient>,
        is: &IsPatient<'_>,
        patient: Pseudonym,
        now: Timestamp,
    ) -> Result<Option<Erased>, StoreError> {
        let mut db = self.research()?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: Vec<_> = reports(&tx, is)?.into_iter().filter(|r| !r.held).collect();
        if found.is_empty() {
            return Ok(None);
        }
        let documents: Vec<_> = found.iter().flat_map(|r| &r.documents).map(String::as_str).collect();
        let receipt = erase_documents(&Erasure { tx: &tx, by: by.user(), now }, patient, &documents)?;
        for of in &found {
            let gone = of.documents.len() as u64;
            let sql = "UPDATE datasets SET documents = documents - ?2 WHERE id = ?1";
            tx.execute(sql, rusqlite::params![of.dataset.to_string(), gone])?;
        }
        let kept = keep(&tx, &receipt, now)?;
        tx.commit()?;
        Ok(Some(Erased { receipt, kept, journal_emptied: empty_journal(&db) }))
    }
}

fn visits(db: &Connection, is: &IsPatient<'_>) -> Result<Vec<PatientVisit>, StoreError> {
    let mut statement = db.prepare("SELECT id, title, created_ms FROM encounters ORDER BY created_ms, id")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if is(&row.get::<_, String>(1)?) {
            let id: EncounterId = parsed(row, 0)?;
            let held = is_held(db, &id.to_string())?;
            found.push(PatientVisit { id, created: Timestamp::from_millis(row.get(2)?), held });
        }
    }
    Ok(found)
}

fn reports(db: &Connection, is: &IsPatient<'_>) -> Result<Vec<PatientReports>, StoreError> {
    let mut statement = db.prepare(
        "SELECT o.id, o.external_id, o.patient, d.id, d.name FROM documents o JOIN datasets d ON d.id = o.dataset
         ORDER BY d.created_ms, d.id, o.ordinal",
    )?;
    let mut rows = statement.query([])?;
    let mut found: Vec<PatientReports> = Vec::new();
    while let Some(row) = rows.next()? {
        let (external, patient): (String, Option<String>) = (row.get(1)?, row.get(2)?);
        if !is(&external) && !patient.is_some_and(|p| is(&p)) {
            continue;
        }
        let dataset: DatasetId = parsed(row, 3)?;
        let document: String = row.get(0)?;
        match found.last_mut().filter(|last| last.dataset == dataset) {
            Some(last) => last.documents.push(document),
            None => found.push(PatientReports {
                dataset,
                name: Sensitive::new(row.get(4)?),
                documents: vec![document],
                held: is_held(db, &dataset.to_string())?,
            }),
        }
    }
    Ok(found)
}
