//! The directory's settings: who may set them, and what of them is in force when.

use crate::directory::{OKAFOR, change_password, enrolled, is_in, json};
use anyhow::Result;
use cloister_testkit::{Clinic, Workstation};
use serde_json::Value;
use std::fs;

#[test]
fn the_directory_s_settings_are_an_administrator_s_and_can_be_taken_away() -> Result<()> {
    let Some(clinic) = Clinic::open()? else { return Ok(()) };
    let station = Workstation::with_vault()?;
    let cleo = station.user("cleo", "clinician")?;
    assert_eq!(json(&station.run(["directory", "show", "--json"])?.succeeded()?)["settings"], Value::Null);
    station.run(["user", "add", "okafor", "--role", "clinician", "--directory"])?.exited(1)?;
    for (settings, named) in [
        ("kind = \"openldap\"".to_owned(), "servers"),
        (clinic.settings("").replace("ldaps://127.0.0.1", "ldaps://dc1.clinic.test"), "numbers"),
        (clinic.settings("login_attribute = \"uid)(\""), "login_attribute"),
        (clinic.settings("colour = \"blue\""), "colour"),
        (clinic.settings("").replace("role = \"clinician\"", "role = \"owner\""), "owner"),
    ] {
        let file = station.file("bad.toml", settings)?;
        let out = station.run(["directory", "set", &file.to_string_lossy()])?.exited(2)?;
        assert!(out.stderr.contains(named), "{}", out.stderr);
    }
    let service = station.file("service", "searching high and low")?.to_string_lossy().into_owned();
    let account = clinic.settings("search_account = \"cn=search,dc=clinic,dc=test\"");
    let file = station.file("directory.toml", account)?.to_string_lossy().into_owned();
    station.run_as(&cleo, ["directory", "set", &file, "--search-password-file", &service])?.exited(3)?;
    station.run(["directory", "set", &file, "--search-password-file", &service])?.succeeded()?;
    let secret = station.data().join("directory.secret");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&secret)?.permissions());
    assert_eq!(mode & 0o777, 0o600);
    for args in [vec!["directory", "show"], vec!["directory", "remove"], vec!["directory", "test"]] {
        station.run_as(&cleo, args)?.exited(3)?;
    }
    let shown = json(&station.run(["directory", "show", "--json"])?.succeeded()?);
    assert_eq!((shown["in_force"].as_bool(), shown["search_password_kept"].as_bool()), (Some(true), Some(true)));
    assert!(!shown.to_string().contains("searching high"));
    let okafor = enrolled(&station, "okafor", "clinician", OKAFOR);
    assert!(is_in(&station, &okafor));

    station.run(["directory", "remove"])?.succeeded()?;
    assert!(!secret.exists());
    assert!(!is_in(&station, &okafor), "a directory account got in without a directory");
    // Then an administrator can make it a local one.
    let file = station.file("local", "nine lamps over the quay")?.to_string_lossy().into_owned();
    station.run(["user", "reset", "okafor", "--new-password-file", &file])?.succeeded()?;
    change_password(&okafor, "nine lamps over the quay");
    assert!(is_in(&station, &okafor));
    Ok(())
}

#[test]
fn settings_that_cannot_be_kept_leave_the_search_account_s_password_in_force() -> Result<()> {
    let Some(clinic) = Clinic::open()? else { return Ok(()) };
    let station = Workstation::with_vault()?;
    let path =
        |name: &str, text: &str| Ok::<_, anyhow::Error>(station.file(name, text)?.to_string_lossy().into_owned());
    let right = path("right", "searching high and low")?;
    let wrong = path("wrong", "searching low and high")?;
    let account = |seconds: u32| {
        let settings = clinic.settings("search_account = \"cn=search,dc=clinic,dc=test\"");
        settings.replace("operation_timeout_s = 3", &format!("operation_timeout_s = {seconds}"))
    };
    let set = |file: &str, password: &str| station.run(["directory", "set", file, "--search-password-file", password]);
    let (before, after) = (path("before.toml", &account(3))?, path("after.toml", &account(4))?);
    set(&before, &right)?.succeeded()?;

    // Nothing can be written where a new keyring is written first.
    let obstacle = station.data().join("keyring.json.new");
    fs::create_dir_all(obstacle.join("in the way"))?;
    set(&after, &wrong)?.exited(1)?;
    let none = station.file("none.toml", clinic.settings(""))?.to_string_lossy().into_owned();
    station.run(["directory", "set", &none])?.exited(1)?;
    fs::remove_dir_all(obstacle)?;

    let secret = station.data().join("directory.secret");
    assert_eq!(fs::read_to_string(&secret)?, "searching high and low");
    assert!(!secret.with_extension("secret.new").exists(), "nothing of the other one is left");
    station.run(["directory", "test"])?.succeeded()?;
    let seconds = |settings: Value| settings["settings"]["operation_timeout_s"].clone();
    assert_eq!(seconds(json(&station.run(["directory", "show", "--json"])?.succeeded()?)), 3);

    // Without the obstacle both are kept, together.
    set(&after, &wrong)?.succeeded()?;
    assert_eq!(fs::read_to_string(&secret)?, "searching low and high");
    let tested = station.run(["directory", "test"])?.exited(1)?;
    assert!(tested.stdout.contains("the account that searches"), "{}", tested.stdout);
    station.run(["directory", "set", &none])?.succeeded()?;
    assert!(!secret.exists(), "a directory that is searched by nobody needs no password");
    Ok(())
}
