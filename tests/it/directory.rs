//! Sign-in by the institution's directory, against a real OpenLDAP server and against servers that lie: nobody gets in
//! who should not.

use anyhow::Result;
use cloister_testkit::{Account, Clinic, Outcome, Workstation};
use serde_json::Value;
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

pub(crate) const OKAFOR: &str = "seven lamps over the quay";
const NEW: &str = "eight lamps over the quay";

/// What a run printed as JSON.
pub(crate) fn json(outcome: &Outcome) -> Value {
    outcome.json().unwrap()
}

/// `directory test` with settings that no vault holds: each step with its state and fault, in a line.
fn tried(station: &Workstation, settings: &str, more: &[&str]) -> Vec<String> {
    let file = station.file("trial.toml", settings).unwrap();
    let file = file.to_string_lossy().into_owned();
    let mut args = vec!["directory", "test", "--json", "--file", &file];
    args.extend(more);
    let out = station.cloister(args).anonymous().run().unwrap();
    assert!(matches!(out.code, Some(0 | 1)), "{out:?}");
    let steps = json(&out);
    let words = |step: &Value| {
        let fault = step["fault"].as_str().map_or(String::new(), |f| format!(" {f}"));
        format!("{} {}{fault}", step["step"].as_str().unwrap(), step["state"].as_str().unwrap())
    };
    let steps: Vec<_> = steps.as_array().unwrap().iter().map(words).collect();
    assert_eq!(out.code == Some(1), steps.iter().any(|s| s.contains("failed")), "{steps:?}");
    steps
}

/// The first step that failed, with its fault.
fn failed(station: &Workstation, settings: &str, more: &[&str]) -> String {
    let steps = tried(station, settings, more);
    steps.iter().find(|s| s.contains(" failed ")).cloned().unwrap_or_else(|| panic!("nothing failed: {steps:?}"))
}

fn set(station: &Workstation, settings: &str) {
    let file = station.file("directory.toml", settings).unwrap();
    station.run(["directory", "set", &file.to_string_lossy()]).unwrap().succeeded().unwrap();
}

/// Whether somebody gets in: the exit status, and what was said.
fn signs_in(station: &Workstation, who: &Account) -> (i32, String) {
    let out = station.run_as(who, ["schema", "list", "--json"]).unwrap();
    (out.code.unwrap(), out.stderr)
}

pub(crate) fn is_in(station: &Workstation, who: &Account) -> bool {
    let (code, said) = signs_in(station, who);
    assert!(matches!(code, 0 | 3), "{code}: {said}");
    code == 0
}

/// An account of the directory, in by the code that the administrator was given.
pub(crate) fn enrolled(station: &Workstation, name: &str, role: &str, password: &str) -> Account {
    let added = station.run(["user", "add", name, "--role", role, "--directory", "--json"]).unwrap();
    let code = json(&added.succeeded().unwrap())["code"].as_str().unwrap().to_owned();
    let who = station.person(name, password).unwrap();
    let file = station.file("code", code).unwrap();
    let enrol = ["user", "enrol", "--code-file", &file.to_string_lossy()].map(str::to_owned);
    station.run_as(&who, &enrol).unwrap().succeeded().unwrap();
    who
}

pub(crate) fn change_password(who: &Account, password: &str) {
    fs::write(&who.password_file, format!("{password}\n")).unwrap();
}

fn events(station: &Workstation) -> String {
    station.run(["audit", "list", "--limit", "1000", "--json"]).unwrap().succeeded().unwrap().stdout
}

