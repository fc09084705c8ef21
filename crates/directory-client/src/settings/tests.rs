use super::*;
use serde_json::json;

/// `AAAA` is no certificate, but begins as one (0x30) once its first byte is right.
const CA: &str = "-----BEGIN CERTIFICATE-----\nMAAAAAAA\n-----END CERTIFICATE-----";

fn given() -> serde_json::Value {
    json!({
        "kind": "openldap",
        "servers": ["ldaps://10.0.0.5?name=dc1.clinic.example", "ldaps://10.0.0.6?name=dc2.clinic.example"],
        "ca": CA,
        "bind": "search",
        "people_base": "ou=people,dc=clinic,dc=example",
        "groups": [{"dn": "cn=clinicians,ou=groups,dc=clinic,dc=example", "role": "clinician"}],
    })
}

fn read(value: serde_json::Value) -> Result<Settings, SettingFault> {
    Settings::new(serde_json::from_value(value).unwrap())
}

#[test]
fn what_is_left_out_follows_from_the_kind() {
    let settings = read(given()).unwrap();
    assert_eq!((settings.login_attribute.as_str(), settings.port()), ("uid", 636));
    assert_eq!(settings.membership, "(|(member={dn})(uniqueMember={dn}))");
    assert!(!settings.needs_search_password());
    let mut ad = given();
    ad["kind"] = "active-directory".into();
    ad["search_account"] = "svc@clinic.example".into();
    let ad = read(ad).unwrap();
    assert_eq!(ad.login_attribute, "sAMAccountName");
    assert!(ad.needs_search_password());
    for settings in [settings, ad] {
        assert_eq!(Settings::from_document(&settings.to_document().unwrap()).unwrap(), settings);
    }
}

#[test]
fn each_field_that_cannot_be_is_named() {
    let with = |key: &str, value: serde_json::Value| {
        let mut changed = given();
        changed[key] = value;
        read(changed).unwrap_err().field
    };
    for (key, value) in [
        ("servers", json!([])),
        ("servers", json!(["ldaps://dc1.clinic.example"])),
        ("servers", json!(["ldaps://10.0.0.5", "ldaps://10.0.0.6:1636"])),
        ("servers", json!(["ldaps://10.0.0.5:389", "ldap://10.0.0.6"])),
        ("servers", json!(["ldaps://10.0.0.5", "ldaps://10.0.0.5:636?name=a.b"])),
        ("ca", json!("")),
        ("ca", json!("-----BEGIN CERTIFICATE-----\nMAAA")),
        ("ca", json!("-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----")),
        ("ca", json!(format!("{CA}\n-----BEGIN {0}-----\nMAAA\n-----END {0}-----", "PRIVATE KEY"))),
        ("people_base", json!("people")),
        ("people_base", json!("")),
        ("people_filter", json!("objectClass=person")),
        ("people_filter", json!("(objectClass=person))(|(uid=*)")),
        ("people_filter", json!("(objectClass=person")),
        ("people_filter", json!("(a=b)(c=d)")),
        ("login_attribute", json!("uid)(|(uid=*")),
        ("membership", json!("(cn=clinicians)")),
        ("groups", json!([])),
        ("groups", json!([{"dn": "clinicians", "role": "clinician"}])),
        ("groups", json!([{"dn": "cn=a", "role": "owner"}])),
        ("groups", json!([{"dn": "cn=a", "role": "viewer"}, {"dn": "CN=A", "role": "clinician"}])),
        ("minimum_password_length", json!(7)),
        ("connect_timeout_s", json!(0)),
        ("operation_timeout_s", json!(61)),
        ("bind_template", json!("uid={name},ou=people")),
    ] {
        assert_eq!(with(key, value.clone()), key, "{value}");
    }
    let mut direct = given();
    direct["bind"] = "direct".into();
    for template in [json!(null), json!("uid=ada"), json!("uid={name},cn={name}")] {
        direct["bind_template"] = template;
        assert_eq!(read(direct.clone()).unwrap_err().field, "bind_template");
    }
    direct["bind_template"] = "{name}@clinic.example".into();
    assert!(read(direct.clone()).is_ok());
    direct["search_account"] = "cn=svc".into();
    assert_eq!(read(direct).unwrap_err().field, "search_account");
}

#[test]
fn a_document_that_was_changed_is_checked_again() {
    let mut document = read(given()).unwrap().to_document().unwrap();
    document["membership"] = "(objectClass=*)".into();
    assert_eq!(Settings::from_document(&document).unwrap_err().field, "membership");
    document["later"] = true.into();
    assert_eq!(Settings::from_document(&document).unwrap_err().field, "directory");
}

#[test]
fn fingerprints_are_of_the_certificates() {
    let two = Authorities::read(&format!("Issued to somebody\n{CA}\n{CA}\n")).unwrap();
    assert_eq!(two.fingerprints().len(), 2);
    assert_eq!(two.iter().next().unwrap(), [0x30, 0, 0, 0, 0, 0]);
}
