//! The file system's help: files that take nothing but more lines, even from root's mistakes.

use crate::{AuditError, files};
use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
use serde::Serialize;
use std::path::Path;

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hardened {
    /// Its name.
    pub file: String,
    /// `hardened`, `already`, `not_permitted` (only root may), `not_supported` (by this file system) or `failed`.
    pub state: &'static str,
}

/// Marks each file of lines append-only (`chattr +a`, Linux): the kernel then refuses to shorten, overwrite, rename or
/// remove it to everybody who lacks `CAP_LINUX_IMMUTABLE`, which is root alone. State, head and reserve stay as they
/// are, since they are written over. A later month's file needs it again.
///
/// # Errors
/// When the folder cannot be read.
pub fn harden(dir: &Path) -> Result<Vec<Hardened>, AuditError> {
    let names = files::list(dir).map_err(AuditError::io("read the log's folder"))?;
    let one = |name: files::FileName| {
        let name = name.to_string();
        let state = files::open_plain(&dir.join(&name)).map_or("failed", |file| mark(&file));
        Hardened { file: name, state }
    };
    Ok(names.into_iter().map(one).collect())
}

fn mark(file: &std::fs::File) -> &'static str {
    let set = ioctl_getflags(file).and_then(|flags| {
        if flags.contains(IFlags::APPEND) {
            return Ok("already");
        }
        ioctl_setflags(file, flags | IFlags::APPEND).map(|()| "hardened")
    });
    match set {
        Ok(state) => state,
        Err(rustix::io::Errno::PERM | rustix::io::Errno::ACCESS) => "not_permitted",
        Err(rustix::io::Errno::NOTTY | rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::INVAL) => "not_supported",
        Err(_) => "failed",
    }
}
