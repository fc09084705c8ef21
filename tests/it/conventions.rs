//! What holds for every command: help, usage errors, which stream says what.

use cloister_testkit::Workstation;

/// Each command and its verbs, as far as they are there.
const COMMANDS: &[&[&str]] = &[
    &[],
    &["init"],
    &["demo"],
    &["record"],
    &["recordings"],
    &["transcribe"],
    &["extract"],
    &["schema"],
    &["schema", "add"],
    &["schema", "check"],
    &["schema", "list"],
    &["schema", "presets"],
    &["schema", "show"],
    &["dataset"],
    &["dataset", "import"],
    &["dataset", "list"],
    &["batch"],
    &["batch", "run"],
    &["batch", "status"],
    &["batch", "export"],
    &["user"],
    &["user", "add"],
    &["user", "list"],
    &["user", "review"],
    &["user", "role"],
    &["user", "disable"],
    &["user", "enable"],
    &["user", "rotate-keys"],
    &["user", "reset"],
    &["user", "unlock"],
    &["user", "password"],
    &["user", "recover"],
    &["user", "enrol"],
    &["user", "requests"],
    &["user", "approve"],
    &["user", "refuse"],
    &["user", "enrol-code"],
    &["user", "totp"],
    &["user", "totp", "enrol"],
    &["user", "totp", "remove"],
    &["directory"],
    &["directory", "set"],
    &["directory", "show"],
    &["directory", "test"],
    &["directory", "remove"],
    &["visits"],
    &["visits", "list"],
    &["visits", "new"],
    &["visits", "share"],
    &["visits", "unshare"],
    &["visits", "shares"],
    &["visits", "break-glass"],
    &["visits", "delete"],
    &["policy", "approve"],
    &["policy", "history"],
    &["policy", "proposals"],
    &["policy", "reject"],
    &["policy", "set"],
    &["policy", "show"],
    &["backup"],
    &["backup", "create"],
    &["backup", "verify"],
    &["backup", "restore"],
    &["backup", "list"],
    &["retention"],
    &["retention", "preview"],
    &["retention", "run"],
    &["retention", "erase-patient"],
    &["audit"],
    &["audit", "verify"],
    &["audit", "list"],
    &["audit", "emergencies"],
    &["models"],
    &["models", "list"],
    &["models", "verify"],
    &["models", "import"],
    &["models", "install"],
    &["models", "default"],
    &["models", "try"],
    &["models", "remove"],
    &["doctor"],
];

/// `cloister COMMAND --help`.
fn help(station: &Workstation, command: &[&str]) -> String {
    let args = command.iter().copied().chain(["--help"]);
    // Help shows the values of the variables that it reads.
    let asked = station.cloister(args).anonymous().without_env("CLOISTER_DATA").without_env("CLOISTER_MODELS");
    let help = asked.run().unwrap().succeeded().unwrap();
    assert!(help.stderr.is_empty(), "{command:?}: {}", help.stderr);
    help.stdout
}

/// A changed text is a deliberate act: `INSTA_UPDATE=always cargo nextest run … help_texts` accepts it.
#[test]
fn help_texts_are_as_they_were_read_last() {
    let station = Workstation::bare().unwrap();
    for command in COMMANDS {
        let name = if command.is_empty() { "cloister".to_owned() } else { command.join("_") };
        insta::assert_snapshot!(format!("help_{name}"), help(&station, command));
    }
}

#[test]
fn every_act_shows_an_example() {
    const GROUPS: [&[&str]; 12] = [
        &["schema"],
        &["dataset"],
        &["batch"],
        &["user"],
        &["user", "totp"],
        &["backup"],
        &["retention"],
        &["audit"],
        &["models"],
        &["policy"],
        &["directory"],
        &["visits"],
    ];
    let station = Workstation::bare().unwrap();
    for command in COMMANDS.iter().filter(|c| !GROUPS.contains(c)) {
        let text = help(&station, command);
        assert!(text.contains("Usage: cloister"), "{command:?}: {text}");
        assert!(text.contains("Example"), "no example in {command:?}:\n{text}");
    }
}

#[test]
fn the_version_is_one_line() {
    let station = Workstation::bare().unwrap();
    let out = station.cloister(["--version"]).anonymous().run().unwrap().succeeded().unwrap();
    assert_eq!(out.stdout.lines().count(), 1);
    assert!(out.stdout.starts_with("cloister "), "{}", out.stdout);
}

#[test]
fn wrong_usage_exits_2_and_leaves_stdout_empty() {
    let station = Workstation::bare().unwrap();
    let wrong: &[&[&str]] = &[
        &["frobnicate"],
        &["transcribe"],
        &["transcribe", "a.wav", "--format", "docx"],
        &["extract", "--schema", "visit"],
        &["batch", "run", "--dataset", "d"],
        &["user", "add", "eve", "--role", "king", "--new-password-file", "x"],
        &["schema", "add", "a.json"],
        &["--threads", "none", "doctor"],
    ];
    for args in wrong {
        let out = station.run(*args).unwrap().exited(2).unwrap();
        assert!(out.stdout.is_empty(), "{args:?}: {}", out.stdout);
        assert!(!out.stderr.is_empty(), "{args:?} says nothing");
    }
}

#[test]
fn a_command_that_needs_a_vault_says_that_there_is_none() {
    let station = Workstation::bare().unwrap();
    for args in [&["schema", "list"][..], &["dataset", "list"], &["audit", "list"], &["user", "list"]] {
        let out = station.run(args).unwrap().exited(3).unwrap();
        assert!(out.stdout.is_empty(), "{args:?}: {}", out.stdout);
        assert!(out.stderr.contains("no vault"), "{args:?}: {}", out.stderr);
    }
    assert!(!station.data().join("keyring.json").exists());
}

#[test]
fn without_a_terminal_nobody_is_asked_for_a_password() {
    let station = Workstation::with_vault().unwrap();
    let out = station.cloister(["schema", "list"]).anonymous().run().unwrap().exited(3).unwrap();
    assert!(out.stderr.contains("--user") || out.stderr.contains("CLOISTER_USER"), "{}", out.stderr);
}

#[test]
fn nothing_drawn_for_terminals_reaches_a_pipe() {
    let station = Workstation::with_vault().unwrap();
    for args in [&["doctor"][..], &["schema", "list"], &["audit", "verify"], &["models", "list"], &["policy", "show"]] {
        let out = station.run(args).unwrap().orderly().unwrap();
        assert!(!out.stdout.contains('\u{1b}') && !out.stderr.contains('\u{1b}'), "escape codes in {args:?}");
        assert!(!out.stderr.contains('\r'), "a progress bar in {args:?}");
    }
}

#[test]
fn json_is_one_document_for_every_listing() {
    let station = Workstation::with_vault().unwrap();
    for args in [
        &["doctor", "--json"][..],
        &["schema", "list", "--json"],
        &["dataset", "list", "--json"],
        &["user", "list", "--json"],
        &["user", "review", "--json"],
        &["audit", "list", "--json"],
        &["audit", "verify", "--json"],
        &["models", "list", "--json"],
        &["policy", "show", "--json"],
        &["policy", "history", "--json"],
    ] {
        let out = station.run(args).unwrap().succeeded().unwrap();
        out.json().unwrap();
    }
}