#[test]
fn a_certificate_that_is_not_the_institution_s_ends_it_before_anything_is_sent() -> Result<()> {
    let Some(mut clinic) = Clinic::prepared()? else { return Ok(()) };
    let station = Workstation::bare()?;
    for (certificate, step) in [
        ("wrong-name", "certificate failed certificate_name"),
        ("expired", "certificate failed certificate_expired"),
        // It calls itself an authority, as what openssl makes by default does.
        ("self-signed", "certificate failed certificate_refused"),
        ("by-other", "certificate failed certificate_unknown_ca"),
    ] {
        clinic.serve("127.0.0.1", certificate)?;
        let tls = clinic.settings("");
        let start_tls = tls.replace("ldaps://", "ldap://").replace(&clinic.tls.to_string(), &clinic.plain.to_string());
        for settings in [tls, start_tls] {
            let steps = tried(&station, &settings, &["--as", "okafor", "--without-password"]);
            assert_eq!(steps[..2], ["connect done", step], "{certificate}");
            assert!(steps[2..].iter().all(|s| s.ends_with("not_tried")), "{certificate}: {steps:?}");
        }
        clinic.close("127.0.0.1")?;
    }
    // A good one, asked for under another name, or trusted by other settings.
    clinic.serve("127.0.0.1", "good")?;
    let other_name = clinic.settings("").replace("dc1.clinic.test", "dc2.clinic.test");
    assert_eq!(failed(&station, &other_name, &[]), "certificate failed certificate_name");
    let by_address = clinic.settings("").replace("?name=dc1.clinic.test", "");
    assert_eq!(tried(&station, &by_address, &[])[1], "certificate done");
    let other_ca = clinic.settings("").replace("ca.pem", "other-ca.pem");
    assert_eq!(failed(&station, &other_ca, &[]), "certificate failed certificate_unknown_ca");
    clinic.close("127.0.0.1")?;
    // One that ends within a month is told of.
    clinic.serve("127.0.0.1", "soon")?;
    assert_eq!(tried(&station, &clinic.settings(""), &[])[1], "certificate warned");
    Ok(())
}

/// A server of our own making on a port of its own: `talk` gets each connection.
fn liar(talk: fn(TcpStream)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || talk(stream));
        }
    });
    port
}

/// An answer to StartTLS with this result (RFC 4511, section 4.12), in BER.
fn extended(result: u8) -> Vec<u8> {
    vec![0x30, 0x0c, 2, 1, 1, 0x78, 7, 0x0a, 1, result, 4, 0, 4, 0]
}

#[test]
fn a_server_that_will_not_encrypt_or_does_not_answer_gets_nothing() -> Result<()> {
    let Some(clinic) = Clinic::open()? else { return Ok(()) };
    let station = Workstation::bare()?;
    let at = |scheme: &str, port: u16| {
        let servers = format!("servers = [\"{scheme}://127.0.0.1:{port}?name=dc1.clinic.test\"]\n");
        clinic.settings_with(&format!("{servers}bind = \"search\"\n"))
    };
    let steps = |settings: &str| failed(&station, settings, &[]);
    // TLS on the port for StartTLS works; TLS on a port that speaks plain LDAP does not, nor the other way about.
    assert_eq!(tried(&station, &at("ldap", clinic.plain), &[])[1], "certificate done");
    assert_eq!(steps(&at("ldaps", clinic.plain)), "certificate failed tls_failed");
    assert!(steps(&at("ldap", clinic.tls)).starts_with("certificate failed"));

    // StartTLS stripped: refused, or promised and not kept. After the promise, what comes in the clear is no answer.
    let refuses = liar(|mut s| {
        let mut asked = [0; 64];
        let _ = s.read(&mut asked);
        let _ = s.write_all(&extended(2));
        let rest = s.read(&mut asked).unwrap_or(0);
        assert!(!asked[..rest].windows(4).any(|w| w == b"okaf"), "it went on in the clear");
    });
    assert_eq!(steps(&at("ldap", refuses)), "certificate failed start_tls_refused");
    let breaks_its_word = liar(|mut s| {
        let mut asked = [0; 64];
        let _ = s.read(&mut asked);
        let mut answers = extended(0);
        // Bind responses with success, in the clear, before anybody asked.
        for id in 1..6 {
            answers.extend([0x30, 0x0c, 2, 1, id, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0]);
        }
        let _ = s.write_all(&answers);
        thread::sleep(Duration::from_secs(5));
    });
    assert!(steps(&at("ldap", breaks_its_word)).starts_with("certificate failed"));

    let begun = Instant::now();
    let silent = liar(|s| {
        thread::sleep(Duration::from_secs(30));
        drop(s);
    });
    assert_eq!(steps(&at("ldaps", silent)), "certificate failed timed_out");
    assert_eq!(steps(&at("ldap", silent)), "certificate failed timed_out");
    assert!(begun.elapsed() < Duration::from_secs(12), "it waited {:?}", begun.elapsed());
    let noise = liar(|mut s| while s.write_all(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0, 1, 2, 3]).is_ok() {});
    assert!(steps(&at("ldaps", noise)).starts_with("certificate failed"));
    assert!(steps(&at("ldap", noise)).starts_with("certificate failed"));
    let nobody = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    assert_eq!(steps(&at("ldaps", nobody)), "connect failed unreachable");
    Ok(())
}

