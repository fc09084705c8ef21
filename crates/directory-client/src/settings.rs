//! How the directory is to be asked: what an administrator gives, and what it becomes.

use crate::Server;
use base64::{Engine, engine::general_purpose::STANDARD};
use cloister_domain::{Role, Sha256Hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What stands for the name in a template or filter.
pub(crate) const NAME: &str = "{name}";
/// What stands for the person's entry.
pub(crate) const DN: &str = "{dn}";

const MOST_SERVERS: usize = 8;
const MOST_GROUPS: usize = 32;
const LONGEST_TEXT: usize = 1024;
const LONGEST_CA: usize = 64 * 1024;

/// Which kind of directory: what is left out of the settings follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirectoryKind {
    /// OpenLDAP and what is like it: `uid`, `member`.
    #[serde(rename = "openldap")]
    OpenLdap,
    /// Microsoft's: `sAMAccountName`, and groups within groups.
    ActiveDirectory,
}

impl DirectoryKind {
    const fn login_attribute(self) -> &'static str {
        match self {
            Self::OpenLdap => "uid",
            Self::ActiveDirectory => "sAMAccountName",
        }
    }

    const fn people_filter(self) -> &'static str {
        match self {
            Self::OpenLdap => "(objectClass=person)",
            Self::ActiveDirectory => "(&(objectCategory=person)(objectClass=user))",
        }
    }

    const fn membership(self) -> &'static str {
        match self {
            Self::OpenLdap => "(|(member={dn})(uniqueMember={dn}))",
            // LDAP_MATCHING_RULE_IN_CHAIN: groups within groups count ([MS-ADTS], 3.1.1.3.4.4.3).
            Self::ActiveDirectory => "(member:1.2.840.113556.1.4.1941:={dn})",
        }
    }
}

/// Who opens the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BindMode {
    /// An account of its own, or nobody, searches for the person; then the person's password is tried.
    Search,
    /// The person's password is tried under a name made from a template; then they look themselves up. No other
    /// password is kept anywhere.
    Direct,
}

/// A group and the role that it gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRole {
    /// The group's distinguished name.
    pub dn: String,
    /// The role.
    pub role: Role,
}

/// [`GroupRole`] as it is given: the role as a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenGroup {
    /// The group's distinguished name.
    pub dn: String,
    /// The role.
    pub role: String,
}

/// What an administrator gives, in a file or a form. What is left out follows from `kind`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenSettings {
    /// Which kind of directory.
    pub kind: DirectoryKind,
    /// Servers, in the order in which they are tried.
    pub servers: Vec<String>,
    /// Certificates (PEM) of the institution's certificate authority. No other is trusted.
    pub ca: String,
    /// Who opens the connection.
    pub bind: BindMode,
    /// With `search`: the account that searches; nobody by default.
    #[serde(default)]
    pub search_account: Option<String>,
    /// With `direct`: the name to bind with, with `{name}` in it.
    #[serde(default)]
    pub bind_template: Option<String>,
    /// Where people are.
    pub people_base: String,
    /// Which entries there are people.
    #[serde(default)]
    pub people_filter: Option<String>,
    /// The attribute that holds the sign-in name.
    #[serde(default)]
    pub login_attribute: Option<String>,
    /// The filter that a group's entry passes when a person (`{dn}`, `{name}`) is in it.
    #[serde(default)]
    pub membership: Option<String>,
    /// Groups and their roles. The first that a person is in gives the role.
    pub groups: Vec<GivenGroup>,
    /// The fewest characters of a directory password that keys are put under: 8 to 64; 12 by default.
    #[serde(default)]
    pub minimum_password_length: Option<u32>,
    /// How long a server may take to answer at all: 1 to 30; 5 by default.
    #[serde(default)]
    pub connect_timeout_s: Option<u32>,
    /// How long one question may take: 1 to 60; 10 by default.
    #[serde(default)]
    pub operation_timeout_s: Option<u32>,
}

/// The settings in force, complete and checked. This is the document in the signed keyring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Which kind of directory.
    pub kind: DirectoryKind,
    /// Servers, in the order in which they are tried; all on one port.
    pub servers: Vec<Server>,
    /// Certificates (PEM).
    pub ca: String,
    /// Who opens the connection.
    pub bind: BindMode,
    /// The account that searches.
    pub search_account: Option<String>,
    /// The name to bind with.
    pub bind_template: Option<String>,
    /// Where people are.
    pub people_base: String,
    /// Which entries there are people.
    pub people_filter: String,
    /// The attribute that holds the sign-in name.
    pub login_attribute: String,
    /// The filter that a group's entry passes when a person is in it.
    pub membership: String,
    /// Groups and their roles.
    pub groups: Vec<GroupRole>,
    /// The fewest characters of a directory password.
    pub minimum_password_length: u32,
    /// How long a server may take to answer at all.
    pub connect_timeout_s: u32,
    /// How long one question may take.
    pub operation_timeout_s: u32,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct SettingFault {
    /// The field's name.
    pub field: &'static str,
    /// What is wrong.
    pub why: String,
}

