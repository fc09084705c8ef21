//! Why a try to sign in failed, in the log's words, and which failures a lockout counts.
//!
//! A lockout is counted from the log. So each reason stands here with its word and with whether it counts, and a failure
//! can be written with no other.

use cloister_directory_client::Fault;
use cloister_domain::{Code, code};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $word:literal $counts:literal;)+) => {
        /// Why a try failed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum FailedBy {
            $($(#[$doc])* $name,)+
            /// The directory said no, or could not be asked.
            Directory(Fault),
        }

        impl FailedBy {
            const OWN: &[Self] = &[$(Self::$name,)+];

            /// Its word in the log.
            pub(crate) const fn word(self) -> Code {
                match self {
                    $(Self::$name => code!($word),)+
                    Self::Directory(fault) => fault.word(),
                }
            }

            /// Whether it may have been a guess. It was none where the directory could not be asked, or took the
            /// password.
            pub(crate) const fn counts(self) -> bool {
                match self {
                    $(Self::$name => $counts,)+
                    Self::Directory(fault) => fault.is_decided(),
                }
            }
        }
    };
}

reasons! {
    /// The name, the password, or a disabled account.
    Credentials "credentials" true;
    /// Files of the vault are damaged.
    Vault "vault" true;
    /// The account's slot is an older one.
    KeysPutBack "keys_put_back" true;
    /// The second factor's code was not given.
    CodeMissing "code_missing" true;
    /// It is not the code.
    Code "code" true;
    /// The code was used before.
    CodeUsed "code_used" true;
    /// The directory took the password, and it opens no keys here.
    EnrolmentNeeded "enrolment_needed" false;
    /// An administrator has to say yes.
    EnrolmentPending "enrolment_pending" false;
    /// The directory gives another role.
    RoleChanged "role_changed" false;
    /// The directory's password protects nothing.
    WeakPassword "directory_password" false;
    /// The code of an administrator opens nothing.
    EnrolmentCode "enrolment_code" true;
    /// It is not the password before this one.
    PreviousPassword "previous_password" true;
}

impl FailedBy {
    /// What a word of the log says; nothing for one that is none of these, which counts.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::all().find(|reason| reason.word().as_str() == word)
    }

    fn all() -> impl Iterator<Item = Self> {
        Self::OWN.iter().copied().chain(Fault::ALL.iter().map(|fault| Self::Directory(*fault)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_one_reason_s_and_the_log_gives_it_back() {
        for reason in FailedBy::all() {
            assert_eq!(FailedBy::of_word(reason.word().as_str()), Some(reason));
        }
        assert!(FailedBy::all().any(FailedBy::counts) && FailedBy::all().any(|r| !r.counts()));
        assert_eq!(FailedBy::of_word("some later reason"), None);
    }
}