#[test]
fn the_test_says_which_step_fails() -> Result<()> {
    let Some(clinic) = Clinic::open()? else { return Ok(()) };
    let station = Workstation::bare()?;
    let right = station.file("right", OKAFOR)?.to_string_lossy().into_owned();
    let wrong = station.file("wrong", "no lamps at all")?.to_string_lossy().into_owned();
    let empty = station.file("empty", "")?.to_string_lossy().into_owned();
    let service = station.file("service", "searching high and low")?.to_string_lossy().into_owned();

    let all = tried(&station, &clinic.settings(""), &["--as", "okafor", "--as-password-file", &right]);
    let names = ["connect", "certificate", "search_account", "base", "person", "groups", "password"];
    assert_eq!(all, names.map(|n| format!("{n} done")));
    let fails = |more: &str, args: &[&str]| failed(&station, &clinic.settings(more), args);
    let as_okafor = |file: &str| ["--as".to_owned(), "okafor".into(), "--as-password-file".into(), file.to_owned()];
    for (file, fault) in [(&wrong, "wrong_password"), (&empty, "empty_password")] {
        let args = as_okafor(file);
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        assert_eq!(fails("", &args), format!("password failed {fault}"));
    }
    for (name, step) in [
        ("nobody", "person failed no_such_person"),
        ("twin", "person failed not_unique"),
        ("outsider", "groups failed no_group"),
        ("hidden", "person failed no_such_person"),
    ] {
        assert_eq!(fails("", &["--as", name, "--without-password"]), step);
    }
    for (more, step) in [
        ("people_base = \"ou=nowhere,dc=clinic,dc=test\"", "base failed base_missing"),
        ("people_base = \"ou=groups,dc=clinic,dc=test\"", "base failed base_empty"),
        ("people_base = \"ou=away,dc=clinic,dc=test\"", "base failed referral"),
        ("people_base = \"no name=\"", "base failed settings"),
        ("people_filter = \"(objectClass)\"", "base failed settings"),
    ] {
        assert_eq!(fails(more, &[]), step, "{more}");
    }
    // An account that searches, its password right, wrong and empty; it sees who others do not.
    let account = "search_account = \"cn=search,dc=clinic,dc=test\"\npeople_base = \"dc=clinic,dc=test\"";
    let found = tried(
        &station,
        &clinic.settings(account),
        &["--search-password-file", &service, "--as", "hidden", "--without-password"],
    );
    assert_eq!(found[2..6], ["search_account", "base", "person", "groups"].map(|n| format!("{n} done")));
    for file in [&wrong, &empty] {
        assert_eq!(fails(account, &["--search-password-file", file]), "search_account failed search_account");
    }
    // Bound directly: by a distinguished name made from the name.
    let servers = format!("servers = [\"ldaps://127.0.0.1:{}?name=dc1.clinic.test\"]\nbind = \"direct\"\n", clinic.tls);
    let direct = format!("{servers}bind_template = \"uid={{name}},ou=people,dc=clinic,dc=test\"");
    let direct = clinic.settings_with(&direct);
    let all = tried(&station, &direct, &["--as", "okafor", "--as-password-file", &right]);
    assert_eq!(all, ["connect", "certificate", "password", "base", "person", "groups"].map(|n| format!("{n} done")));
    for hostile in ["okafor,ou=people", "okafor+cn=x", "okafor,dc=clinic,dc=test#", "*"] {
        let step = failed(&station, &direct, &["--as", hostile, "--as-password-file", &right]);
        assert_eq!(step, "password failed wrong_password", "{hostile}");
    }
    Ok(())
}

