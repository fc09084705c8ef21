//! What keeps each process in, and whether that is enough to work with clinical data.

use crate::{App, AppError, app::Face, dto::ProcessProof, preset};
use cloister_access::{Policy, SealingPolicy};
use cloister_seal::{KernelStatus, Role, SealReport, probe};
use serde_json::Value;

impl App {
    /// Refuses an act in a process that the kernel does not seal, unless an administrator said in the policy that it
    /// need not. Without a seal one can still find out what is wrong, and an administrator can sign in to say so.
    pub(crate) fn check_sealed(&self, act: &str, payload: &Value) -> Result<(), AppError> {
        if self.seal().is_enforced() || self.seal().is_for_tests() || self.engines().may_be_unsealed() {
            return Ok(());
        }
        let says_so = |policy: &Value| policy.get("sealing").and_then(Value::as_str) == Some("optional");
        match act {
            "status" | "doctor" | "audit_verify" | "list_models" | "sign_in" | "sign_out" | "touch" | "cancel_job"
            | "show_policy" | "set_policy" | "recording_status" | "pause_recording" | "stop_recording"
            | "playback_status" | "stop_playback" | "scheduled_backup" => Ok(()),
            "create_vault" if payload.get("policy").is_some_and(says_so) || self.preset_says_so() => Ok(()),
            _ => Err(AppError::NotSealed(self.seal().facts().join("; "))),
        }
    }

    fn preset_says_so(&self) -> bool {
        preset::policy(self.institution()).is_ok_and(|preset| preset.sealing == SealingPolicy::Optional)
    }

    /// Follows the policy: whether engines may run that the kernel does not seal.
    pub(crate) fn follow_sealing(&self, policy: &Policy) {
        self.engines().allow_unsealed(policy.sealing == SealingPolicy::Optional);
    }

    /// What is in force in this process, the processes of its page, and the engines that run.
    pub(crate) fn proofs(&self) -> Vec<ProcessProof> {
        let name = match self.face() {
            Face::Desktop => "desktop",
            Face::Cli => "cli",
        };
        let mut proofs = vec![self.proof(name, self.seal())];
        proofs.extend(self.engines().seals().into_iter().map(|(name, seal)| self.proof(name, &seal)));
        if let Some(client) = self.broker().client() {
            proofs.push(self.proof("directory", client.seal()));
        }
        proofs.extend(page_processes());
        proofs
    }

    pub(crate) fn proof(&self, process: &str, seal: &SealReport) -> ProcessProof {
        let enforced = seal.is_enforced();
        let mut facts = seal.facts();
        if !enforced && self.engines().may_be_unsealed() {
            facts.push("an administrator allowed this (policy sealing = optional); it stands in the log".to_owned());
        }
        let state = if seal.is_for_tests() { "for_tests".to_owned() } else { state(enforced) };
        ProcessProof { process: process.to_owned(), state, facts }
    }
}

fn state(enforced: bool) -> String {
    if enforced { "enforced" } else { "not_enforced" }.to_owned()
}

/// The processes that WebKit started for the page. They inherited the window's rules; the kernel is asked all the same.
fn page_processes() -> Vec<ProcessProof> {
    let ours = KernelStatus::of(std::process::id()).unwrap_or_default();
    let page = cloister_seal::children().into_iter().filter(|(_, name)| name.starts_with("WebKit"));
    let proof = |(pid, name): (u32, String)| {
        let theirs = KernelStatus::of(pid).ok()?;
        let enforced = theirs.seccomp == 2 && theirs.no_new_privs && theirs.filters >= ours.filters;
        let count = theirs.filters.map_or_else(String::new, |n| format!(" ({n} in all)"));
        let seccomp = if theirs.seccomp == 2 { "filter in force" } else { "no filter" };
        let facts = vec![
            format!("{name}: seccomp: {seccomp}{count}, inherited from the window"),
            format!("no_new_privs: {}", u8::from(theirs.no_new_privs)),
        ];
        Some(ProcessProof { process: "page".to_owned(), state: state(enforced), facts })
    };
    page.filter_map(proof).collect()
}

/// Tries every way out of this process and of an engine. The number tried, and the names of those that were open.
pub(crate) fn probe(app: &App) -> Result<(usize, Vec<String>), AppError> {
    let own = probe::of(Role::Face).map(|way| (format!("this process: {}", way.name), way.run()));
    let engine = app.engines().without_model(|e| e.probe())?;
    let directory = match app.broker().client() {
        Some(client) => client.probe().map_err(AppError::Directory)?,
        None => Vec::new(),
    };
    let directory = directory.into_iter().map(|(name, o)| (format!("directory: {name}"), o));
    let all: Vec<_> =
        own.chain(directory).chain(engine.into_iter().map(|(name, o)| (format!("engine: {name}"), o))).collect();
    let open = all.iter().filter(|(_, outcome)| *outcome != probe::Outcome::Refused);
    Ok((all.len(), open.map(|(name, _)| name.clone()).collect()))
}
