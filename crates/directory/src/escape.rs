//! Names in filters and distinguished names: everything that has a meaning there is escaped.

use cloister_directory_client::Fault;
use ldap3::{dn_escape, ldap_escape};
use unicode_normalization::UnicodeNormalization;

/// What an account's name is compared by: case and compatibility forms do not matter.
pub(crate) fn fold(name: &str) -> String {
    let folded: String = name.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a name can be sent at all. No directory has a name with what is refused here, and a server that reads on
/// after a NUL is not one to be tried.
pub(crate) fn check_name(name: &str) -> Result<(), Fault> {
    let fine = !name.trim().is_empty() && name.chars().count() <= 64 && !name.chars().any(char::is_control);
    if fine { Ok(()) } else { Err(Fault::NameRefused) }
}

/// The filter (RFC 4515) that finds a person among those that `people` finds.
pub(crate) fn person_filter(people: &str, attribute: &str, name: &str) -> String {
    format!("(&{people}({attribute}={}))", ldap_escape(name))
}

/// The filter that a group passes when the person is in it.
pub(crate) fn membership_filter(membership: &str, dn: &str, name: &str) -> String {
    // One pass: what was put in is not looked at again.
    let mut out = String::with_capacity(membership.len() + dn.len() + name.len());
    let mut rest = membership;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("{dn}") {
            out.push_str(&ldap_escape(dn));
            rest = after;
        } else if let Some(after) = rest.strip_prefix("{name}") {
            out.push_str(&ldap_escape(name));
            rest = after;
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// The name to bind with: a distinguished name, or what Active Directory takes instead (`NAME@DOMAIN`, `DOMAIN\NAME`).
pub(crate) fn bind_name(template: &str, name: &str) -> Result<String, Fault> {
    if template.contains('=') {
        return Ok(template.replacen("{name}", &dn_escape(name), 1));
    }
    // No name of a Windows account holds these; with them one could name an account of another domain.
    let odd = |c: char| r#""/\[]:;|=,+*?<>@"#.contains(c);
    if name.chars().any(odd) { Err(Fault::NameRefused) } else { Ok(template.replacen("{name}", name, 1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_a_name_in_a_filter() {
        let filter = |name: &str| person_filter("(objectClass=person)", "uid", name);
        assert_eq!(filter("ada"), "(&(objectClass=person)(uid=ada))");
        assert_eq!(filter("*"), r"(&(objectClass=person)(uid=\2a))");
        assert_eq!(filter("x)(|(uid=*)"), r"(&(objectClass=person)(uid=x\29\28|\28uid=\2a\29))");
        assert_eq!(filter(r"a\2a"), r"(&(objectClass=person)(uid=a\5c2a))");
    }

    #[test]
    fn what_is_put_into_a_membership_is_not_read_again() {
        let filter = membership_filter("(|(member={dn})(memberUid={name}){x})", "cn={name}*", "a(b");
        assert_eq!(filter, r"(|(member=cn={name}\2a)(memberUid=a\28b){x})");
    }

    #[test]
    fn a_name_stays_a_value_in_a_distinguished_name() {
        let dn = |name: &str| bind_name("uid={name},ou=people,dc=clinic", name).unwrap();
        assert_eq!(dn("ada"), "uid=ada,ou=people,dc=clinic");
        let hostile = dn("ada,ou=admins+cn=\"x\"");
        assert!(hostile.ends_with(",ou=people,dc=clinic"));
        assert!(!hostile.contains("ada,ou=") && !hostile.contains("\"x"), "{hostile}");
        assert_eq!(bind_name("{name}@clinic.example", "ada").unwrap(), "ada@clinic.example");
        for bad in ["ada@other.example", r"OTHER\ada", "a*", "a/b"] {
            assert_eq!(bind_name("{name}@clinic.example", bad), Err(Fault::NameRefused), "{bad}");
        }
    }

    #[test]
    fn names_that_no_directory_has_are_not_sent() {
        for bad in ["", "  ", "a\0b", "a\nb", "\u{7f}", &"x".repeat(65)] {
            assert_eq!(check_name(bad), Err(Fault::NameRefused), "{bad:?}");
        }
        assert!(check_name("Dr. Zoë O'Hara").is_ok());
        assert_eq!(fold(" ADA  Byron "), fold("ada byron"));
        assert_ne!(fold("jose"), fold("josé"), "another person's name");
    }
}