#[test]
fn a_person_comes_in_by_a_code_and_goes_with_the_directory() -> Result<()> {
    let Some(mut clinic) = Clinic::open()? else { return Ok(()) };
    let station = Workstation::with_vault()?;
    set(&station, &clinic.settings(""));
    let okafor = enrolled(&station, "okafor", "clinician", OKAFOR);
    assert!(is_in(&station, &okafor));
    // Under the same name in other letters, and under no other.
    assert!(is_in(&station, &Account { name: " OKAFOR ".to_owned(), ..okafor.clone() }));
    for hostile in ["*", "okafor*", "okafor)(uid=*", "x)(|(uid=okafor)", "okafor\\2a", "ok\u{e0}for"] {
        let who = Account { name: hostile.to_owned(), ..okafor.clone() };
        assert_eq!(signs_in(&station, &who).0, 3, "{hostile}");
    }
    // Neither the administrator's local password goes there, nor does a wrong one let anybody in.
    assert!(is_in(&station, station.admin()));
    change_password(&okafor, "seven lamps over the key");
    let (code, said) = signs_in(&station, &okafor);
    assert_eq!((code, said.contains("not right")), (3, true), "{said}");
    change_password(&okafor, OKAFOR);

    // The code works once, and the account's password is changed where it belongs.
    let again = ["user", "enrol", "--code-file", &station.path("code").to_string_lossy()].map(str::to_owned);
    station.run_as(&okafor, &again)?.succeeded()?;
    station.run_as(&okafor, ["user", "password", "--new-password-file", "code"])?.exited(1)?;
    station.run(["user", "reset", "okafor", "--new-password-file", "code"])?.exited(1)?;

    // Out of every group, gone, or the server gone: out, whatever the slot would open with.
    clinic.change_group("delete", "clinicians", "okafor")?;
    let (code, said) = signs_in(&station, &okafor);
    assert_eq!((code, said.contains("none of the directory groups")), (3, true), "{said}");
    clinic.change_group("add", "clinicians", "okafor")?;
    assert!(is_in(&station, &okafor));
    clinic.change("dn: uid=okafor,ou=people,dc=clinic,dc=test\nchangetype: delete\n")?;
    assert!(!is_in(&station, &okafor));
    clinic.close("127.0.0.1")?;
    let (code, said) = signs_in(&station, &okafor);
    assert_eq!((code, said.contains("reached")), (3, true), "{said}");
    assert!(is_in(&station, station.admin()), "a local account needs no directory");

    let doctor = station.run(["doctor", "--json"])?;
    let checks = json(&doctor)["checks"].as_array().unwrap().clone();
    let check = checks.iter().find(|c| c["name"] == "directory").unwrap();
    assert_eq!(check["state"], "fail", "{check}");
    let lines = events(&station);
    for word in ["\"directory\"", "no_group", "no_such_person", "wrong_password", "unreachable"] {
        assert!(lines.contains(word), "{word} is not in the log");
    }
    assert_eq!(cloister_testkit::traces::of(OKAFOR, &station.data())?, []);
    let verdict = station.run(["audit", "verify", "--json"])?.succeeded()?;
    assert_eq!(json(&verdict)["verdict"], "intact");
    Ok(())
}

