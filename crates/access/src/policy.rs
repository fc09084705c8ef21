//! The policy document: what an institution may set, with bounds that keep it sane.

use crate::{ListedModel, PolicyApproval, PolicyProposal, Retain};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whether a second factor is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondFactorPolicy {
    /// Everybody enrols one.
    Required,
    /// Who wants one enrols it.
    Optional,
}

/// Whether a process must be sealed off by the kernel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SealingPolicy {
    /// Without the kernel's rules nothing clinical is opened.
    #[default]
    Required,
    /// An administrator takes it upon themselves; the window shows it in red.
    Optional,
}

/// The policy in force. Kept in the signed keyring, so that it changes only with an administrator's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Minutes without input until auto-logoff: 1 to 60.
    pub session_timeout_minutes: u32,
    /// Failed sign-ins before a name is locked: 3 to 10.
    pub max_login_attempts: u32,
    /// Shortest password: 12 to 64 characters.
    pub minimum_password_length: u32,
    /// Whether a second factor is asked for.
    pub second_factor: SecondFactorPolicy,
    /// Whether a process must be sealed off by the kernel. Not in the documents of older vaults.
    #[serde(default)]
    pub sealing: SealingPolicy,
    /// How many administrators a change of it takes.
    #[serde(default)]
    pub policy_approval: PolicyApproval,
    /// What becomes of a run whose person leaves.
    #[serde(default)]
    pub runs_after_logoff: RunsAfterLogoff,
    /// Where backups go by themselves, an absolute path; empty for nowhere.
    #[serde(default)]
    pub backup_folder: String,
    /// How many of them are kept: 1 to 365.
    #[serde(default = "a_week")]
    pub backup_keep: u32,
    /// Age public keys that open them beside the recovery key, with spaces between.
    #[serde(default)]
    pub backup_age_recipients: String,
    /// For how long recordings are kept once the visit's note is signed. A document of an older vault says nothing of it,
    /// and nothing is erased there that nobody decided to erase.
    #[serde(default)]
    pub retain_audio: Retain,
    /// Visits, from their last change on.
    #[serde(default)]
    pub retain_visits: Retain,
    /// Datasets, from the last import, run or decision on.
    #[serde(default)]
    pub retain_datasets: Retain,
    /// Runs, from the last result or decision on.
    #[serde(default)]
    pub retain_runs: Retain,
    /// Days of the operational log: 1 to 14.
    #[serde(default = "two_weeks")]
    pub retain_operational_log: u32,
    /// The speech model used when none is named; empty for the manifest's.
    #[serde(default)]
    pub default_speech_model: String,
    /// The same for language.
    #[serde(default)]
    pub default_language_model: String,
    /// Models that an administrator brought in and the manifest does not know. Not set as a key.
    #[serde(default)]
    pub models: Vec<ListedModel>,
    /// Changes that wait for a second administrator. Not set as a key.
    #[serde(default)]
    pub proposals: Vec<PolicyProposal>,
}

const fn two_weeks() -> u32 {
    14
}

const fn a_week() -> u32 {
    7
}

/// What becomes of a run over a dataset when the person who began it signs out or is signed out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunsAfterLogoff {
    /// It goes on, and keeps its keys until it ends.
    #[default]
    Continue,
    /// It pauses after the document under way.
    Pause,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            session_timeout_minutes: 15,
            max_login_attempts: 5,
            minimum_password_length: 12,
            second_factor: SecondFactorPolicy::Optional,
            sealing: SealingPolicy::Required,
            policy_approval: PolicyApproval::One,
            runs_after_logoff: RunsAfterLogoff::Continue,
            backup_folder: String::new(),
            backup_keep: a_week(),
            backup_age_recipients: String::new(),
            // A day in which a slip can be put right.
            retain_audio: Retain::Days(1),
            retain_visits: Retain::Keep,
            retain_datasets: Retain::Keep,
            retain_runs: Retain::Keep,
            retain_operational_log: two_weeks(),
            default_speech_model: String::new(),
            default_language_model: String::new(),
            models: Vec::new(),
            proposals: Vec::new(),
        }
    }
}

