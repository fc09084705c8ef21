//! From a server's result to a reason.
//!
//! Active Directory says in the diagnostic message why it refused a bind, as `data` and a Windows error number in
//! hexadecimal ([MS-ERREF], 2.2). OpenLDAP says it in the password policy's response control (draft-behera-ldap-
//! password-policy-10, section 6.2), where the overlay is in use.

use cloister_directory_client::Fault;
use ldap3::{LdapResult, controls::RawControl};

/// Asks for the password policy's response; a server that does not know it ignores it.
pub(crate) fn password_policy() -> RawControl {
    RawControl { ctype: PASSWORD_POLICY.to_owned(), crit: false, val: None }
}

const PASSWORD_POLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";

/// What a person's bind came to.
pub(crate) fn of_bind(result: &LdapResult) -> Result<(), Fault> {
    let policy = result.ctrls.iter().find(|c| c.1.ctype == PASSWORD_POLICY).and_then(|c| c.1.val.as_deref());
    let policy = policy.and_then(policy_error);
    match (result.rc, policy) {
        (0, None) => Ok(()),
        // Bound, and allowed nothing but changing the password.
        (0 | 49, Some(CHANGE_AFTER_RESET)) => Err(Fault::PasswordMustChange),
        // Within its grace logins the server lets an expired password in; it is the server's to say.
        (0, Some(_)) => Ok(()),
        (49, Some(EXPIRED)) => Err(Fault::PasswordExpired),
        (49, Some(LOCKED)) => Err(Fault::AccountLocked),
        (49, _) => Err(data(&result.text).map_or(Fault::WrongPassword, of_windows)),
        // No such entry to bind as; inappropriateAuthentication: an entry without a password.
        (32 | 34 | 48, _) => Err(Fault::WrongPassword),
        (10, _) => Err(Fault::Referral),
        // unwillingToPerform: some servers say so of disabled accounts, and of binds they want encrypted.
        (53, _) => Err(Fault::AccountDisabled),
        _ => Err(Fault::ServerFailed),
    }
}

/// What a bind of the account that searches came to.
pub(crate) fn of_search_account(result: &LdapResult) -> Result<(), Fault> {
    match result.rc {
        0 => Ok(()),
        10 => Err(Fault::Referral),
        51 | 52 | 80 => Err(Fault::ServerFailed),
        _ => Err(Fault::SearchAccount),
    }
}

/// What a search came to.
pub(crate) fn of_search(result: &LdapResult) -> Result<(), Fault> {
    match result.rc {
        0 => Ok(()),
        10 => Err(Fault::Referral),
        32 => Err(Fault::BaseMissing),
        1 | 8 | 48 | 49 | 50 | 53 => Err(Fault::SearchAccount),
        17 | 18 | 21 | 34 => Err(Fault::Settings),
        3 => Err(Fault::TimedOut),
        4 => Err(Fault::NotUnique),
        _ => Err(Fault::ServerFailed),
    }
}

/// The number after `data` in Active Directory's message.
fn data(text: &str) -> Option<u32> {
    let (_, after) = text.split_once(" data ")?;
    let digits: String = after.chars().take_while(char::is_ascii_hexdigit).take(8).collect();
    u32::from_str_radix(&digits, 16).ok()
}

const fn of_windows(number: u32) -> Fault {
    match number {
        0x525 => Fault::NoSuchPerson,
        0x530 => Fault::LogonHours,
        0x531 => Fault::LogonWorkstation,
        0x532 => Fault::PasswordExpired,
        0x533 => Fault::AccountDisabled,
        0x701 => Fault::AccountExpired,
        0x773 => Fault::PasswordMustChange,
        0x775 => Fault::AccountLocked,
        _ => Fault::WrongPassword,
    }
}

const EXPIRED: u8 = 0;
const LOCKED: u8 = 1;
const CHANGE_AFTER_RESET: u8 = 2;

/// The error in a password policy's response:
/// `SEQUENCE { warning [0] CHOICE {…} OPTIONAL, error [1] ENUMERATED OPTIONAL }`, in BER with short lengths.
fn policy_error(value: &[u8]) -> Option<u8> {
    let mut rest = tagged(value, 0x30)?.0;
    if let Some((_, after)) = tagged(rest, 0xa0) {
        rest = after;
    }
    match tagged(rest, 0x81)?.0 {
        [error] => Some(*error),
        _ => None,
    }
}

/// The content of the first element, when it has this tag, and what follows it.
fn tagged(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, len], rest) = bytes.split_first_chunk::<2>()?;
    if found != tag || len >= 0x80 {
        return None;
    }
    rest.split_at_checked(len.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ldap3::controls::Control;

    fn result(rc: u32, text: &str, policy: Option<&[u8]>) -> LdapResult {
        let ctrls = policy.map(|val| {
            Control(None, RawControl { ctype: PASSWORD_POLICY.to_owned(), crit: false, val: Some(val.to_vec()) })
        });
        LdapResult {
            rc,
            matched: String::new(),
            text: text.to_owned(),
            refs: Vec::new(),
            ctrls: ctrls.into_iter().collect(),
        }
    }

    #[test]
    fn active_directory_says_why() {
        let said = |data: &str| {
            let text =
                format!("80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {data}, v2580");
            of_bind(&result(49, &text, None)).unwrap_err()
        };
        for (number, fault) in [
            ("525", Fault::NoSuchPerson),
            ("52e", Fault::WrongPassword),
            ("530", Fault::LogonHours),
            ("531", Fault::LogonWorkstation),
            ("532", Fault::PasswordExpired),
            ("533", Fault::AccountDisabled),
            ("701", Fault::AccountExpired),
            ("773", Fault::PasswordMustChange),
            ("775", Fault::AccountLocked),
            ("57", Fault::WrongPassword),
            ("", Fault::WrongPassword),
        ] {
            assert_eq!(said(number), fault, "{number}");
        }
    }

    #[test]
    fn the_password_policy_says_why() {
        let said = |rc, policy: &[u8]| of_bind(&result(rc, "", Some(policy)));
        assert_eq!(said(49, &[0x30, 3, 0x81, 1, 0]), Err(Fault::PasswordExpired));
        assert_eq!(said(49, &[0x30, 3, 0x81, 1, 1]), Err(Fault::AccountLocked));
        assert_eq!(said(0, &[0x30, 3, 0x81, 1, 2]), Err(Fault::PasswordMustChange));
        // A warning (so many seconds left) before it, or alone.
        assert_eq!(said(49, &[0x30, 9, 0xa0, 4, 0x80, 2, 1, 0, 0x81, 1, 1]), Err(Fault::AccountLocked));
        assert_eq!(said(0, &[0x30, 6, 0xa0, 4, 0x80, 2, 1, 0]), Ok(()));
        for damaged in [&[][..], &[0x30], &[0x30, 0x84, 0xff], &[0x30, 9, 0x81, 1], &[0x81, 1, 1]] {
            assert_eq!(said(49, damaged), Err(Fault::WrongPassword), "{damaged:?}");
            assert_eq!(said(0, damaged), Ok(()), "{damaged:?}");
        }
    }

    #[test]
    fn success_alone_is_success() {
        for rc in 1..=123 {
            assert!(of_bind(&result(rc, "", None)).is_err(), "{rc}");
            assert!(of_search_account(&result(rc, "", None)).is_err(), "{rc}");
            assert!(of_search(&result(rc, "", None)).is_err(), "{rc}");
        }
    }
}