#[test]
fn a_person_asks_to_be_let_in_and_an_administrator_compares_the_fingerprint() -> Result<()> {
    let Some(clinic) = Clinic::open()? else { return Ok(()) };
    let station = Workstation::with_vault()?;
    set(&station, &clinic.settings(""));
    let okafor = station.person("okafor", OKAFOR)?;
    // Nothing happens by itself, and without the directory's password nothing at all.
    let (code, said) = signs_in(&station, &okafor);
    assert_eq!((code, said.contains("approval")), (3, true), "{said}");
    let request = ["user", "enrol", "--request", "--json"];
    change_password(&okafor, "not hers");
    station.run_as(&okafor, request)?.exited(3)?;
    assert_eq!(json(&station.run(["user", "requests", "--json"])?.succeeded()?), serde_json::json!([]));
    change_password(&okafor, OKAFOR);
    for (name, password) in [("outsider", "three doors along the wall"), ("brief", "shortword")] {
        let who = station.person(name, password)?;
        station.run_as(&who, request)?.exited(3)?;
    }
    assert_eq!(json(&station.run(["user", "requests", "--json"])?.succeeded()?), serde_json::json!([]));

    let shown = json(&station.run_as(&okafor, request)?.succeeded()?)["fingerprint"].as_str().unwrap().to_owned();
    assert_eq!(shown.len(), 19, "{shown}");
    let waiting = json(&station.run(["user", "requests", "--json"])?.succeeded()?);
    let row = &waiting[0];
    assert_eq!((row["name"].as_str(), row["role"].as_str()), (Some("okafor"), Some("clinician")));
    assert_eq!((row["fingerprint"].as_str(), row["recorded"].as_bool()), (Some(shown.as_str()), Some(true)));
    let (code, said) = signs_in(&station, &okafor);
    assert_eq!((code, said.contains(&shown)), (3, true), "{said}");

    // Another fingerprint, a request that the log has not seen, and a person who is no administrator: nobody gets in.
    station.run(["user", "approve", "okafor", "--fingerprint", "AAAA-BBBB-CCCC-DDDD"])?.exited(1)?;
    let file = fs::read_dir(station.data().join("enrolments"))?.next().unwrap()?.path();
    let true_request = fs::read(&file)?;
    let asked_again = json(&station.run_as(&okafor, request)?.succeeded()?);
    let newer = asked_again["fingerprint"].as_str().unwrap().to_owned();
    assert_ne!(newer, shown);
    let newer_request = fs::read(&file)?;
    fs::write(&file, &true_request)?;
    station.run(["user", "approve", "okafor", "--fingerprint", &shown])?.exited(1)?;
    let mut broken = newer_request.clone();
    let at = broken.len() / 2;
    broken[at] ^= 1;
    fs::write(&file, &broken)?;
    station.run(["user", "approve", "okafor", "--fingerprint", &newer])?.exited(1)?;
    fs::write(&file, &newer_request)?;
    assert!(!is_in(&station, &okafor));

    let lower = newer.to_lowercase().replace('-', " ");
    station.run(["user", "approve", "okafor", "--fingerprint", &lower])?.succeeded()?;
    assert!(is_in(&station, &okafor));
    station.run_as(&okafor, ["user", "list", "--json"])?.exited(3)?;
    let users = json(&station.run(["user", "list", "--json"])?.succeeded()?);
    let row = users.as_array().unwrap().iter().find(|u| u["name"] == "okafor").unwrap();
    assert_eq!((row["kind"].as_str(), row["role"].as_str()), (Some("directory"), Some("clinician")));
    assert_eq!(fs::read_dir(station.data().join("enrolments"))?.count(), 0);

    // Refused, and asked anew.
    let adams = station.person("adams", "five swifts under the bridge")?;
    station.run_as(&adams, request)?.succeeded()?;
    station.run(["user", "refuse", "adams"])?.succeeded()?;
    assert!(!is_in(&station, &adams));
    let lines = events(&station);
    for word in ["enrolment_request", "enrolment_decision", "approved", "refused"] {
        assert!(lines.contains(word), "{word} is not in the log");
    }
    Ok(())
}

