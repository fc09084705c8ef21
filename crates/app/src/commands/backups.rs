//! Backups: made by an administrator, or as the policy says by nobody in particular; looked over; put back.

use crate::{
    App, AppError, Ports,
    app::text,
    backup::{self, BackupSecret, Made, Person, Place, Plan},
    command::{Command, Context},
    dto::{BackupCheckedDto, BackupMadeDto, BackupPlanDto, KeptBackupDto, ProgressDto, RestoredDto},
    export,
};
use cloister_access::{CreateBackup, Policy, ReadPolicy, Target};
use cloister_domain::{Detail, DetailKey, code};
use cloister_store::check_databases;
use serde::Deserialize;
use serde_json::Value;
use std::{fs, ops::ControlFlow, path::Path};

/// The whole vault into one file, encrypted to the recovery key and to the age keys that are named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateBackupAt {
    #[serde(default)]
    age_recipients: Vec<String>,
}

impl Command for CreateBackupAt {
    const NAME: &'static str = "create_backup";
    type Needs = CreateBackup;
    /// `None` when the person chose no file.
    type Output = Option<BackupMadeDto>;

    fn target(&self) -> Target {
        Target::Vault
    }

    fn run(self, cx: &Context<'_, CreateBackup>) -> Result<Self::Output, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("create")));
        let recipients = self.age_recipients.iter().map(|r| export::recipient(r)).collect::<Result<Vec<_>, _>>()?;
        let day: String = cx.app.clock().now().to_string().chars().take(10).collect();
        let Some(path) = cx.ports.save_file(&format!("cloister-{day}.backup")) else { return Ok(None) };
        // A database that is damaged would go into every backup from now on.
        check_databases(&cx.grant, cx.app.data(), &cx.open.session)?;
        let log = cx.app.log_folder();
        let mut progress = |stage: &str, done, total| cx.progress(stage, as_f64(done), Some(as_f64(total)), "bytes");
        let made = backup::make(&place(cx.app, &log), &path, &recipients, &mut progress)?;
        cx.record(DetailKey::Bytes, Detail::Count(made.bytes));
        cx.record(DetailKey::FileSha256, Detail::Hash(made.sha256.clone()));
        Ok(Some(told(&made, 0)))
    }
}

/// Whether backups come by themselves, and which there are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupPlan {}

impl Command for BackupPlan {
    const NAME: &'static str = "backup_plan";
    type Needs = ReadPolicy;
    type Output = BackupPlanDto;

    fn target(&self) -> Target {
        Target::Policy
    }

    fn run(self, cx: &Context<'_, ReadPolicy>) -> Result<BackupPlanDto, AppError> {
        let vault = cx.app.vault()?;
        let policy = Policy::from_document(vault.policy())?;
        let now = cx.app.clock().now();
        let plan = Plan::of(&policy, vault.id())?;
        let kept = plan.as_ref().map(|plan| plan.kept(now)).unwrap_or_default();
        Ok(BackupPlanDto {
            reachable: plan.as_ref().is_some_and(|plan| plan.folder.is_dir()),
            due: plan.as_ref().is_some_and(|plan| backup::due(plan, now)),
            folder: policy.backup_folder,
            keep: policy.backup_keep,
            age_recipients: policy.backup_age_recipients.split_whitespace().map(str::to_owned).collect(),
            kept: kept
                .into_iter()
                .map(|(made, path)| KeptBackupDto {
                    file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                    made: made.to_string(),
                    bytes: fs::metadata(&path).map_or(0, |m| m.len()),
                })
                .collect(),
        })
    }
}

impl App {
    /// A backup as the policy asks for it. Nobody need be signed in.
    pub(crate) fn scheduled_backup(&self, ports: &dyn Ports) -> Result<BackupMadeDto, AppError> {
        let vault = self.vault()?;
        let plan = Plan::of(&Policy::from_document(vault.policy())?, vault.id())?.ok_or_else(|| {
            AppError::Usage(
                "the policy names no folder; set one: cloister policy set backup_folder=/mnt/backups".into(),
            )
        })?;
        self.open_log()?;
        self.check_keyring(&vault)?;
        let folder = self.log_folder();
        let mut progress = self.watched("scheduled_backup", ports);
        let done = backup::run(&place(self, &folder), &*self.log()?, &plan, &mut progress)?;
        Ok(told(&done.made, done.expired))
    }

    /// Reads a backup whole. `None` when the person chose no file.
    pub(crate) fn verify_backup(
        &self,
        payload: &Value,
        ports: &dyn Ports,
    ) -> Result<Option<BackupCheckedDto>, AppError> {
        let secret = BackupSecret::of(payload)?;
        let Some(path) = ports.open_file("backup") else { return Ok(None) };
        let log = self.log_folder();
        let found = backup::check(
            &path,
            secret.as_ref(),
            log.is_dir().then_some(log.as_path()),
            &mut self.watched("verify_backup", ports),
        )?;
        let verdict = match (&found.manifest, found.line) {
            (Some(_), _) => "whole",
            (None, Some(_)) => "unchanged",
            (None, None) => "unknown",
        };
        Ok(Some(BackupCheckedDto {
            verdict: verdict.to_owned(),
            vault: found.header.vault().to_string(),
            made: found.header.made().to_string(),
            program: found.header.program().to_owned(),
            sha256: found.sha256.to_string(),
            bytes: found.bytes,
            files: found.manifest.as_ref().map(|m| m.members.len() as u64),
            log_seq: found.manifest.and_then(|m| m.facts.log).map(|end| end.seq),
            line: found.line,
            age_recipients: found.header.others().len() as u64,
        }))
    }

    /// Puts a vault back into the data folder, which holds none. `None` when the person chose no file.
    pub(crate) fn restore_backup(&self, payload: &Value, ports: &dyn Ports) -> Result<Option<RestoredDto>, AppError> {
        let secret = BackupSecret::of(payload)?;
        let secret = secret.ok_or_else(|| AppError::Usage("recovery_key or age_identity is missing".into()))?;
        let person = match payload.get("name") {
            None | Some(Value::Null) => None,
            Some(_) => Some(Person {
                name: text(payload, "name")?,
                password: text(payload, "password")?.into(),
                code: payload.get("code").and_then(Value::as_str).map(str::to_owned),
            }),
        };
        let Some(path) = ports.open_file("backup") else { return Ok(None) };
        backup::restore(self, &path, &secret, person.as_ref(), &mut self.watched("restore_backup", ports)).map(Some)
    }

    /// Progress outside a command.
    fn watched<'a>(
        &'a self,
        name: &'static str,
        ports: &'a dyn Ports,
    ) -> impl FnMut(&str, u64, u64) -> ControlFlow<()> + 'a {
        let work = self.under_way().begin(name);
        move |stage, done, total| {
            let (done, total) = (as_f64(done), Some(as_f64(total)));
            ports.progress(ProgressDto { stage: stage.to_owned(), done, total, unit: "bytes".to_owned() });
            if work.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
}

fn place<'a>(app: &'a App, log: &'a Path) -> Place<'a> {
    Place { data: app.data(), log, clock: app.clock(), entropy: app.entropy() }
}

fn told(made: &Made, expired: u64) -> BackupMadeDto {
    BackupMadeDto {
        file: made.file.display().to_string(),
        sha256: made.sha256.to_string(),
        bytes: made.bytes,
        files: made.members,
        made: made.made.to_string(),
        expired,
    }
}

/// For a progress bar.
#[expect(clippy::cast_precision_loss, reason = "a bar is not that precise")]
const fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}
