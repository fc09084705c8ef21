//! Who owns what, as the gate asks it.

use crate::{StoreError, Stores, emergencies::is_open_to};
use cloister_access::{Facts, FactsError, Relation, Target};
use cloister_domain::UserId;
use rusqlite::{Connection, OptionalExtension, params};

impl Facts for Stores {
    fn relation(&self, user: UserId, target: &Target) -> Result<Relation, FactsError> {
        let found = match target {
            Target::Encounter(id) => self.visits().and_then(|db| {
                let id = id.to_string();
                let known = relation(
                    &db,
                    "SELECT owner, EXISTS (SELECT 1 FROM encounter_shares WHERE encounter = e.id AND user = ?2)
                     FROM encounters e WHERE id = ?1",
                    &id,
                    user,
                )?;
                Ok(match known {
                    Relation::None if is_open_to(&db, &id, user, self.clock())? => Relation::Emergency,
                    known => known,
                })
            }),
            Target::Dataset(id) => self.dataset_relation(
                "SELECT d.owner, EXISTS (SELECT 1 FROM dataset_grants WHERE dataset = d.id AND user = ?2)
                 FROM datasets d WHERE d.id = ?1",
                &id.to_string(),
                user,
            ),
            Target::Document(id) => self.dataset_relation(
                "SELECT d.owner, EXISTS (SELECT 1 FROM dataset_grants WHERE dataset = d.id AND user = ?2)
                 FROM documents o JOIN datasets d ON d.id = o.dataset WHERE o.id = ?1",
                &id.to_string(),
                user,
            ),
            Target::Batch(id) => self.dataset_relation(
                "SELECT d.owner, EXISTS (SELECT 1 FROM dataset_grants WHERE dataset = d.id AND user = ?2)
                 FROM batches b JOIN datasets d ON d.id = b.dataset WHERE b.id = ?1",
                &id.to_string(),
                user,
            ),
            // What is made in a collection belongs to its maker.
            Target::Encounters
            | Target::Schemas
            | Target::Datasets
            | Target::Log
            | Target::Accounts
            | Target::Policy
            | Target::Vault
            | Target::Models => Ok(Relation::Owner),
            Target::Account(id) => Ok(if *id == user { Relation::Owner } else { Relation::None }),
        };
        match found {
            Ok(relation) => Ok(relation),
            // A store that the role does not open holds nothing of theirs.
            Err(StoreError::NotOpen) => Ok(Relation::None),
            Err(_) => Err(FactsError),
        }
    }

    fn patient(&self, target: &Target) -> Result<Option<String>, FactsError> {
        let one = |db: &Connection, sql: &str, id: String| -> Result<Option<String>, StoreError> {
            Ok(db.query_row(sql, params![id], |r| r.get(0)).optional()?)
        };
        let found = match target {
            Target::Encounter(id) => {
                self.visits().and_then(|db| one(&db, "SELECT title FROM encounters WHERE id = ?1", id.to_string()))
            }
            Target::Document(id) => self
                .research()
                .and_then(|db| one(&db, "SELECT external_id FROM documents WHERE id = ?1", id.to_string())),
            _ => Ok(None),
        };
        match found {
            Ok(number) => Ok(number.filter(|n| !n.trim().is_empty())),
            Err(StoreError::NotOpen) => Ok(None),
            Err(_) => Err(FactsError),
        }
    }
}

impl Stores {
    fn dataset_relation(&self, sql: &str, id: &str, user: UserId) -> Result<Relation, StoreError> {
        relation(&*self.research()?, sql, id, user)
    }
}

fn relation(db: &Connection, sql: &str, id: &str, user: UserId) -> Result<Relation, StoreError> {
    let row = db
        .query_row(sql, params![id, user.to_string()], |r| Ok((r.get::<_, String>(0)?, r.get::<_, bool>(1)?)))
        .optional()?;
    Ok(match row {
        Some((owner, _)) if owner == user.to_string() => Relation::Owner,
        Some((_, true)) => Relation::Shared,
        _ => Relation::None,
    })
}
