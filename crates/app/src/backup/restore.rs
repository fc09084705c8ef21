//! Putting a vault back from a backup, into a folder that holds nothing.
//!
//! Everything is written into a folder within, checked there, and moved into place at the end, `keyring.json` last:
//! until that is there, there is no vault. Whoever restores shows that they may, in the same act: with the recovery key,
//! or, where the backup is opened with an age identity, as an administrator of the vault in it, with the password and
//! the code of the second factor where there is one.

use super::{
    make::{Progress, Watched},
    open::{BackupSecret, Hashing, Person, open},
};
use crate::{App, AppError, dto::RestoredDto, export::cannot_write, present};
use cloister_audit::{AuditLog, Evidence, Receipt, Verdict, holds, verify};
use cloister_domain::{Actor, AuditEvent, AuditTarget, DetailKey, EventType, Outcome, Role, Sha256Hex, code};
use cloister_store::{Examined, examine, known_formats};
use cloister_vault::{BackupFile, Fault, LockedVault, Manifest, UnlockedKeys, VaultError, VaultFolder};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Within the new folder, until all is well.
const STAGING: &str = ".restoring";
/// What a process may have put there already that tells of itself alone.
const OWN: [&str; 2] = ["operational", STAGING];

/// Restores `file` into the app's data folder.
pub(crate) fn restore(
    app: &App,
    file: &Path,
    secret: &BackupSecret,
    person: Option<&Person>,
    progress: &mut Progress<'_>,
) -> Result<RestoredDto, AppError> {
    let data = app.data();
    if VaultFolder::at(data).exists() {
        return Err(AppError::VaultExists);
    }
    // The key first: a slip in typing it makes no folder.
    let (source, total) = open(file)?;
    let header = BackupFile::open(source).map_err(AppError::Backup)?.header().clone();
    secret.key(&header)?;
    if matches!(secret, BackupSecret::Age(_)) && person.is_none() {
        return Err(AppError::Usage("with an age identity, an administrator of the vault in it has to sign".into()));
    }
    let staging = Staging::make(data)?;
    let mut cancelled = false;
    let unpacked = unpack(&staging.0, file, secret, total, &mut cancelled, progress);
    let (manifest, sha256) = if cancelled { Err(AppError::Cancelled) } else { unpacked }?;
    let (vault, keys) = opened(&staging.0, &manifest, secret, person)?;
    let audit = staging.0.join("audit");
    let Examined { last_seen, missing_sound } = examine(&staging.0, &vault, &keys)?;
    let seen = last_seen.map(|end| Receipt { seq: end.seq, hash: end.hash });
    let verdict = judge(&audit, &manifest, seen.as_ref())?;

    let actor = match keys.user() {
        Some(id) => Actor::User { id, role: keys.role(), session: None },
        None => Actor::System,
    };
    let line = |outcome| {
        AuditEvent::new(EventType::Backup, code!("restore_backup"), actor.clone(), outcome)
            .target(AuditTarget::Part(code!("vault")))
            .code(DetailKey::Kind, code!("restore"))
            .code(DetailKey::Reason, secret.code())
            .count(DetailKey::Bytes, total)
            .hash(DetailKey::FileSha256, sha256.clone())
    };
    let attempt = {
        let log = AuditLog::open(&audit, &app.environment())?;
        if let (Some(person), Some(user)) = (person, keys.user()) {
            app.signing_in(&vault, &log, &audit).step_up_once(user, &person.password, person.code.as_deref())?;
        }
        log.append(&line(Outcome::Attempt))?.seq
    };
    let accounts = vault.accounts().len() as u64;
    staging.put(data)?;
    app.open_log()?;
    app.log()?.append(&line(Outcome::Success).count(DetailKey::Attempt, attempt))?;
    Ok(RestoredDto {
        vault: manifest.vault.to_string(),
        made: manifest.made.to_string(),
        files: manifest.members.len() as u64,
        bytes: manifest.members.iter().map(|m| m.bytes).sum(),
        accounts,
        sound_missing: missing_sound,
        log: present::verdict(&verdict),
    })
}

/// Writes every member below `to`.
fn unpack(
    to: &Path,
    file: &Path,
    secret: &BackupSecret,
    total: u64,
    cancelled: &mut bool,
    progress: &mut Progress<'_>,
) -> Result<(Manifest, Sha256Hex), AppError> {
    let (source, _) = open(file)?;
    let mut done = 0;
    let mut tick = |n: u64| {
        done += n;
        progress("restoring", done, total)
    };
    let watched = Watched { from: source, tick: &mut tick, cancelled };
    let mut hashing = Hashing { from: watched, hash: Sha256::new(), bytes: 0 };
    let backup = BackupFile::open(&mut hashing).map_err(AppError::Backup)?;
    let key = secret.key(backup.header())?;
    let reader = backup.unlock(&key).map_err(AppError::Backup)?;
    let manifest = reader.read(|name, content| write(&to.join(name), content));
    let manifest = manifest.map_err(|e| match e {
        Unpacking::Read(e) => AppError::Backup(e),
        Unpacking::Write(e) => cannot_write(to)(e),
    })?;
    rustix::fs::syncfs(File::open(to).map_err(cannot_write(to))?).map_err(|e| cannot_write(to)(e.into()))?;
    let known = known_formats();
    for (name, found) in &manifest.facts.stores {
        let known = known.get(name).copied().unwrap_or(0);
        if *found > known {
            return Err(AppError::NewerBackup { file: name.clone(), found: *found, known });
        }
    }
    Ok((manifest, Sha256Hex::from_bytes(&hashing.hash.finalize().into())))
}

