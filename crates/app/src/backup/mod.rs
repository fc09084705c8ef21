//! Backups: the whole vault in one encrypted file, made while it is in use, and put back elsewhere.
//!
//! Making one needs public halves and no password: databases are copied as ciphertext, the content is sealed to the
//! recovery key (and to age recipients where they are named). So a timer can do it while nobody is signed in.
//! docs/backup.md says what a person has to know.

mod gather;
mod lock;
mod make;
mod nightly;
mod open;
mod restore;
mod schedule;

pub(crate) use make::{Made, Place, make};
pub(crate) use nightly::Nightly;
pub(crate) use open::{BackupSecret, Person, check};
pub(crate) use restore::restore;
pub(crate) use schedule::{Plan, due, run};
