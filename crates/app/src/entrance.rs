//! Coming in and going out: a new vault, signing in, signing out.

use crate::{
    App, AppError,
    app::text,
    directory::EnrolmentIn,
    dto::{SessionDto, VaultCreatedDto},
    open::Open,
    preset,
};
use cloister_access::{Credentials, Permission, Relation, ReviewLog, SignIn, directory::Directory, intend, settled};
use cloister_audit::AuditLog;
use cloister_domain::{Actor, AuditEvent, Code, DetailKey, EventType, Outcome, code};
use cloister_store::Stores;
use cloister_vault::{Argon2Cost, LockedVault, NewVault, PasswordRule, VaultError};
use secrecy::SecretString;
use serde_json::Value;
use std::{path::Path, sync::Arc};

impl App {
    pub(crate) fn create_vault(&self, payload: &Value) -> Result<VaultCreatedDto, AppError> {
        if self.vault_folder().exists() {
            return Err(AppError::VaultExists);
        }
        let name = text(payload, "name")?;
        let password = SecretString::from(text(payload, "password")?);
        let mut policy = preset::policy(self.institution())?;
        for (key, value) in payload.get("policy").and_then(Value::as_object).into_iter().flatten() {
            policy.set(key, value.as_str().unwrap_or_default())?;
        }
        let rule = PasswordRule { min_length: policy.minimum_password_length as usize };
        let accepted = rule.check(&password, &name).map_err(VaultError::from)?;
        let cost = Argon2Cost::calibrate(std::time::Duration::from_millis(500), self.clock())?;
        make_private_folder(self.data())?;
        let (log, fingerprint) = AuditLog::create(&self.log_folder(), &self.environment())?;
        let log = Arc::new(log);
        self.set_log(Some(Arc::clone(&log)), None);
        let mut noted = None;
        let new = NewVault { admin_name: &name, password: &accepted, policy: policy.to_document()?, cost };
        let created = self
            .vault_folder()
            .create(new, self.clock(), self.entropy(), |planned| {
                noted = Some(planned.clone());
                intend(&log, &Actor::System, planned)
            })
            .inspect_err(|_| self.forget_unused_log())?;
        if let Some(planned) = &noted {
            settled(&log, &Actor::System, planned)?;
        }
        self.keep(log)?;
        let recovery_key = created.recovery_key.grouped().to_string();
        self.follow_sealing(&policy);
        let credentials = Credentials { name: &name, password: &password, code: None, enrolment: None };
        self.enter(&created.vault, &credentials)?;
        Ok(VaultCreatedDto { recovery_key, log_fingerprint: fingerprint.to_string() })
    }

    /// Takes away the log that was begun for a vault which then could not be made, so that the next try can begin one.
    fn forget_unused_log(&self) {
        self.set_log(None, None);
        let _ = std::fs::remove_dir_all(self.log_folder());
    }

    pub(crate) fn sign_in(&self, payload: &Value) -> Result<SessionDto, AppError> {
        if !self.vault_folder().exists() {
            return Err(AppError::NoVault);
        }
        self.open_log()?;
        let vault = self.vault()?;
        let name = text(payload, "name")?;
        let password = SecretString::from(text(payload, "password")?);
        let enrolment = EnrolmentIn::of(payload)?;
        let enrolment = enrolment.as_ref().map(EnrolmentIn::as_given);
        let code = payload.get("code").and_then(Value::as_str);
        self.enter(&vault, &Credentials { name: &name, password: &password, code, enrolment })
    }

    fn enter(&self, vault: &LockedVault, credentials: &Credentials<'_>) -> Result<SessionDto, AppError> {
        let (log, log_folder) = (self.log()?, self.log_folder());
        let directory = self.directory(vault);
        let mut sign_in = self.signing_in(vault, &log, &log_folder);
        sign_in.directory = directory.as_ref().map(|d| d as &dyn Directory);
        let session = sign_in.attempt_with(credentials)?;
        let stores = Stores::open(self.data(), &session, self.clock_shared());
        if !stores.faults().is_empty() && self.vault()?.version() != vault.version() {
            // The keys were rotated between reading the keyring and opening what they open.
            return Err(VaultError::ChangedMeanwhile.into());
        }
        self.witness(&stores)?;
        let open = Arc::new(Open::new(session, stores));
        let dto = self.session_dto(&open);
        self.set_open(Some(open));
        if !self.seal().is_enforced() {
            let alert = AuditEvent::new(EventType::Alert, code!("seal"), Actor::System, Outcome::Failure);
            self.note(&alert.code(DetailKey::Alert, code!("not_sealed")));
        }
        self.take_in_recordings();
        self.apply_retention_if_due();
        // No reason to keep anybody out; the next sign-in tries again.
        let _ = self.signed_in().and_then(|open| self.mind_certificate(open.session.certificate_ends()));
        Ok(dto)
    }

    /// What a try to sign in needs, and what tells who is locked out.
    pub(crate) fn signing_in<'a>(
        &'a self,
        vault: &'a LockedVault,
        log: &'a AuditLog,
        log_folder: &'a Path,
    ) -> SignIn<'a> {
        let (clock, entropy) = (self.clock(), self.entropy());
        SignIn { vault, log, log_folder, clock, entropy, face: self.face().code(), directory: None }
    }

    pub(crate) fn sign_out(&self, event: EventType, action: Code) -> Result<(), AppError> {
        // Taken out first: a full disk must not keep a session open.
        let Some(open) = self.set_open(None) else { return Ok(()) };
        let mut line = AuditEvent::new(event, action, open.session.actor(), Outcome::Success);
        if event.details().contains(&DetailKey::Reason) {
            line = line.code(DetailKey::Reason, action);
        }
        let written = self.log().and_then(|log| Ok(log.append(&line)?));
        let noted = self.note_end(&open.stores);
        drop(open);
        self.player().stop();
        self.monitor().stop();
        self.recorder().forget_text();
        self.engines().retire();
        written.map(|_| ()).and(noted)
    }

    pub(crate) fn session_dto(&self, open: &Open) -> SessionDto {
        let left = open.session.remaining_ms(self.clock().boottime_ms()) / 1000;
        SessionDto {
            user_id: open.session.user().to_string(),
            name: open.session.name().to_owned(),
            role: open.session.role().to_string(),
            locks_in_s: u32::try_from(left).unwrap_or(u32::MAX),
            must_enrol: open.session.must_enrol(),
            open_alerts: ReviewLog::allows(open.session.role(), Relation::None).then(|| self.open_alerts()),
            store_faults: open.stores.faults().iter().map(ToString::to_string).collect(),
        }
    }
}

fn make_private_folder(path: &Path) -> Result<(), AppError> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|fault| AppError::Output { file: path.display().to_string(), fault })
}