/// The file cannot be read, or the folder not be written.
enum Unpacking {
    Read(VaultError),
    Write(io::Error),
}

impl From<VaultError> for Unpacking {
    fn from(e: VaultError) -> Self {
        Self::Read(e)
    }
}

fn write(path: &Path, content: &mut dyn Read) -> Result<(), Unpacking> {
    let folder = path.parent().unwrap_or(path);
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Unpacking::Write)?;
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = made.map_err(Unpacking::Write)?;
    let mut chunk = vec![0; 128 * 1024];
    loop {
        let n = match content.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(n) => n,
            Err(e) => return Err(Unpacking::Read(VaultError::from_reading(e))),
        };
        io::Write::write_all(&mut file, &chunk[..n]).map_err(Unpacking::Write)?;
    }
}

/// The vault in the staging folder, and the keys of whoever restores.
fn opened(
    staging: &Path,
    manifest: &Manifest,
    secret: &BackupSecret,
    person: Option<&Person>,
) -> Result<(LockedVault, UnlockedKeys), AppError> {
    let vault = VaultFolder::at(staging).open()?;
    if vault.id() != manifest.vault || *vault.keyring_sha256() != manifest.facts.keyring_sha256 {
        return Err(not_of_one_piece("keyring"));
    }
    let keys = match (secret, person) {
        (BackupSecret::Recovery(key), _) => vault.unlock_with_recovery_key(key)?,
        (BackupSecret::Age(_), Some(person)) => vault.unlock_by_name(&person.name, &person.password)?,
        (BackupSecret::Age(_), None) => return Err(AppError::NotSignedIn),
    };
    if keys.role() != Role::Administrator {
        return Err(AppError::Access(cloister_access::AccessError::Denied));
    }
    cloister_access::keyring_is_the_recorded(&staging.join("audit"), &vault)?
        .map_err(|e| AppError::SignIn(e.into()))?;
    Ok((vault, keys))
}

/// The log in the backup must end where the manifest says; the verdict on it is told, whatever it is.
fn judge(audit: &Path, manifest: &Manifest, seen: Option<&Receipt>) -> Result<Verdict, AppError> {
    if let Some(end) = &manifest.facts.log
        && !holds(audit, &Receipt { seq: end.seq, hash: end.hash.clone() })?
    {
        return Err(not_of_one_piece("log"));
    }
    Ok(verify(audit, &Evidence { own_folder: true, store_head: seen, ..Evidence::default() }))
}

fn not_of_one_piece(part: &'static str) -> AppError {
    AppError::Backup(VaultError::Refused { file: "the backup".to_owned(), fault: Fault::Field(part) })
}

/// A folder within the data folder, taken away again unless it was put.
struct Staging(PathBuf);

impl Staging {
    fn make(data: &Path) -> Result<Self, AppError> {
        DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(cannot_write(data))?;
        for entry in fs::read_dir(data).map_err(cannot_write(data))? {
            let name = entry.map_err(cannot_write(data))?.file_name();
            if !OWN.iter().any(|own| name == *own) {
                return Err(AppError::FolderInUse(data.display().to_string()));
            }
        }
        let path = data.join(STAGING);
        // What a restore left that was killed.
        match fs::remove_dir_all(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(cannot_write(&path)(e)),
            _ => {}
        }
        DirBuilder::new().mode(0o700).create(&path).map_err(cannot_write(&path))?;
        Ok(Self(path))
    }

    /// Moves everything into place.
    fn put(self, data: &Path) -> Result<(), AppError> {
        const LAST: &str = "keyring.json";
        let failed = cannot_write(data);
        let sync = || File::open(data).and_then(|f| f.sync_all());
        for entry in fs::read_dir(&self.0).map_err(&failed)? {
            let name = entry.map_err(&failed)?.file_name();
            if name != LAST {
                fs::rename(self.0.join(&name), data.join(&name)).map_err(&failed)?;
            }
        }
        sync().map_err(&failed)?;
        fs::rename(self.0.join(LAST), data.join(LAST)).map_err(&failed)?;
        sync().map_err(&failed)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
