//! Who can open a backup, and looking one over without putting it anywhere.

use super::make::{Progress, Watched};
use crate::AppError;
use cloister_audit::{Filter, newest};
use cloister_domain::{DetailKey, EventType, Sha256Hex};
use cloister_vault::{BackupFile, BackupHeader, BackupKey, Manifest, RecoveryKey, VaultError};
use secrecy::SecretString;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};
use zeroize::Zeroizing;

/// What opens a backup.
pub(crate) enum BackupSecret {
    /// The vault's recovery key of the time when it was made.
    Recovery(RecoveryKey),
    /// An age identity whose public key it was made for.
    Age(Box<age::x25519::Identity>),
}

impl BackupSecret {
    /// From a payload's `recovery_key` or `age_identity` (the content of an identity file).
    pub(crate) fn of(payload: &Value) -> Result<Option<Self>, AppError> {
        let secret = |key: &str| payload.get(key).and_then(Value::as_str).map(|text| Zeroizing::new(text.to_owned()));
        if let Some(text) = secret("recovery_key") {
            return Ok(Some(Self::Recovery(RecoveryKey::parse(&text)?)));
        }
        let Some(text) = secret("age_identity") else { return Ok(None) };
        let line = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#'));
        let identity = line.and_then(|l| l.parse().ok());
        let identity = identity.ok_or_else(|| AppError::Usage("this is no age identity (AGE-SECRET-KEY-1…)".into()))?;
        Ok(Some(Self::Age(Box::new(identity))))
    }

    /// The key of the content.
    pub(super) fn key(&self, header: &BackupHeader) -> Result<BackupKey, AppError> {
        match self {
            Self::Recovery(key) => header.open_with(key).map_err(|e| match e {
                VaultError::WrongRecoveryKey => e.into(),
                other => AppError::Backup(other),
            }),
            Self::Age(identity) => header
                .others()
                .find_map(|wrapped| age::decrypt(&**identity, wrapped).ok())
                .map(Zeroizing::new)
                .and_then(|bytes| BackupKey::from_bytes(&bytes))
                .ok_or(AppError::WrongBackupKey),
        }
    }

    /// In the log.
    pub(super) const fn code(&self) -> cloister_domain::Code {
        match self {
            Self::Recovery(_) => cloister_domain::code!("recovery_key"),
            Self::Age(_) => cloister_domain::code!("age"),
        }
    }
}

/// Who puts a vault back, where the age identity alone is not enough.
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) password: SecretString,
    /// Of the second factor, where they have one.
    pub(crate) code: Option<String>,
}

/// What a look over a backup found.
pub(crate) struct Checked {
    pub(crate) header: BackupHeader,
    pub(crate) sha256: Sha256Hex,
    pub(crate) bytes: u64,
    /// What is in it, if it could be opened; each member's digest agreed then.
    pub(crate) manifest: Option<Manifest>,
    /// The line of the log that tells of this very file.
    pub(crate) line: Option<u64>,
}

/// Reads a backup whole. With a secret every byte is decrypted and compared with the manifest; without one, its digest
/// is looked for in the log of `log`, where the vault's folder is at hand.
pub(crate) fn check(
    file: &Path,
    secret: Option<&BackupSecret>,
    log: Option<&Path>,
    progress: &mut Progress<'_>,
) -> Result<Checked, AppError> {
    let mut cancelled = false;
    let result = examine(file, secret, &mut cancelled, progress);
    let (header, manifest, sha256, bytes) = if cancelled { Err(AppError::Cancelled) } else { result }?;
    let line = log.and_then(|log| logged(log, &sha256));
    Ok(Checked { header, sha256, bytes, manifest, line })
}

type Examined = (BackupHeader, Option<Manifest>, Sha256Hex, u64);

fn examine(
    file: &Path,
    secret: Option<&BackupSecret>,
    cancelled: &mut bool,
    progress: &mut Progress<'_>,
) -> Result<Examined, AppError> {
    let (open, total) = open(file)?;
    let mut done = 0;
    let mut tick = |n: u64| {
        done += n;
        progress("checking", done, total)
    };
    let watched = Watched { from: open, tick: &mut tick, cancelled };
    let mut hashing = Hashing { from: watched, hash: Sha256::new(), bytes: 0 };
    let backup = BackupFile::open(&mut hashing).map_err(AppError::Backup)?;
    let header = backup.header().clone();
    let manifest = match secret {
        None => {
            drop(backup);
            None
        }
        Some(secret) => {
            let key = secret.key(&header)?;
            let reader = backup.unlock(&key).map_err(AppError::Backup)?;
            Some(reader.read(|_, _| Ok::<_, VaultError>(())).map_err(AppError::Backup)?)
        }
    };
    // Whatever is left: all of it where it could not be opened, else nothing.
    io::copy(&mut hashing, &mut io::sink()).map_err(|e| AppError::Backup(VaultError::from_reading(e)))?;
    Ok((header, manifest, Sha256Hex::from_bytes(&hashing.hash.finalize().into()), hashing.bytes))
}

/// Opens a backup's file and says how long it is.
pub(super) fn open(file: &Path) -> Result<(File, u64), AppError> {
    let unreadable = |e: io::Error| AppError::input(file.display().to_string(), e.kind().to_string());
    let open = File::open(file).map_err(unreadable)?;
    let meta = open.metadata().map_err(unreadable)?;
    if meta.is_file() { Ok((open, meta.len())) } else { Err(unreadable(io::ErrorKind::IsADirectory.into())) }
}

/// The newest line that tells of a file with this digest.
fn logged(log: &Path, sha256: &Sha256Hex) -> Option<u64> {
    let mut filter = Filter { event_type: Some(EventType::Backup.name().to_owned()), ..Filter::default() };
    while let Some(line) = newest(log, &filter).ok()? {
        if line.details.get(DetailKey::FileSha256.name()).and_then(Value::as_str) == Some(sha256.as_str()) {
            return Some(line.seq);
        }
        filter.before_seq = Some(line.seq);
    }
    None
}

/// Digests what goes by.
pub(super) struct Hashing<R> {
    pub(super) from: R,
    pub(super) hash: Sha256,
    pub(super) bytes: u64,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(out)?;
        self.hash.update(&out[..n]);
        self.bytes += n as u64;
        Ok(n)
    }
}
