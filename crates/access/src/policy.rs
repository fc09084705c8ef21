//! The policy document: what an institution may set, with bounds that keep it sane.

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
    /// What becomes of a run whose person leaves.
    #[serde(default)]
    pub runs_after_logoff: RunsAfterLogoff,
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
            runs_after_logoff: RunsAfterLogoff::Continue,
        }
    }
}

/// Why a policy cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// No such key.
    #[error(
        "there is no policy key \"{0}\"; there are session_timeout_minutes, max_login_attempts, minimum_password_length, second_factor, sealing, runs_after_logoff"
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
            "runs_after_logoff" => {
                self.runs_after_logoff = match value {
                    "continue" => RunsAfterLogoff::Continue,
                    "pause" => RunsAfterLogoff::Pause,
                    _ => {
                        return Err(PolicyFault::OutOfBounds { key: "runs_after_logoff", bounds: "continue or pause" });
                    }
                }
            }
            _ => return Err(PolicyFault::NoSuchKey(key.to_owned())),
        }
        self.check()
    }

    fn check(&self) -> Result<(), PolicyFault> {
        let in_bounds =
            |ok: bool, (key, bounds)| if ok { Ok(()) } else { Err(PolicyFault::OutOfBounds { key, bounds }) };
        in_bounds((1..=60).contains(&self.session_timeout_minutes), TIMEOUT)?;
        in_bounds((3..=10).contains(&self.max_login_attempts), ATTEMPTS)?;
        in_bounds((12..=64).contains(&self.minimum_password_length), LENGTH)
    }
}

const TIMEOUT: (&str, &str) = ("session_timeout_minutes", "a whole number from 1 to 60");
const ATTEMPTS: (&str, &str) = ("max_login_attempts", "a whole number from 3 to 10");
const LENGTH: (&str, &str) = ("minimum_password_length", "a whole number from 12 to 64");

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
            ("colour", "blue"),
        ] {
            assert!(Policy::default().set(k, v).is_err(), "{k}={v}");
        }
        let mut doc = Policy::default().to_document().unwrap();
        assert_eq!(Policy::from_document(&doc).unwrap(), Policy::default());
        // A vault that was made before there was such a key is sealed.
        doc.as_object_mut().unwrap().remove("sealing");
        assert_eq!(Policy::from_document(&doc).unwrap().sealing, SealingPolicy::Required);
        doc["session_timeout_minutes"] = 9999.into();
        assert!(Policy::from_document(&doc).is_err());
    }
}