#[test]
fn a_password_that_was_changed_there_needs_the_one_before_or_somebody_s_yes() -> Result<()> {
    let Some(clinic) = Clinic::open()? else { return Ok(()) };
    let station = Workstation::with_vault()?;
    set(&station, &clinic.settings(""));
    let okafor = enrolled(&station, "okafor", "clinician", OKAFOR);
    clinic.change_password("okafor", NEW)?;
    assert!(!is_in(&station, &okafor), "the old password still lets in");
    change_password(&okafor, NEW);
    let (code, said) = signs_in(&station, &okafor);
    assert_eq!((code, said.contains("the one before")), (3, true), "{said}");

    let previous = |password: &str| {
        let file = station.file("previous", password).unwrap();
        let args = ["user", "enrol", "--previous-password-file", &file.to_string_lossy()].map(str::to_owned);
        station.run_as(&okafor, &args).unwrap().code.unwrap()
    };
    assert_eq!(previous("six lamps over the quay"), 3);
    assert_eq!(previous(OKAFOR), 0);
    assert!(is_in(&station, &okafor));

    // Forgotten: a code from an administrator. What opened the account before opens it no longer.
    clinic.change_password("okafor", OKAFOR)?;
    change_password(&okafor, OKAFOR);
    assert!(!is_in(&station, &okafor));
    let given = json(&station.run(["user", "enrol-code", "okafor", "--json"])?.succeeded()?);
    let code = given["code"].as_str().unwrap();
    assert_eq!(previous(NEW), 3, "the slot is under a code now");
    for (typed, status) in [("AAAAAA-BBBBBB", 3), (&code.replace(&code[..1], "Z"), 3), (&code.to_lowercase(), 0)] {
        let file = station.file("code", typed)?;
        let args = ["user", "enrol", "--code-file", &file.to_string_lossy()].map(str::to_owned);
        assert_eq!(station.run_as(&okafor, &args)?.code, Some(status), "{typed}");
    }
    assert!(is_in(&station, &okafor));
    // A local account becomes one of the directory, when an administrator says so.
    let adams = station.user("adams", "researcher")?;
    station.run(["user", "enrol-code", "adams"])?.exited(1)?;
    let given = json(&station.run(["user", "enrol-code", "adams", "--to-directory", "--json"])?.succeeded()?);
    assert!(!is_in(&station, &adams), "the local password still lets in");
    change_password(&adams, "five swifts under the bridge");
    let file = station.file("code", given["code"].as_str().unwrap())?;
    let args = ["user", "enrol", "--code-file", &file.to_string_lossy()].map(str::to_owned);
    station.run_as(&adams, &args)?.succeeded()?;
    assert!(is_in(&station, &adams));
    Ok(())
}

#[test]
fn another_role_there_waits_for_an_administrator_and_a_lost_group_shuts_out() -> Result<()> {
    let Some(clinic) = Clinic::open()? else { return Ok(()) };
    let station = Workstation::with_vault()?;
    set(&station, &clinic.settings(""));
    let adams = enrolled(&station, "adams", "researcher", "five swifts under the bridge");
    let row = || {
        let users = json(&station.run(["user", "list", "--json"]).unwrap().succeeded().unwrap());
        users.as_array().unwrap().iter().find(|u| u["name"] == "adams").unwrap().clone()
    };
    assert_eq!(row()["role_in_directory"], Value::Null);
    // In both groups: the first of the settings is what the directory gives; the role she has stays until it is approved.
    clinic.change_group("add", "clinicians", "adams")?;
    assert!(is_in(&station, &adams));
    assert_eq!((row()["role"].as_str(), row()["role_in_directory"].as_str()), (Some("researcher"), Some("clinician")));
    // Only in the other one: not as a researcher any more, and not as a clinician yet.
    clinic.change_group("delete", "researchers", "adams").or_else(|_| {
        // groupOfNames keeps a last member.
        clinic.change(
            "dn: cn=researchers,ou=groups,dc=clinic,dc=test\nchangetype: modify\nreplace: member\nmember: cn=nobody\n",
        )
    })?;
    let (code, said) = signs_in(&station, &adams);
    assert_eq!((code, said.contains("another role")), (3, true), "{said}");
    station.run(["user", "approve", "adams"])?.succeeded()?;
    assert!(is_in(&station, &adams));
    assert_eq!((row()["role"].as_str(), row()["role_in_directory"].as_str()), (Some("clinician"), None));
    station.run_as(&adams, ["dataset", "list"])?.exited(3)?;
    assert!(events(&station).contains("directory_role"));
    Ok(())
}