/// Why a policy cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// No such key.
    #[error(
        "there is no policy key \"{0}\"; there are session_timeout_minutes, max_login_attempts, minimum_password_length, second_factor, sealing, policy_approval, runs_after_logoff, backup_folder, backup_keep, backup_age_recipients, retain_audio, retain_visits, retain_datasets, retain_runs, retain_operational_log"
    )]
    NoSuchKey(String),
    /// Out of bounds.
    #[error("{key} must be {bounds}")]
    OutOfBounds {
        /// The key.
        key: &'static str,
        /// What it may be.
        bounds: &'static str,
    },
    /// Nobody else could approve changes.
    #[error("policy_approval=two needs a second administrator, who is there and not disabled")]
    NoSecondAdministrator,
    /// What was decided about is not what waits.
    #[error("no such change waits for a decision; look at what does")]
    NoSuchProposal,
    /// Two people decide, not one twice.
    #[error("you proposed this change; another administrator has to decide")]
    OwnProposal,
    /// Who proposed it has no say any more.
    #[error("who proposed this change is no administrator any more; reject it, and propose it yourself")]
    ProposerLeft,
    /// The document in the keyring is not a policy of this version.
    #[error("the policy document is not one of this version")]
    Malformed,
}

impl Policy {
    /// Reads the document of a keyring.
    ///
    /// # Errors
    /// [`PolicyFault`] when a key is unknown or out of bounds.
    pub fn from_document(document: &Value) -> Result<Self, PolicyFault> {
        let policy: Self = serde_json::from_value(document.clone()).map_err(|_| PolicyFault::Malformed)?;
        policy.check()?;
        Ok(policy)
    }

    /// The document for the keyring.
    ///
    /// # Errors
    /// Never in practice: every field is a number or a word.
    pub fn to_document(&self) -> Result<Value, PolicyFault> {
        serde_json::to_value(self).map_err(|_| PolicyFault::Malformed)
    }

    /// Sets one key from text, as on the command line.
    ///
    /// # Errors
    /// [`PolicyFault`] when there is no such key or the value is out of bounds.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), PolicyFault> {
        let number = |key, bounds| value.parse::<u32>().map_err(|_| PolicyFault::OutOfBounds { key, bounds });
        match key {
            "session_timeout_minutes" => self.session_timeout_minutes = number(TIMEOUT.0, TIMEOUT.1)?,
            "max_login_attempts" => self.max_login_attempts = number(ATTEMPTS.0, ATTEMPTS.1)?,
            "minimum_password_length" => self.minimum_password_length = number(LENGTH.0, LENGTH.1)?,
            "second_factor" => {
                self.second_factor = match value {
                    "required" => SecondFactorPolicy::Required,
                    "optional" => SecondFactorPolicy::Optional,
                    _ => return Err(PolicyFault::OutOfBounds { key: "second_factor", bounds: "required or optional" }),
                }
            }
            "sealing" => {
                self.sealing = match value {
                    "required" => SealingPolicy::Required,
                    "optional" => SealingPolicy::Optional,
                    _ => return Err(PolicyFault::OutOfBounds { key: "sealing", bounds: "required or optional" }),
                }
            }
            "policy_approval" => {
                self.policy_approval = match value {
                    "one" => PolicyApproval::One,
                    "two" => PolicyApproval::Two,
                    _ => return Err(PolicyFault::OutOfBounds { key: "policy_approval", bounds: "one or two" }),
                }
            }
            "runs_after_logoff" => {
                self.runs_after_logoff = match value {
                    "continue" => RunsAfterLogoff::Continue,
                    "pause" => RunsAfterLogoff::Pause,
                    _ => {
                        return Err(PolicyFault::OutOfBounds { key: "runs_after_logoff", bounds: "continue or pause" });
                    }
                }
            }
            "backup_folder" => value.clone_into(&mut self.backup_folder),
            "backup_keep" => self.backup_keep = number(KEEP.0, KEEP.1)?,
            "backup_age_recipients" => value.clone_into(&mut self.backup_age_recipients),
            "retain_audio" => self.retain_audio = retain("retain_audio", value)?,
            "retain_visits" => self.retain_visits = retain("retain_visits", value)?,
            "retain_datasets" => self.retain_datasets = retain("retain_datasets", value)?,
            "retain_runs" => self.retain_runs = retain("retain_runs", value)?,
            "retain_operational_log" => self.retain_operational_log = number(OPERATIONAL.0, OPERATIONAL.1)?,
            _ => return Err(PolicyFault::NoSuchKey(key.to_owned())),
        }
        self.check()
    }

    fn check(&self) -> Result<(), PolicyFault> {
        let in_bounds =
            |ok: bool, (key, bounds)| if ok { Ok(()) } else { Err(PolicyFault::OutOfBounds { key, bounds }) };
        in_bounds((1..=60).contains(&self.session_timeout_minutes), TIMEOUT)?;
        in_bounds((3..=10).contains(&self.max_login_attempts), ATTEMPTS)?;
        in_bounds((12..=64).contains(&self.minimum_password_length), LENGTH)?;
        in_bounds(is_a_place(&self.backup_folder), FOLDER)?;
        in_bounds((1..=365).contains(&self.backup_keep), KEEP)?;
        in_bounds((1..=14).contains(&self.retain_operational_log), OPERATIONAL)?;
        let recipients = self.backup_age_recipients.split_whitespace();
        in_bounds(recipients.clone().count() <= 8 && recipients.clone().all(|r| r.starts_with("age1")), RECIPIENTS)
    }
}

