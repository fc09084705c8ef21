//! The app's side of the log: opening it, what the vault remembers of its end, and verdicts.

use crate::{
    App, AppError, Face, NoPorts,
    backup::Nightly,
    dto::{SealedExportDto, VerdictDto},
    keeper::{Keeper, Keeping},
    open::Open,
    present,
    recording::waiting,
};
use cloister_access::{intend, keyring_is_the_recorded, settled};
use cloister_audit::{
    AlertKind, AuditError, AuditLog, Due, Evidence, Fingerprint, Head, Receipt, holds, verify, verify_export,
};
use cloister_domain::{Actor, AuditEvent, AuditTarget, DetailKey, EventType, Outcome, code};
use cloister_store::{LogEnd, Stores};
use cloister_vault::{KeyringEdit, LockedVault, PlannedChange, VaultError};
use serde::Deserialize;
use serde_json::Value;
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What `audit_verify` takes.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct VerifyRequest {
    /// Heads that were kept elsewhere: the content of their files.
    checkpoints: Vec<String>,
    /// The first key's fingerprint, from paper.
    fingerprint: Option<String>,
    /// Ask the face for one checkpoint file.
    ask: bool,
}

impl App {
    /// Opens the log for writing, which puts right what a crash left. Only a sign-in needs it: `audit verify` must
    /// find the log as it is.
    pub(crate) fn open_log(&self) -> Result<(), AppError> {
        if self.log().is_ok() {
            return Ok(());
        }
        self.keep(Arc::new(AuditLog::open(&self.log_folder(), &self.environment())?))
    }

    /// Begins to keep a log that was opened or made.
    pub(crate) fn keep(&self, log: Arc<AuditLog>) -> Result<(), AppError> {
        let folder = self.log_folder();
        let vault = self.vault().ok();
        // Only a keyring that is the recorded one may become the newest witness.
        let keyring = vault
            .filter(|v| matches!(keyring_is_the_recorded(&folder, v), Ok(Ok(()))))
            .map(|v| (v.version(), v.keyring_sha256().clone()));
        // A command is over too soon, and has `backup create --scheduled`.
        let nightly = (self.face() == Face::Desktop)
            .then(|| Nightly::new(self.data().to_owned(), folder.clone(), self.clock_shared(), self.entropy_shared()));
        let keeper = Keeper::start(Keeping {
            log: Arc::clone(&log),
            folder,
            nightly,
            clock: self.clock_shared(),
            face: self.face().code(),
            keyring,
        })?;
        self.set_log(Some(log), Some(keeper));
        Ok(())
    }

    /// Ends what must not outlive the program: a recording in order, the session, and what runs beside the acts, so that
    /// the log says that this process stops. Safe to call more than once.
    ///
    /// # Errors
    /// When the last lines cannot be written; everything has ended all the same.
    pub fn close(&self) -> Result<(), AppError> {
        // What was stopped before has left no journal; and where nothing was recorded, nothing need be stopped.
        if !waiting(self.data()).is_empty() {
            let _ = self.stop_recording(&NoPorts);
        }
        let left = self.sign_out(EventType::SignOut, code!("sign_out"));
        let kept = self.take_keeper().map_or(Ok(()), Keeper::stop);
        left.and(kept)
    }

    /// Commits a change of the keyring, with the log told before and after.
    pub(crate) fn commit_keyring(&self, actor: &Actor, edit: KeyringEdit<'_>) -> Result<(), AppError> {
        let log = self.log()?;
        let mut noted: Option<PlannedChange> = None;
        edit.commit(|planned| {
            noted = Some(planned.clone());
            intend(&log, actor, planned)
        })?;
        if let Some(planned) = &noted {
            settled(&log, actor, planned)?;
        }
        Ok(())
    }

    /// Changes a person's slot, with the log told before and after. `change` hands `noted` to the vault.
    pub(crate) fn change_slot(
        &self,
        actor: &Actor,
        change: impl FnOnce(&mut dyn FnMut(&PlannedChange) -> Result<(), AuditError>) -> Result<(), VaultError>,
    ) -> Result<(), AppError> {
        let log = self.log()?;
        let mut noted: Option<PlannedChange> = None;
        change(&mut |planned| {
            noted = Some(planned.clone());
            intend(&log, actor, planned)
        })?;
        if let Some(planned) = &noted {
            settled(&log, actor, planned)?;
        }
        Ok(())
    }

    /// Refuses a keyring that is older than the log knows.
    pub(crate) fn check_keyring(&self, vault: &LockedVault) -> Result<(), AppError> {
        keyring_is_the_recorded(&self.log_folder(), vault)?.map_err(|e| AppError::SignIn(e.into()))
    }

    /// Compares the end that the vault remembers with the log, and remembers the present one. A log that lacks a line
    /// which somebody once saw was rolled back: that is an alarm, no reason to shut people out.
    pub(crate) fn witness(&self, stores: &Stores) -> Result<(), AppError> {
        let Ok(seen) = stores.last_seen_end() else { return Ok(()) };
        let log = self.log()?;
        if let Some(end) = seen {
            let receipt = Receipt { seq: end.seq, hash: end.hash.clone() };
            if !holds(&self.log_folder(), &receipt)? {
                // Kept for good, so that a verdict given inside the vault never forgets it.
                let _ = stores.keep_contradicted(&end, self.clock().now());
                let line = log.head()?.seq();
                log.append(&Due { kind: AlertKind::BrokenChain, line, count: Some(end.seq) }.event())?;
                return Ok(());
            }
        }
        self.note_end(stores)
    }

