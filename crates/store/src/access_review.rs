//! Who may see what, as a list to go through.

use crate::{StoreError, Stores, rows::parsed};
use cloister_access::{Grant, ReviewAccess};
use cloister_domain::{DatasetId, EncounterId, Sensitive, UserId};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// A visit or dataset that more than its owner may open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenAway<I> {
    /// Which.
    pub id: I,
    /// What its list shows.
    pub name: Sensitive<String>,
    /// Whose it is.
    pub owner: UserId,
    /// Who was given it.
    pub with: Vec<UserId>,
}

/// What there is in one store, and who may open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings<I> {
    /// How many each person owns.
    pub owned: BTreeMap<UserId, u64>,
    /// What was given to others.
    pub given: Vec<GivenAway<I>>,
}

impl Stores {
    /// Visits and who may open them.
    ///
    /// # Errors
    /// [`StoreError::NotOpen`] for a role without the visits' key; otherwise when the store fails.
    pub fn visit_holdings(&self, _by: &Grant<ReviewAccess>) -> Result<Holdings<EncounterId>, StoreError> {
        let db = self.visits()?;
        holdings(
            &db,
            "SELECT owner, count(*) FROM encounters GROUP BY owner",
            "SELECT e.id, e.title, e.owner, s.user FROM encounter_shares s JOIN encounters e ON e.id = s.encounter
             ORDER BY e.created_ms DESC, e.id DESC, s.user",
        )
    }

    /// Datasets and who may open them.
    ///
    /// # Errors
    /// [`StoreError::NotOpen`] for a role without the research key; otherwise when the store fails.
    pub fn dataset_holdings(&self, _by: &Grant<ReviewAccess>) -> Result<Holdings<DatasetId>, StoreError> {
        let db = self.research()?;
        holdings(
            &db,
            "SELECT owner, count(*) FROM datasets GROUP BY owner",
            "SELECT d.id, d.name, d.owner, g.user FROM dataset_grants g JOIN datasets d ON d.id = g.dataset
             ORDER BY d.created_ms DESC, d.id DESC, g.user",
        )
    }
}

fn holdings<I: std::str::FromStr + PartialEq>(
    db: &Connection,
    owned: &str,
    given: &str,
) -> Result<Holdings<I>, StoreError> {
    let mut all = Holdings { owned: BTreeMap::new(), given: Vec::<GivenAway<I>>::new() };
    let mut statement = db.prepare(owned)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        all.owned.insert(parsed(row, 0)?, row.get(1)?);
    }
    let mut statement = db.prepare(given)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, with) = (parsed::<I>(row, 0)?, parsed(row, 3)?);
        match all.given.last_mut() {
            Some(last) if last.id == id => last.with.push(with),
            _ => {
                let name = Sensitive::new(row.get(1)?);
                all.given.push(GivenAway { id, name, owner: parsed(row, 2)?, with: vec![with] });
            }
        }
    }
    Ok(all)
}