fn fault<T>(field: &'static str, why: impl Into<String>) -> Result<T, SettingFault> {
    Err(SettingFault { field, why: why.into() })
}

impl Settings {
    /// Completes what was given and checks it.
    ///
    /// # Errors
    /// The first field that cannot be.
    pub fn new(given: GivenSettings) -> Result<Self, SettingFault> {
        let mut servers = Vec::new();
        for text in &given.servers {
            match text.trim().parse::<Server>() {
                Ok(server) => servers.push(server),
                Err(e) => return fault("servers", format!("{text}: {e}")),
            }
        }
        let mut groups = Vec::new();
        for GivenGroup { dn, role } in given.groups {
            let Ok(role) = role.parse::<Role>() else {
                return fault("groups", format!("there is no role {role}"));
            };
            groups.push(GroupRole { dn, role });
        }
        let kind = given.kind;
        let some = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        let or = |text: Option<String>, preset: &str| some(text).unwrap_or_else(|| preset.to_owned());
        let settings = Self {
            kind,
            servers,
            ca: given.ca.trim().to_owned(),
            bind: given.bind,
            search_account: some(given.search_account),
            bind_template: some(given.bind_template),
            people_base: given.people_base.trim().to_owned(),
            people_filter: or(given.people_filter, kind.people_filter()),
            login_attribute: or(given.login_attribute, kind.login_attribute()),
            membership: or(given.membership, kind.membership()),
            groups: groups.into_iter().map(|g| GroupRole { dn: g.dn.trim().to_owned(), ..g }).collect(),
            minimum_password_length: given.minimum_password_length.unwrap_or(12),
            connect_timeout_s: given.connect_timeout_s.unwrap_or(5),
            operation_timeout_s: given.operation_timeout_s.unwrap_or(10),
        };
        settings.check()?;
        Ok(settings)
    }

    /// Reads the keyring's document. It was checked when it was signed; it is checked again.
    ///
    /// # Errors
    /// [`SettingFault`] when it is not one of this version.
    pub fn from_document(document: &serde_json::Value) -> Result<Self, SettingFault> {
        let read = serde_json::from_value::<Self>(document.clone());
        let Ok(settings) = read else { return fault("directory", "the document is not one of this version") };
        settings.check()?;
        Ok(settings)
    }

    /// The document for the keyring.
    ///
    /// # Errors
    /// Never in practice: every field is a number, a word or a text.
    pub fn to_document(&self) -> Result<serde_json::Value, SettingFault> {
        serde_json::to_value(self).or_else(|_| fault("directory", "the settings cannot be written"))
    }

    /// The one port on which every server listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.servers.first().map_or(0, |s| s.address.port())
    }

    /// Whether a password of the account that searches is kept.
    #[must_use]
    pub const fn needs_search_password(&self) -> bool {
        matches!(self.bind, BindMode::Search) && self.search_account.is_some()
    }

    fn check(&self) -> Result<(), SettingFault> {
        self.check_servers()?;
        Authorities::read(&self.ca)?;
        match self.bind {
            BindMode::Search if self.bind_template.is_some() => {
                return fault("bind_template", "it is for bind = \"direct\"");
            }
            BindMode::Direct if self.search_account.is_some() => {
                return fault("search_account", "it is for bind = \"search\"");
            }
            BindMode::Search => {}
            BindMode::Direct => match &self.bind_template {
                Some(t) if t.matches(NAME).count() == 1 => plain("bind_template", t)?,
                _ => return fault("bind_template", "it must hold {name} once, such as uid={name},ou=people,dc=clinic"),
            },
        }
        if let Some(account) = &self.search_account {
            plain("search_account", account)?;
        }
        dn("people_base", &self.people_base)?;
        filter("people_filter", &self.people_filter)?;
        filter("membership", &self.membership)?;
        if !self.membership.contains(DN) && !self.membership.contains(NAME) {
            return fault("membership", "it must hold {dn} or {name}, or everybody would be in every group");
        }
        let attribute = &self.login_attribute;
        let letters = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if attribute.len() > 64
            || !attribute.bytes().all(letters)
            || !attribute.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            return fault("login_attribute", "an attribute's name holds letters, digits and hyphens");
        }
        if self.groups.is_empty() || self.groups.len() > MOST_GROUPS {
            return fault(
                "groups",
                format!("1 to {MOST_GROUPS} groups are mapped to roles; without one nobody gets in"),
            );
        }
        for (i, group) in self.groups.iter().enumerate() {
            dn("groups", &group.dn)?;
            if self.groups[..i].iter().any(|g| g.dn.eq_ignore_ascii_case(&group.dn)) {
                return fault("groups", format!("{} stands there twice", group.dn));
            }
        }
        within("minimum_password_length", self.minimum_password_length, 8, 64)?;
        within("connect_timeout_s", self.connect_timeout_s, 1, 30)?;
        within("operation_timeout_s", self.operation_timeout_s, 1, 60)
    }

    fn check_servers(&self) -> Result<(), SettingFault> {
        let Some(first) = self.servers.first() else { return fault("servers", "at least one is needed") };
        if self.servers.len() > MOST_SERVERS {
            return fault("servers", format!("there can be {MOST_SERVERS} at most"));
        }
        for (i, server) in self.servers.iter().enumerate() {
            if server.address.port() != first.address.port() || server.transport != first.transport {
                return fault(
                    "servers",
                    "all must be on one port and encrypted in one way: the kernel opens no other port",
                );
            }
            if self.servers[..i].iter().any(|s| s.address == server.address) {
                return fault("servers", format!("{} stands there twice", server.address));
            }
        }
        Ok(())
    }
}

