//! What the parent and the broker say to each other, as JSON in frames.
//!
//! The broker is configured once, while nobody is signed in, and then knows one set of servers for good. Each question
//! after that is answered by a process of its own.

use crate::{Fault, Settings};
use cloister_domain::{Role, Timestamp};
use cloister_seal::{SealReport, probe::Outcome};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{collections::BTreeMap, fmt};

/// The protocol's version. Both sides are of one build.
pub const VERSION: u32 = 1;

/// A password on its way.
pub struct Password(SecretString);

impl Password {
    /// To be sent.
    #[must_use]
    pub const fn new(password: SecretString) -> Self {
        Self(password)
    }

    /// Its characters.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Clone for Password {
    fn clone(&self) -> Self {
        Self(SecretString::from(self.expose()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        SecretString::deserialize(d).map(Self)
    }
}

/// The first message, and there is no second of its kind.
#[derive(Debug, Serialize, Deserialize)]
pub struct Configure {
    /// [`VERSION`].
    pub version: u32,
    /// How the directory is to be asked.
    pub settings: Settings,
    /// Whether to go on where the kernel gives no seal: an administrator said so.
    pub unsealed: bool,
}

/// A question.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// Whether the directory lets this person in.
    Verify {
        /// The name.
        name: String,
        /// Theirs.
        password: Password,
        /// Of the account that searches.
        search_password: Option<Password>,
    },
    /// Each step by itself.
    Test {
        /// As whom, for the steps after the search account's.
        name: Option<String>,
        /// Their password, for the last step.
        password: Option<Password>,
        /// Of the account that searches.
        search_password: Option<Password>,
    },
    /// Try every way out of the sandbox that is known.
    Probe,
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Reply {
    /// To [`Configure`].
    Sealed {
        /// [`VERSION`].
        version: u32,
        /// Of the package.
        build: String,
        /// What is in force.
        report: SealReport,
    },
    /// The directory lets the person in.
    Verified(Verified),
    /// It does not.
    Refused {
        /// Why.
        fault: Fault,
    },
    /// Each way out and how it ended.
    Probed {
        /// Name and outcome.
        outcomes: Vec<(String, Outcome)>,
    },
    /// What each step found, in order.
    Tested {
        /// The steps.
        steps: Vec<Step>,
    },
}

/// What the directory said of a person whose password it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The roles that their groups give, in the order of the settings; at least one.
    pub roles: Vec<Role>,
    /// When the certificates of this server end, the earliest of them.
    pub certificate_ends: Timestamp,
}

/// One step of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which.
    pub step: StepName,
    /// How it went.
    pub state: StepState,
    /// Why it failed.
    pub fault: Option<Fault>,
    /// What it found: `server`, `days`, `ends`, `dn`, `roles`, `account`, by name.
    pub facts: BTreeMap<String, String>,
}

/// The steps of a sign-in, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// A server's port takes the connection.
    Connect,
    /// It is encrypted, and the certificate is good.
    Certificate,
    /// The account that searches is taken.
    SearchAccount,
    /// People are found at the place where they are searched for.
    Base,
    /// The person is found.
    Person,
    /// Their groups give a role.
    Groups,
    /// Their password is taken.
    Password,
}

impl StepName {
    /// As serde writes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Certificate => "certificate",
            Self::SearchAccount => "search_account",
            Self::Base => "base",
            Self::Person => "person",
            Self::Groups => "groups",
            Self::Password => "password",
        }
    }
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It went well.
    Done,
    /// It went well, and something should be seen to soon.
    Warned,
    /// It failed.
    Failed,
    /// Nothing was given to try it with, or a step before it failed.
    NotTried,
}

impl StepState {
    /// As serde writes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Warned => "warned",
            Self::Failed => "failed",
            Self::NotTried => "not_tried",
        }
    }
}

/// So many days before a certificate ends, people are told.
pub const WARN_DAYS: i64 = 30;

/// Whole days from `now` until `ends`; negative when it has ended.
#[must_use]
pub const fn days_until(ends: Timestamp, now: Timestamp) -> i64 {
    (ends.as_millis() - now.as_millis()).div_euclid(86_400_000)
}
