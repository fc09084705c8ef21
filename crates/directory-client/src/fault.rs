//! Why a person does not get in by the directory.

use cloister_domain::{Code, code};
use serde::{Deserialize, Serialize};

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident $code:literal $decided:literal $words:literal;)+) => {
        /// What the directory refused, or why it could not be asked. [`Fault::code`] is stable; the wording is not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
        #[serde(rename_all = "snake_case")]
        pub enum Fault {$(
            $(#[$doc])*
            #[error($words)]
            $name,
        )+}

        impl Fault {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// A stable name for faces, scripts and the log.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The same, as the log takes words.
            #[must_use]
            pub const fn word(self) -> Code {
                match self { $(Self::$name => code!($code),)+ }
            }

            /// Whether the directory spoke about the person. Otherwise it could not be asked, and nothing is known of
            /// name and password.
            #[must_use]
            pub const fn is_decided(self) -> bool {
                match self { $(Self::$name => $decided,)+ }
            }
        }
    };
}

faults! {
    /// No process asks: this one was started without a directory, or the broker ended.
    NotRunning "not_running" false
        "the program that asks the directory is not running; close Cloister and start it again";
    /// The kernel does not give the broker the rules that keep it in.
    NotSealed "not_sealed" false
        "the program that asks the directory is not sealed off by the kernel, so it was given nothing";
    /// No server's port takes a connection.
    Unreachable "unreachable" false
        "no directory server can be reached; the network or the servers are down, or the address is wrong";
    /// A server took too long.
    TimedOut "timed_out" false "the directory did not answer in time";
    /// The certificate is for another name.
    CertificateName "certificate_name" false
        "the server's certificate is for another name than the settings give";
    /// The certificate has ended.
    CertificateExpired "certificate_expired" false "the server's certificate has expired";
    /// The certificate has not begun.
    CertificateNotYetValid "certificate_not_yet_valid" false
        "the server's certificate is not valid yet; look at this machine's clock";
    /// Nobody the settings trust signed the certificate.
    CertificateUnknownCa "certificate_unknown_ca" false
        "the server's certificate was not issued by the certificate authority in the settings";
    /// It is self-signed, no certificate for a server, or broken.
    CertificateRefused "certificate_refused" false
        "the server's certificate cannot be accepted: it may be self-signed, no server's, or broken";
    /// Every certificate authority in the settings has ended.
    CaExpired "ca_expired" false "the certificate authority in the settings has expired";
    /// The encrypted connection could not be made.
    TlsFailed "tls_failed" false "no encrypted connection came about; the server may not speak TLS on this port";
    /// The server would not encrypt.
    StartTlsRefused "start_tls_refused" false
        "the server refused to encrypt the connection (StartTLS), so nothing was sent";
    /// The account that searches was refused.
    SearchAccount "search_account" false
        "the directory refused the account that searches for people; its name or password is wrong, or it may not search";
    /// There is no such place in the directory.
    BaseMissing "base_missing" false
        "the place where people are searched for is not in the directory, or may not be seen";
    /// There is nobody at that place.
    BaseEmpty "base_empty" false
        "nobody is found at the place where people are searched for; look at the filter, and at what may be seen";
    /// The server sent us to another one.
    Referral "referral" false "the server referred to another server; Cloister does not follow that";
    /// Two entries have the name.
    NotUnique "not_unique" false "the directory has several people of this name";
    /// A filter or name in the settings is none.
    Settings "settings" false "the directory does not understand a filter or a name in the settings";
    /// The server is busy, or failed.
    ServerFailed "server_failed" false "the directory server failed or is busy";
    /// The server's answer is no LDAP.
    AnswerUnreadable "answer_unreadable" false "what the server answered cannot be read";
    /// No entry has the name.
    NoSuchPerson "no_such_person" true "the directory has nobody of this name";
    /// It is not the password.
    WrongPassword "wrong_password" true "the directory refused the password";
    /// There is none: some servers take that for success.
    EmptyPassword "empty_password" true "an empty password is never sent";
    /// A name that cannot be one.
    NameRefused "name_refused" true "this cannot be a name in the directory";
    /// The server let it pass, and then did not know who it was.
    Anonymous "anonymous" true "the server accepted the password without saying whose it is";
    /// Disabled there.
    AccountDisabled "account_disabled" true "the account is disabled in the directory";
    /// Locked there.
    AccountLocked "account_locked" true "the account is locked in the directory";
    /// Ended there.
    AccountExpired "account_expired" true "the account has expired in the directory";
    /// The password has ended there.
    PasswordExpired "password_expired" true "the password has expired in the directory; change it there first";
    /// The password is to be changed there.
    PasswordMustChange "password_must_change" true "the directory wants the password changed first";
    /// Not at this time.
    LogonHours "logon_hours" true "the directory does not allow this account at this time";
    /// Not at this workstation.
    LogonWorkstation "logon_workstation" true "the directory does not allow this account here";
    /// In none of the groups.
    NoGroup "no_group" true "the account is in none of the directory groups that may use Cloister";
}

impl Fault {
    /// Whether a person who signs in is told no more than that name or password is wrong.
    #[must_use]
    pub const fn is_silent(self) -> bool {
        matches!(
            self,
            Self::NoSuchPerson | Self::WrongPassword | Self::EmptyPassword | Self::NameRefused | Self::Anonymous
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn a_code_is_what_serde_writes_and_is_nobody_elses() {
        let mut codes = Vec::new();
        for fault in Fault::ALL {
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.code());
            codes.push(fault.code());
            assert!(fault.is_decided() || !fault.is_silent(), "{fault:?}: nothing is known, and nothing is said?");
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Fault::ALL.len());
    }
}