/// The certificate authorities in a PEM text. Only their form is looked at here: the broker reads what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorities(Vec<Vec<u8>>);

impl Authorities {
    /// Reads PEM (RFC 7468): one or more certificates, and nothing secret.
    ///
    /// # Errors
    /// [`SettingFault`] of the field `ca`.
    pub fn read(pem: &str) -> Result<Self, SettingFault> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        if pem.len() > LONGEST_CA {
            return fault("ca", "it is too long for the certificates of an authority");
        }
        if pem.contains("PRIVATE KEY-----") {
            return fault("ca", "it holds a private key, which belongs on no workstation; give the certificate alone");
        }
        let mut certificates = Vec::new();
        let mut rest = pem;
        while let Some((_, after)) = rest.split_once(BEGIN) {
            let Some((body, after)) = after.split_once(END) else { return fault("ca", "a certificate is cut short") };
            let digits: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            match STANDARD.decode(digits) {
                // A SEQUENCE (ITU-T X.690), as every certificate is.
                Ok(der) if der.first() == Some(&0x30) => certificates.push(der),
                _ => return fault("ca", "a certificate in it cannot be read"),
            }
            rest = after;
        }
        if certificates.is_empty() {
            return fault("ca", "there is no certificate in it; it must be PEM (-----BEGIN CERTIFICATE-----)");
        }
        Ok(Self(certificates))
    }

    /// Each certificate, DER.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// SHA-256 of each, as tools show it for comparing.
    #[must_use]
    pub fn fingerprints(&self) -> Vec<Sha256Hex> {
        self.iter().map(|der| Sha256Hex::from_bytes(&Sha256::digest(der).into())).collect()
    }
}

fn plain(field: &'static str, text: &str) -> Result<(), SettingFault> {
    if text.is_empty() || text.len() > LONGEST_TEXT || text.chars().any(char::is_control) {
        return fault(field, "it must have 1 to 1024 characters on one line");
    }
    Ok(())
}

fn dn(field: &'static str, text: &str) -> Result<(), SettingFault> {
    plain(field, text)?;
    if text.contains('=') {
        Ok(())
    } else {
        fault(field, format!("{text} is no distinguished name, such as ou=people,dc=clinic"))
    }
}

/// Whether it can be a filter (RFC 4515): balanced brackets round the whole. The directory says whether it is one.
fn filter(field: &'static str, text: &str) -> Result<(), SettingFault> {
    plain(field, text)?;
    let mut depth = 0u32;
    for (i, c) in text.char_indices() {
        depth = match c {
            '(' => depth + 1,
            ')' if depth > 1 => depth - 1,
            ')' if depth == 1 && i + 1 == text.len() => return Ok(()),
            _ if depth == 0 => break,
            ')' => break,
            _ => depth,
        };
    }
    fault(field, "a filter stands in brackets, such as (objectClass=person)")
}

fn within(field: &'static str, value: u32, least: u32, most: u32) -> Result<(), SettingFault> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        fault(field, format!("it must be a whole number from {least} to {most}"))
    }
}

#[cfg(test)]
mod tests;
