//! The state that a face holds: the vault's log, who is signed in, and the engines.

use crate::{
    AppError, DirectoryBroker, Paths, Ports, commands, doctor,
    dto::{RecoveredDto, SessionDto, StatusDto, VaultState},
    engines::{EngineOptions, Engines},
    keeper::Keeper,
    manifest, model_import,
    open::Open,
    recording::{Monitor, Player, Recorder, Wish},
    recover, step_up,
    under_way::UnderWay,
};
use cloister_access::{Gate, Policy, Session};
use cloister_audit::{Alerts, AuditLog, Environment};
use cloister_capture::Sound;
use cloister_domain::{Actor, AuditEvent, Clock, Code, Entropy, EventType, code};
use cloister_seal::SealReport;
use cloister_vault::{LockedVault, VaultFolder};
use serde_json::Value;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, atomic::AtomicU64},
};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// The window.
    Desktop,
    /// The command line.
    Cli,
}

impl Face {
    pub(crate) const fn code(self) -> Code {
        match self {
            Self::Desktop => code!("desktop"),
            Self::Cli => code!("cli"),
        }
    }
}

/// What an [`App`] is started with.
#[derive(Clone)]
pub struct AppOptions {
    /// Where things lie.
    pub paths: Paths,
    /// Who asks.
    pub face: Face,
    /// Threads for the engines.
    pub threads: u16,
    /// `auto`, `cpu` or `cuda`.
    pub device: String,
    /// What the kernel keeps this process from: the result of [`crate::seal`], first thing in `main`.
    pub seal: SealReport,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Microphones and loudspeakers.
    pub sound: Arc<dyn Sound>,
    /// What asks the institution's directory: started before this process was sealed.
    pub directory: DirectoryBroker,
}

impl std::fmt::Debug for AppOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AppOptions({:?})", self.paths)
    }
}

/// One process's hold on one vault.
#[derive(Debug)]
pub struct App {
    options: AppOptions,
    log: RwLock<Option<Arc<AuditLog>>>,
    keeper: Mutex<Option<Keeper>>,
    /// As it was last read. Each look reads the file anew; what was verified is not verified again.
    known_vault: Mutex<Option<LockedVault>>,
    open: RwLock<Option<Arc<Open>>>,
    engines: Arc<Engines>,
    under_way: UnderWay,
    models: Vec<manifest::Model>,
    recorder: Recorder,
    player: Player,
    monitor: Monitor,
    /// When it was last looked whether the retention rules are due, in time since boot.
    pub(crate) retention_looked_ms: AtomicU64,
    /// What the last sign-in took in of recordings that a crash or a lock had left; told once.
    recovered: Mutex<Vec<RecoveredDto>>,
}

impl App {
    /// Starts on the vault in the data folder, or without one. Where the kernel does not seal this process, it starts
    /// as well, and refuses every act that would open something clinical.
    ///
    /// # Errors
    /// When there is a vault whose policy cannot be read, or the compiled-in manifest of models cannot be.
    pub fn start(options: AppOptions) -> Result<Self, AppError> {
        let engines = Arc::new(Engines::new(EngineOptions {
            binary: options.paths.engine.clone(),
            models: model_folders(&options.paths),
            threads: options.threads,
            device: options.device.clone(),
        }));
        let models = manifest::models()?;
        let app = Self {
            options,
            log: RwLock::default(),
            keeper: Mutex::default(),
            known_vault: Mutex::default(),
            open: RwLock::default(),
            engines,
            under_way: UnderWay::default(),
            models,
            recorder: Recorder::default(),
            player: Player::default(),
            monitor: Monitor::default(),
            retention_looked_ms: AtomicU64::new(0),
            recovered: Mutex::default(),
        };
        // A vault that cannot be read says nothing: then everything has to be sealed.
        if let Ok(policy) = app.vault().and_then(|vault| Ok(Policy::from_document(vault.policy())?)) {
            app.follow_sealing(&policy);
        }
        Ok(app)
    }

