//! What can go wrong, as people read it.

use crate::{KeyHolder, name::NameFault, password::PasswordFault};
use std::io;

/// Why an act on the vault failed. No variant carries a secret, and none tells an unknown name from a wrong
/// password.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No `keyring.json` in the folder.
    #[error("there is no vault here: keyring.json is missing")]
    Missing,
    /// The folder already holds a vault; creation never overwrites.
    #[error("there is a vault here already")]
    Exists,
    /// Slots without a keyring: what remains of a vault whose keyring was lost, or of a creation cut short.
    #[error(
        "the folder holds key slots but no keyring.json: put keyring.json back from a backup, or choose another folder"
    )]
    SlotsWithoutKeyring,
    /// A file was read and refused. It was left as it is.
    #[error("{file} was refused: {fault}. Nothing was overwritten; {recourse}", recourse = recourse(file, *fault))]
    Refused {
        /// Its name within the vault, such as `keyring.json`.
        file: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// An unknown name or a wrong password; which of the two is not said.
    #[error("the name or the password is not right")]
    SignIn,
    /// The password was right, but an administrator disabled the account.
    #[error("this account is disabled")]
    Disabled,
    /// The recovery key is well-formed, but not this vault's.
    #[error("this is not the recovery key of this vault")]
    WrongRecoveryKey,
    /// The keys belong to another vault.
    #[error("the keys were unlocked from another vault")]
    OtherVault,
    /// The change needs an administrator, as the keyring stands now.
    #[error("only an administrator can change the keyring")]
    NotAdministrator,
    /// An administrator cannot disable, demote or reset their own account: the vault always keeps one.
    #[error("administrators cannot do this to their own account; another administrator or the recovery key can")]
    OwnAccount,
    /// No account has this id.
    #[error("there is no such account")]
    NoSuchAccount,
    /// The account name is taken or not acceptable.
    #[error(transparent)]
    Name(#[from] NameFault),
    /// A new password is not acceptable.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// A recovery key was mistyped.
    #[error("this is not a recovery key: {0}")]
    RecoveryKey(&'static str),
    /// An enrolment code was mistyped.
    #[error("this is not an enrolment code: {0}")]
    EnrolmentCode(&'static str),
    /// The enrolment code is well-formed, but another account's, or it was used.
    #[error("this enrolment code does not open the account: it is another's, or was replaced by a newer one")]
    WrongEnrolmentCode,
    /// The enrolment code came too late.
    #[error("this enrolment code has expired; an administrator can give a new one")]
    EnrolmentCodeExpired,
    /// More requests wait than anybody could decide.
    #[error("too many enrolment requests wait; an administrator has to decide some first")]
    TooManyEnrolments,
    /// An enrolment request that is not what was looked at, or that something else came before.
    #[error("there is no such enrolment request any more: it was replaced, decided, or overtaken by a code")]
    NoSuchEnrolment,
    /// The cost of a password guess is outside what is allowed.
    #[error("Argon2id needs at least 64 MiB, 3 passes and 1 lane, and at most 4096 MiB, 64 passes and 16 lanes")]
    Cost,
    /// Another process changed the vault since it was opened.
    #[error("the keyring was changed by another program meanwhile; open it again")]
    ChangedMeanwhile,
    /// The caller could not record the change, so it was not made.
    #[error("the change could not be recorded, so it was not made: {0}")]
    NotRecorded(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The keyring on disk is not the one the log recorded last.
    #[error("keyring.json is version {found}, but the log recorded version {recorded}: it was put back or replaced")]
    NotTheRecorded {
        /// The version on disk.
        found: u64,
        /// The version that the log recorded.
        recorded: u64,
    },
    /// A value cannot be written as canonical JSON and read back unchanged.
    #[error("{0} cannot be kept: it does not survive being written as canonical JSON")]
    NotCanonical(&'static str),
    /// A wrapped or sealed key does not open: another key wrapped it, or it was changed.
    #[error("a wrapped key does not open: it belongs to another item or key, or it was changed")]
    WrappedKey,
    /// A cryptographic operation refused its input.
    #[error("{0} failed")]
    Crypto(&'static str),
    /// The system gave no randomness; nothing was made.
    #[error("no randomness to be had")]
    Entropy(#[source] io::Error),
    /// A file could not be read or written.
    #[error("{act} failed")]
    Io {
        /// What was tried, such as `reading keyring.json`.
        act: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl VaultError {
    /// What went wrong while a [`crate::BackupReader`] was read through [`io::Read`].
    #[must_use]
    pub fn from_reading(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(ours) => ours,
            Err(source) => Self::Io { act: "reading the backup".to_owned(), source },
        }
    }

    pub(crate) fn io(act: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let act = act.into();
        move |source| Self::Io { act, source }
    }

    pub(crate) fn refused(file: impl Into<String>) -> impl FnOnce(Fault) -> Self {
        let file = file.into();
        move |fault| Self::Refused { file, fault }
    }
}

fn recourse(file: &str, fault: Fault) -> &'static str {
    if let Fault::Version(_) = fault {
        "use the version of Cloister that wrote it, or a later one"
    } else if file == "keyring.json" {
        "put keyring.json back from a backup; passwords and the recovery key then work as they did"
    } else if file.starts_with("slots/usr-") {
        "an administrator, or the recovery key, can reset this account"
    } else if file.starts_with("enrolments/") {
        "refuse the request and let the person ask again"
    } else if file.starts_with("slots/") {
        "an administrator can make a new recovery key"
    } else if file == "the backup" {
        "take an earlier backup, or another copy of this one"
    } else {
        "put it back from a backup"
    }
}

/// What is wrong with a file. [`Fault::code`] is stable; the wording is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is not there.
    #[error("it is missing")]
    Missing,
    /// It has no bytes.
    #[error("it is empty")]
    Empty,
    /// It is larger than such a file can be.
    #[error("it is larger than such a file can be")]
    TooLarge,
    /// It is a folder, a link, a pipe or a device.
    #[error("it is not a plain file")]
    NotAFile,
    /// It does not begin as such a file does.
    #[error("it is cut short or not a file of this kind")]
    Malformed,
    /// It was written in a later version of the format.
    #[error("it is in format version {0}, which this version of Cloister does not know")]
    Version(u32),
    /// It says the right things in other bytes: somebody edited it.
    #[error("it was edited by hand: its bytes are not the canonical form")]
    NotCanonical,
    /// A field holds what it cannot hold.
    #[error("its field {0} is not as it must be")]
    Field(&'static str),
    /// It belongs to another vault or another holder.
    #[error("it belongs to another vault or another account")]
    Foreign,
    /// The signature does not fit the content.
    #[error("its signature does not fit its content")]
    Signature,
    /// The signer is not an administrator whom the chain of authority leads to.
    #[error("it was not signed by an administrator of this vault")]
    Authority,
    /// The authority chain is not the one this account was made under.
    #[error("its chain of administrators does not begin where this account's did: the keyring was replaced")]
    OtherRoot,
    /// Decryption found a changed byte.
    #[error("its encrypted content was changed")]
    Authentication,
    /// The key or the context is not the one it was sealed with.
    #[error("it was sealed with another key, for another item, or its header was changed")]
    OtherKey,
    /// It ends before its last segment.
    #[error("it ends too early")]
    Truncated,
    /// A sealed role key does not match the keyring's public record of it.
    #[error("a role key in it is not the one the vault uses")]
    RoleKey,
}

impl Fault {
    /// A stable name for scripts, the log and the test vectors.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::NotAFile => "not_a_file",
            Self::Malformed => "malformed",
            Self::Version(_) => "version",
            Self::NotCanonical => "not_canonical",
            Self::Field(_) => "field",
            Self::Foreign => "foreign",
            Self::Signature => "signature",
            Self::Authority => "authority",
            Self::OtherRoot => "other_root",
            Self::Authentication => "authentication",
            Self::OtherKey => "other_key",
            Self::Truncated => "truncated",
            Self::RoleKey => "role_key",
        }
    }
}

/// The file that holds this holder's slot, relative to the vault folder.
pub(crate) fn slot_file(holder: KeyHolder) -> String {
    format!("slots/{holder}")
}
