//! The institution's directory.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `show_directory`: what the keyring says, and how this process stands to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DirectoryDto {
    /// What is set; absent where there is no directory.
    pub settings: Option<DirectorySettingsDto>,
    /// Whether this process asks the directory under these settings.
    pub in_force: bool,
    /// Whether they count from the next start of Cloister on.
    pub restart_needed: bool,
    /// What keeps the directory from being asked, in words.
    pub failure: Option<String>,
    /// Whether a password of the account that searches is kept.
    pub search_password_kept: bool,
    /// Local administrators who can sign in: with none, nobody gets in while the directory cannot be reached.
    pub local_administrators: u32,
}

/// Settings of the directory, complete. `set_directory` takes them with fields left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DirectorySettingsDto {
    /// `openldap` or `active-directory`.
    pub kind: String,
    /// `ldaps://IP[:port]?name=CERTNAME`, or `ldap://` for StartTLS.
    pub servers: Vec<String>,
    /// Certificates of the authority, PEM.
    pub ca: String,
    /// SHA-256 of each certificate.
    pub ca_fingerprints: Vec<String>,
    /// `search` or `direct`.
    pub bind: String,
    /// With `search`: the account that searches; absent: nobody in particular.
    pub search_account: Option<String>,
    /// With `direct`: the name to bind with, with `{name}` in it.
    pub bind_template: Option<String>,
    /// Where people are.
    pub people_base: String,
    /// Which entries there are people.
    pub people_filter: String,
    /// The attribute that holds the sign-in name.
    pub login_attribute: String,
    /// The filter that a group passes when a person is in it.
    pub membership: String,
    /// Groups and the roles that they give, the first match first.
    pub groups: Vec<GroupRoleDto>,
    /// The fewest characters of a directory password that keys are put under.
    pub minimum_password_length: u32,
    /// Seconds that a server may take to answer at all.
    pub connect_timeout_s: u32,
    /// Seconds that one question may take.
    pub operation_timeout_s: u32,
}

/// A group and its role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupRoleDto {
    /// The group's distinguished name.
    pub dn: String,
    /// `administrator`, `clinician`, …
    pub role: String,
}

/// `read_authority`: certificates from a file that a person chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuthorityDto {
    /// PEM.
    pub ca: String,
    /// SHA-256 of each certificate.
    pub fingerprints: Vec<String>,
}

/// One step of `test_directory`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DirectoryStepDto {
    /// `connect`, `certificate`, `search_account`, `base`, `person`, `groups`, `password`.
    pub step: String,
    /// `done`, `warned`, `failed`, `not_tried`.
    pub state: String,
    /// Why it failed, as a code.
    pub fault: Option<String>,
    /// The same in words.
    pub words: Option<String>,
    /// What was found: `server`, `ends`, `days`, `account`, `dn`, `roles`, `missing`.
    pub facts: std::collections::BTreeMap<String, String>,
}

/// Somebody from the directory who asks to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EnrolmentDto {
    /// `usr-…`, which may not be an account yet.
    pub user: String,
    /// The name to sign in with.
    pub name: String,
    /// The role that the directory's groups give.
    pub role: String,
    /// When it was asked for (RFC 3339).
    pub asked: String,
    /// What the person reads out: four groups of four.
    pub fingerprint: String,
    /// Whether there is an account already, which gets new keys.
    pub renews: bool,
    /// Whether the log has seen this very request; one that it has not cannot be approved.
    pub recorded: bool,
}

/// A one-time code with which a person from the directory opens their keys. Shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EnrolmentCodeDto {
    /// `usr-…`
    pub user: String,
    /// Six groups of six.
    pub code: String,
    /// When it opens nothing any more (RFC 3339).
    pub expires: String,
}