    /// The same, with the models of another manifest than the one compiled in for runs over datasets. For tests with
    /// generated models; no face offers it.
    ///
    /// # Errors
    /// When the text is no manifest.
    pub fn with_manifest(mut self, manifest: &str) -> Result<Self, AppError> {
        self.models = manifest::parse(manifest)?;
        Ok(self)
    }

    /// The model called `name`, or the default of `task`.
    pub(crate) fn model(&self, task: manifest::Task, name: Option<&str>) -> Result<manifest::Model, AppError> {
        manifest::choose_among(&self.known_models()?, task, name)
    }

    /// Every model of the manifest and of the vault's policy, with the policy's defaults.
    pub(crate) fn known_models(&self) -> Result<Vec<manifest::Model>, AppError> {
        let policy = match self.vault() {
            Ok(vault) => Policy::from_document(vault.policy())?,
            // Without a vault there is the manifest.
            Err(_) => return Ok(self.models.clone()),
        };
        Ok(manifest::with_policy(&self.models, &policy))
    }

    /// Where models lie: the folder of all vaults, then the vault's own.
    pub(crate) fn model_folders(&self) -> Vec<PathBuf> {
        model_folders(&self.options.paths)
    }

    /// Changes the policy that is in force.
    pub(crate) fn change_policy(&self, session: &Session, change: impl FnOnce(&mut Policy)) -> Result<(), AppError> {
        let mut vault = self.vault()?;
        let mut policy = Policy::from_document(vault.policy())?;
        change(&mut policy);
        self.put_policy(session, &mut vault, &policy)
    }

    /// Puts a policy into the signed keyring and in force, with the log told before and after.
    pub(crate) fn put_policy(
        &self,
        session: &Session,
        vault: &mut LockedVault,
        policy: &Policy,
    ) -> Result<(), AppError> {
        let mut edit = vault.edit(session.keys(), self.clock(), self.entropy())?;
        edit.set_policy(policy.to_document()?);
        self.commit_keyring(&session.actor(), edit)?;
        self.follow_sealing(policy);
        Ok(())
    }

    /// Does one act and gives its answer. `create_vault`, `sign_in` and what needs no sign-in come first; everything
    /// else is a command that passes the gate.
    ///
    /// # Errors
    /// As [`AppError`] says; [`AppError::to_ui`] is what a face shows.
    pub fn call(&self, name: &str, payload: Value, ports: &dyn Ports) -> Result<Value, AppError> {
        // Failures of commands come with their incident; this is for what failed before there was one.
        self.act(name, payload, ports).map_err(|e| self.incident(commands::known(name), e))
    }

    fn act(&self, name: &str, payload: Value, ports: &dyn Ports) -> Result<Value, AppError> {
        self.check_sealed(name, &payload)?;
        match name {
            "status" => json(&self.status()?),
            "create_vault" => json(&self.create_vault(&payload)?),
            "sign_in" => json(&self.sign_in(&payload)?),
            "sign_out" => json(&self.sign_out(EventType::SignOut, code!("sign_out"))?),
            "step_up" => json(&step_up::step_up(self, payload)?),
            "recover_account" => json(&recover::account(self, &payload)?),
            "scheduled_backup" => json(&self.scheduled_backup(ports)?),
            "verify_backup" => json(&self.verify_backup(&payload, ports)?),
            "restore_backup" => json(&self.restore_backup(&payload, ports)?),
            "touch" => json(&self.touch()?),
            "cancel_job" => {
                self.under_way.stop(payload.get("command").and_then(Value::as_str));
                Ok(Value::Null)
            }
            // A recording goes on behind the lock, where anybody may see its state, pause it and stop it.
            "recording_status" => json(&self.recorder.status(self.current().map(|o| o.session.user()))),
            "pause_recording" => json(&self.recorder.wish(Wish::Pause, &self.actor())?),
            "stop_recording" => json(&self.stop_recording(ports)?),
            "recovered_recordings" => {
                self.signed_in()?;
                json(&std::mem::take(&mut *self.recovered()))
            }
            "playback_status" => json(&self.player.status()),
            "stop_playback" => {
                self.player.stop();
                Ok(Value::Null)
            }
            "audit_verify" => json(&self.verify_log(&payload, ports)?),
            "audit_verify_export" => json(&self.verify_export(&payload, ports)?),
            "audit_harden" => json(&self.harden_log()?),
            "try_directory" => commands::directory::try_settings(self, payload),
            "check_schema" => self.check_schema(&payload),
            "compliance" => json(&crate::compliance::compliance()?),
            "list_presets" => json(&crate::presets::presets()?),
            "list_models" => self.list_models(&payload),
            "install_models" => json(&model_import::install(self, &payload, ports)?),
            "doctor" => json(&doctor::examine(self, payload.get("probe") == Some(&Value::Bool(true)))?),
            command => {
                self.end_if_timed_out()?;
                commands::dispatch(self, command, payload, ports)
            }
        }
    }