const TIMEOUT: (&str, &str) = ("session_timeout_minutes", "a whole number from 1 to 60");
const ATTEMPTS: (&str, &str) = ("max_login_attempts", "a whole number from 3 to 10");
const LENGTH: (&str, &str) = ("minimum_password_length", "a whole number from 12 to 64");

const FOLDER: (&str, &str) = ("backup_folder", "an absolute path of at most 1000 characters, or empty");
const KEEP: (&str, &str) = ("backup_keep", "a whole number from 1 to 365");
const OPERATIONAL: (&str, &str) = ("retain_operational_log", "whole days from 1 to 14");
const RECIPIENTS: (&str, &str) = ("backup_age_recipients", "at most 8 age public keys (age1…), or empty");

fn retain(key: &'static str, value: &str) -> Result<Retain, PolicyFault> {
    Retain::parse(value).ok_or(PolicyFault::OutOfBounds { key, bounds: Retain::BOUNDS })
}

fn is_a_place(folder: &str) -> bool {
    folder.is_empty() || folder.starts_with('/') && folder.chars().count() <= 1000 && !folder.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_whichever_way_a_value_comes_in() {
        let mut p = Policy::default();
        assert!(p.set("session_timeout_minutes", "60").is_ok());
        for (k, v) in [
            ("session_timeout_minutes", "0"),
            ("session_timeout_minutes", "61"),
            ("max_login_attempts", "99"),
            ("minimum_password_length", "8"),
            ("second_factor", "maybe"),
            ("sealing", "perhaps"),
            ("policy_approval", "three"),
            ("backup_folder", "mnt/backups"),
            ("backup_keep", "0"),
            ("retain_audio", "a while"),
            ("retain_visits", "-1"),
            ("retain_operational_log", "15"),
            ("backup_age_recipients", "ssh-ed25519 AAAA"),
            ("colour", "blue"),
        ] {
            assert!(Policy::default().set(k, v).is_err(), "{k}={v}");
        }
        let mut doc = Policy::default().to_document().unwrap();
        assert_eq!(Policy::from_document(&doc).unwrap(), Policy::default());
        // A vault that was made before there was such a key is sealed.
        doc.as_object_mut().unwrap().remove("sealing");
        assert_eq!(Policy::from_document(&doc).unwrap().sealing, SealingPolicy::Required);
        // And its recordings stay until somebody decides otherwise.
        doc.as_object_mut().unwrap().remove("retain_audio");
        assert_eq!(Policy::from_document(&doc).unwrap().retain_audio, Retain::Keep);
        assert_eq!(Policy::default().retain_audio, Retain::Days(1));
        doc["session_timeout_minutes"] = 9999.into();
        assert!(Policy::from_document(&doc).is_err());
    }
}