#[test]
fn a_second_server_answers_when_the_first_is_gone_and_a_locked_account_is_told_so() -> Result<()> {
    let Some(mut clinic) = Clinic::prepared()? else { return Ok(()) };
    clinic.serve("127.0.0.1", "good")?;
    clinic.serve("127.0.0.2", "good")?;
    let station = Workstation::with_vault()?;
    let (tls, name) = (clinic.tls, "dc1.clinic.test");
    let both =
        format!("servers = [\"ldaps://127.0.0.1:{tls}?name={name}\", \"ldaps://127.0.0.2:{tls}?name={name}\"]\n");
    set(&station, &clinic.settings_with(&format!("{both}bind = \"search\"\n")));
    let okafor = enrolled(&station, "okafor", "clinician", OKAFOR);
    let as_okafor = ["directory", "test", "--json", "--as", "okafor", "--without-password"];
    let steps = json(&station.run(as_okafor)?.succeeded()?);
    assert_eq!(steps.as_array().unwrap().iter().filter(|s| s["step"] == "certificate").count(), 2);
    clinic.close("127.0.0.1")?;
    assert!(is_in(&station, &okafor), "the second server was not asked");

    // After four failures this directory locks a name, and says so; Cloister would at five.
    change_password(&okafor, "no lamps at all");
    for _ in 0..4 {
        assert!(!is_in(&station, &okafor));
    }
    change_password(&okafor, OKAFOR);
    let (code, said) = signs_in(&station, &okafor);
    assert_eq!((code, said.contains("locked in the directory")), (3, true), "{said}");
    // That the directory cannot be asked is no failed try of the person's.
    clinic.close("127.0.0.2")?;
    let adams = station.person("adams", "five swifts under the bridge")?;
    for _ in 0..7 {
        let (_, said) = signs_in(&station, &adams);
        assert!(said.contains("reached"), "{said}");
    }
    Ok(())
}

#[test]
fn only_the_broker_reaches_the_network_and_only_the_directory_s_port() -> Result<()> {
    let Some(clinic) = Clinic::open()? else { return Ok(()) };
    if !Path::new("/usr/bin/strace").is_file() {
        println!("skipped: strace is not installed");
        return Ok(());
    }
    let station = Workstation::with_vault()?;
    set(&station, &clinic.settings(""));
    let okafor = enrolled(&station, "okafor", "clinician", OKAFOR);
    let trace = station.path("trace");
    let cloister = std::env::current_exe()?.parent().and_then(Path::parent).unwrap().join("cloister");
    let data = station.data();
    let traced = Command::new("strace")
        .args(["-f", "-o"])
        .arg(&trace)
        .args(["-e", "trace=network,execve"])
        .arg(&cloister)
        .args(["--user", "okafor", "--password-file"])
        .arg(&okafor.password_file)
        .arg("--data")
        .arg(&data)
        .args(["schema", "list"])
        .output()?;
    assert!(traced.status.success(), "{traced:?}");
    let text = fs::read_to_string(&trace)?;
    let pid = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let main = pid(text.lines().next().unwrap());
    let broker = text.lines().find(|l| l.contains("execve(") && l.contains("cloister-directory")).map(pid);
    let broker = broker.expect("the broker was not started");
    let reached: Vec<_> = text.lines().filter(|l| l.contains("AF_INET")).collect();
    assert!(!reached.is_empty(), "the trace shows no connection: it proves nothing");
    for line in &reached {
        assert_ne!(pid(line), main, "{line}");
        assert!(line.contains("SOCK_STREAM") || line.contains(&format!("htons({})", clinic.tls)), "{line}");
    }
    // The questions are processes of their own, forked by the broker, which reaches nothing itself.
    assert!(reached.iter().all(|l| pid(l) != broker), "{reached:?}");
    assert!(text.lines().filter(|l| pid(l) == main).all(|l| !l.contains("socket(") || l.contains("AF_UNIX")), "{text}");

    // What keeps it in, read back; and every known way out of it, tried.
    let doctor = json(&station.run(["doctor", "--json"])?);
    let facts =
        doctor["checks"].as_array().unwrap().iter().find(|c| c["name"] == "isolation").unwrap()["facts"].to_string();
    assert!(facts.contains("directory: seccomp: filter in force"), "{facts}");
    let probe = json(&station.run(["doctor", "--probe", "--json"])?);
    let probe = probe["checks"].as_array().unwrap().iter().find(|c| c["name"] == "probe").unwrap().clone();
    assert_eq!(probe["state"], "ok", "{probe}");
    // Without a directory there is no such process.
    let bare = Workstation::with_vault()?;
    let facts = json(&bare.run(["doctor", "--json"])?).to_string();
    assert!(!facts.contains("directory"), "{facts}");
    Ok(())
}