    /// Notes input to the native window.
    pub fn input(&self) {
        if let Ok(open) = self.signed_in() {
            open.session.input(self.options.clock.boottime_ms());
        }
    }

    /// Ends a session that timed out. The window calls this every second, so that the keys go whether or not
    /// anybody asks for anything.
    ///
    /// # Errors
    /// When the log cannot be written; the session has ended all the same.
    pub fn end_if_timed_out(&self) -> Result<bool, AppError> {
        let timed_out = self.current().is_some_and(|o| o.session.remaining_ms(self.options.clock.boottime_ms()) == 0);
        if timed_out {
            self.sign_out(EventType::SessionTimeout, code!("session_timeout"))?;
        }
        // A window may stay open for days.
        self.apply_retention_daily();
        Ok(timed_out)
    }

    pub(crate) fn signed_in(&self) -> Result<Arc<Open>, AppError> {
        self.current().ok_or(AppError::NotSignedIn)
    }

    pub(crate) fn gate(&self) -> Result<Gate, AppError> {
        Ok(Gate::new(self.log()?, Arc::clone(&self.options.clock)))
    }

    pub(crate) fn log(&self) -> Result<Arc<AuditLog>, AppError> {
        self.log.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(AppError::NoVault)
    }

    pub(crate) const fn engines(&self) -> &Arc<Engines> {
        &self.engines
    }

    pub(crate) const fn seal(&self) -> &SealReport {
        &self.options.seal
    }

    pub(crate) const fn broker(&self) -> &DirectoryBroker {
        &self.options.directory
    }

    pub(crate) const fn face(&self) -> Face {
        self.options.face
    }

