//! What a face gives to a running act.

use crate::dto::ProgressDto;
use std::path::PathBuf;

/// A face's side of an act: where its progress goes, and how a person names a file. No payload ever holds a path:
/// the window opens a dialog, the command line answers with its argument, so that a page that was taken over cannot
/// have files read or written of its own choosing.
pub trait Ports: Sync {
    /// Shows progress.
    fn progress(&self, progress: ProgressDto);

    /// A file (or folder) to read: `audio`, `dataset`, `folder`, `text`, `schema`. `None` when the person thinks better of it.
    fn open_file(&self, kind: &str) -> Option<PathBuf>;

    /// A file to write, with a suggested name.
    fn save_file(&self, suggested: &str) -> Option<PathBuf>;
}

/// For acts that need neither files nor progress.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPorts;

impl Ports for NoPorts {
    fn progress(&self, _progress: ProgressDto) {}

    fn open_file(&self, _kind: &str) -> Option<PathBuf> {
        None
    }

    fn save_file(&self, _suggested: &str) -> Option<PathBuf> {
        None
    }
}