    /// Remembers where the log ends now.
    pub(crate) fn note_end(&self, stores: &Stores) -> Result<(), AppError> {
        let head = self.log()?.head()?;
        let end = LogEnd { seq: head.seq(), hash: head.hash().clone(), head: head.to_json() };
        // A store that is broken or full remembers nothing; the log itself is not touched by that.
        let _ = stores.note_end(&end, self.clock().now());
        Ok(())
    }

    /// The verdict, with every witness there is: files beside the lines, checkpoints that the caller brings, and, when
    /// somebody is signed in, what the vault remembers.
    pub(crate) fn verify_log(&self, payload: &Value, ports: &dyn crate::Ports) -> Result<Option<VerdictDto>, AppError> {
        let request: VerifyRequest = if payload.is_null() {
            VerifyRequest::default()
        } else {
            serde_json::from_value(payload.clone())
                .map_err(|e| AppError::Usage(format!("audit_verify does not take this: {e}")))?
        };
        let mut texts = request.checkpoints;
        if request.ask {
            let Some(path) = ports.open_file("checkpoint") else { return Ok(None) };
            texts.push(read_small(&path)?);
        }
        let mut checkpoints = Vec::new();
        for text in &texts {
            let head = Head::parse(text.as_bytes());
            checkpoints.push(head.ok_or_else(|| AppError::input("checkpoint", "it is not a checkpoint of a log"))?);
        }
        let fingerprint = request.fingerprint.as_deref().map(read_fingerprint).transpose()?;
        let open = self.signed_in().ok();
        let store_head = open.as_ref().and_then(|o| o.stores.last_seen_end().ok().flatten());
        let store_head = store_head.map(|end| Receipt { seq: end.seq, hash: end.hash });
        for end in open.iter().flat_map(|o| o.stores.checkpoints().unwrap_or_default()) {
            checkpoints.extend(Head::parse(end.head.as_bytes()));
        }
        let evidence = Evidence {
            own_folder: true,
            store_head: store_head.as_ref(),
            checkpoints: &checkpoints,
            fingerprint: fingerprint.as_ref(),
        };
        let verdict = verify(&self.log_folder(), &evidence);
        if let Some(open) = &open {
            self.note_verdict(open, &verdict);
        }
        Ok(Some(present::verdict(&verdict)))
    }

    /// An export that was written here or elsewhere, against the seal beside it.
    pub(crate) fn verify_export(
        &self,
        payload: &Value,
        ports: &dyn crate::Ports,
    ) -> Result<Option<SealedExportDto>, AppError> {
        let Some(path) = ports.open_file("log_export") else { return Ok(None) };
        let key = payload.get("key").and_then(Value::as_str).map(read_fingerprint).transpose()?;
        let unreadable = |path: &Path| {
            let file = path.display().to_string();
            move |e: std::io::Error| AppError::input(file, e.kind().to_string())
        };
        let beside = seal_of(&path);
        let mut file = File::open(&path).map_err(unreadable(&path))?;
        let mut seal = File::open(&beside).map_err(unreadable(&beside))?;
        let found = verify_export(&mut file, &mut seal, key.as_ref()).map_err(unreadable(&path))?;
        // Whose key it is can be said where the vault's list of people is at hand.
        let by = self.vault().ok().and_then(|vault| {
            let prints = vault.accounts().iter().map(|a| (Fingerprint::of_exporter(a.signing_key()).to_string(), a));
            prints.into_iter().find(|(print, _)| Some(print) == found.key.as_ref()).map(|(_, a)| a.name.clone())
        });
        Ok(Some(present::sealed_export(found, by)))
    }

    /// Marks the files of lines append-only. Needs root and no sign-in: it opens nothing and reads nothing.
    pub(crate) fn harden_log(&self) -> Result<Value, AppError> {
        if !self.log_folder().is_dir() {
            return Err(AppError::NoVault);
        }
        let files = cloister_audit::harden(&self.log_folder())?;
        serde_json::to_value(files).map_err(|_| AppError::Internal("an answer that cannot be written"))
    }

    fn note_verdict(&self, open: &Open, verdict: &cloister_audit::Verdict) {
        let word = match verdict.verdict {
            cloister_audit::Finding::Intact => code!("intact"),
            cloister_audit::Finding::Tampered => code!("tampered"),
            cloister_audit::Finding::Truncated => code!("truncated"),
            cloister_audit::Finding::Unknown => code!("unknown"),
        };
        let actor = open.session.actor();
        let mut event = AuditEvent::new(EventType::LogVerified, code!("audit_verify"), actor, Outcome::Success)
            .target(AuditTarget::Part(code!("log")))
            .code(DetailKey::Verdict, word);
        if let Some(seq) = verdict.first_bad_seq {
            event = event.count(DetailKey::ExpectedSeq, seq);
        }
        self.note(&event);
    }
}

/// The seal lies beside its file, under its name with an ending more.
pub(crate) fn seal_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".seal.json");
    name.into()
}

fn read_fingerprint(text: &str) -> Result<Fingerprint, AppError> {
    Fingerprint::parse(text).ok_or_else(|| AppError::Usage("a fingerprint is forty hexadecimal digits".to_owned()))
}

/// A checkpoint is a line; whatever is longer is none.
fn read_small(path: &Path) -> Result<String, AppError> {
    use std::io::Read;
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_string(&mut text));
    read.map_err(|e| AppError::input(path.display().to_string(), e.kind().to_string()))?;
    Ok(text)
}