    pub(crate) const fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// What was taken in and not told yet.
    pub(crate) fn recovered(&self) -> MutexGuard<'_, Vec<RecoveredDto>> {
        self.recovered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) const fn player(&self) -> &Player {
        &self.player
    }

    pub(crate) const fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    pub(crate) fn sound(&self) -> &dyn Sound {
        &*self.options.sound
    }

    pub(crate) fn sound_shared(&self) -> Arc<dyn Sound> {
        Arc::clone(&self.options.sound)
    }

    pub(crate) fn clock_shared(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.options.clock)
    }

    pub(crate) fn entropy_shared(&self) -> Arc<dyn Entropy> {
        Arc::clone(&self.options.entropy)
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.options.clock
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.options.entropy
    }

    pub(crate) fn data(&self) -> &std::path::Path {
        &self.options.paths.data
    }

    /// What the institution sets for the whole workstation.
    pub(crate) fn institution(&self) -> &std::path::Path {
        &self.options.paths.institution
    }

    pub(crate) fn log_folder(&self) -> PathBuf {
        self.options.paths.data.join("audit")
    }

    pub(crate) fn vault(&self) -> Result<LockedVault, AppError> {
        let mut known = self.known_vault.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.vault_folder();
        let vault = match &*known {
            Some(before) => folder.open_again(before),
            None => folder.open(),
        }?;
        *known = Some(vault.clone());
        Ok(vault)
    }

    /// The acts that run now.
    pub(crate) const fn under_way(&self) -> &UnderWay {
        &self.under_way
    }

    /// A line of the program's own: the engine died, and the like. It is no reason to stop if it cannot be written;
    /// the next act will be refused then.
    pub(crate) fn note(&self, event: &AuditEvent) {
        if let Ok(log) = self.log() {
            let _ = log.append(event);
        }
    }

    /// Whether this is still the session of the one who is signed in.
    pub(crate) fn is_present(&self, open: &Open) -> bool {
        self.current().is_some_and(|now| now.session.id() == open.session.id())
    }

    fn current(&self) -> Option<Arc<Open>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another session in the place of this one, or none, and gives back who was there.
    pub(crate) fn set_open(&self, open: Option<Arc<Open>>) -> Option<Arc<Open>> {
        std::mem::replace(&mut *self.open.write().unwrap_or_else(PoisonError::into_inner), open)
    }

    pub(crate) fn vault_folder(&self) -> VaultFolder {
        VaultFolder::at(&self.options.paths.data)
    }

    pub(crate) fn environment(&self) -> Environment {
        Environment {
            clock: Arc::clone(&self.options.clock),
            entropy: Arc::clone(&self.options.entropy),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        }
    }

    pub(crate) fn set_log(&self, log: Option<Arc<AuditLog>>, keeper: Option<Keeper>) {
        *self.log.write().unwrap_or_else(PoisonError::into_inner) = log;
        *self.keeper.lock().unwrap_or_else(PoisonError::into_inner) = keeper;
    }

    pub(crate) fn take_keeper(&self) -> Option<Keeper> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// What is known of alerts.
    pub(crate) fn alerts(&self) -> Result<Alerts, AppError> {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = keeper.as_ref().ok_or(AppError::NoVault)?.kept();
        drop(keeper);
        kept.look()
    }

    pub(crate) fn open_alerts(&self) -> u32 {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        keeper.as_ref().map_or(0, Keeper::open_alerts)
    }

    fn status(&self) -> Result<StatusDto, AppError> {
        self.end_if_timed_out()?;
        let session = self.current().map(|o| self.session_dto(&o));
        let vault = match (&session, self.vault_folder().exists()) {
            (Some(_), _) => VaultState::Open,
            (None, true) => VaultState::Locked,
            (None, false) => VaultState::Absent,
        };
        let folders = self.model_folders();
        let models = self.known_models()?.iter().map(|m| m.row(&folders, false)).collect();
        Ok(StatusDto { vault, session, version: env!("CARGO_PKG_VERSION").to_owned(), sealing: self.proofs(), models })
    }

    /// Who acts where no sign-in is asked for.
    pub(crate) fn actor(&self) -> Actor {
        self.current().map_or(Actor::System, |o| o.session.actor())
    }

    fn touch(&self) -> Result<SessionDto, AppError> {
        self.end_if_timed_out()?;
        self.input();
        Ok(self.session_dto(&*self.signed_in()?))
    }

    fn check_schema(&self, payload: &Value) -> Result<Value, AppError> {
        let definition = payload.get("definition").ok_or_else(|| AppError::Usage("definition is missing".into()))?;
        let faults = self.engines.without_model(|engine| engine.check_schema(definition))?;
        json(&faults)
    }

    fn list_models(&self, payload: &Value) -> Result<Value, AppError> {
        let verify = payload.get("verify").and_then(Value::as_bool).unwrap_or(false);
        let folders = self.model_folders();
        let rows: Vec<_> = self.known_models()?.iter().map(|m| m.row(&folders, verify)).collect();
        json(&rows)
    }
}

fn model_folders(paths: &Paths) -> Vec<PathBuf> {
    vec![paths.models.clone(), paths.data.join("models")]
}

pub(crate) fn json<T: serde::Serialize>(value: &T) -> Result<Value, AppError> {
    serde_json::to_value(value).map_err(|_| AppError::Internal("an answer that cannot be written"))
}

pub(crate) fn text(payload: &Value, key: &str) -> Result<String, AppError> {
    let found = payload.get(key).and_then(Value::as_str).filter(|s| !s.is_empty());
    found.map(str::to_owned).ok_or_else(|| AppError::Usage(format!("{key} is missing")))
}
