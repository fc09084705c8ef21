//! How each person lays out their notes.

use crate::{StoreError, Stores, rows::as_word};
use cloister_access::{DraftNote, Grant, Permission, ReadLayouts, WriteLayouts};
use cloister_domain::{NoteLayout, NoteTemplate};
use rusqlite::{OptionalExtension, params};

/// Permissions whose grant shows one's own layouts.
pub trait SeesLayouts: Permission {}
impl SeesLayouts for DraftNote {}
impl SeesLayouts for ReadLayouts {}
impl SeesLayouts for WriteLayouts {}

impl Stores {
    /// The layout that the grant's user made for this kind of document; `None` where it is as bundled.
    ///
    /// # Errors
    /// When the store fails.
    pub fn note_layout(
        &self,
        by: &Grant<impl SeesLayouts>,
        template: NoteTemplate,
    ) -> Result<Option<NoteLayout>, StoreError> {
        let kept: Option<String> = self
            .visits()?
            .query_row(
                "SELECT layout FROM note_layouts WHERE user = ?1 AND template = ?2",
                params![by.user().to_string(), as_word(&template)?],
                |r| r.get(0),
            )
            .optional()?;
        Ok(kept.map(|l| serde_json::from_str(&l)).transpose()?)
    }

    /// Keeps the grant's user's layout for this kind of document, or forgets it. Notes that are begun stay as they are.
    ///
    /// # Errors
    /// When the store fails.
    pub fn keep_note_layout(
        &self,
        by: &Grant<WriteLayouts>,
        template: NoteTemplate,
        layout: Option<&NoteLayout>,
    ) -> Result<(), StoreError> {
        let (user, template) = (by.user().to_string(), as_word(&template)?);
        let db = self.visits()?;
        match layout {
            Some(layout) => db.execute(
                "INSERT OR REPLACE INTO note_layouts (user, template, layout) VALUES (?1, ?2, ?3)",
                params![user, template, serde_json::to_string(layout)?],
            )?,
            None => {
                db.execute("DELETE FROM note_layouts WHERE user = ?1 AND template = ?2", params![user, template])?
            }
        };
        Ok(())
    }
}
