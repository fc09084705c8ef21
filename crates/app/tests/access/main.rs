//! Who may open what, with a clock that a test can turn: step-up, emergencies, shares.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bench;

use bench::{Bench, PASSWORD};
use cloister_app::Face;
use serde_json::json;

const MINUTE: u64 = 60_000;

#[test]
fn an_act_of_weight_waits_for_the_password_and_is_done_then() {
    let bench = Bench::new(Face::Desktop);
    let visit = bench.visit("4711");
    // The sign-in of a minute ago does not count in the window.
    let export = |bench: &Bench| bench.attempt("audit_checkpoint", json!({})).map(|_| ()).map_err(|e| e.code());
    assert_eq!(export(&bench), Err("step_up_needed"));
    assert_eq!(bench.refused("export_note", json!({"id": visit, "format": "md"})), "step_up_needed");
    assert_eq!(bench.refused("step_up", json!({"password": "ten grey herons at noon"})), "bad_credentials");
    assert_eq!(export(&bench), Err("step_up_needed"));
    bench.call("step_up", json!({"password": PASSWORD}));
    export(&bench).unwrap();
    // Admitted, and refused for another reason: there is nothing signed.
    assert_eq!(bench.refused("export_note", json!({"id": visit, "format": "md"})), "not_signed");
    bench.pass(4 * MINUTE);
    export(&bench).unwrap();
    bench.pass(2 * MINUTE);
    assert_eq!(export(&bench), Err("step_up_needed"), "it holds for some minutes only");
}

#[test]
fn erasing_a_patient_or_by_the_rules_waits_for_the_password_and_the_daily_run_does_not() {
    let bench = Bench::new(Face::Desktop);
    bench.add("cleo", "clinician");
    bench.visit("4711");
    let visits = |bench: &Bench| bench.call("list_encounters", json!({})).as_array().unwrap().len();
    assert_eq!(bench.refused("erase_patient", json!({"patient": "4711"})), "step_up_needed");
    assert_eq!(bench.refused("apply_retention", json!({})), "step_up_needed");
    assert_eq!(visits(&bench), 1, "nothing was erased");
    // Nothing that comes from a face reaches the one that asks for nothing.
    assert_eq!(bench.refused("apply_retention_daily", json!({})), "usage");
    bench.call("step_up", json!({"password": PASSWORD}));
    bench.call("apply_retention", json!({}));
    bench.call("erase_patient", json!({"patient": "4711"}));
    assert_eq!(visits(&bench), 0);
    bench.enter("cleo");
    assert_eq!(bench.refused("apply_retention", json!({})), "step_up_needed", "nor a clinician's sound");

    // The rule that an administrator signed runs by itself, whoever comes in.
    bench.enter("ada");
    bench.visit("4712");
    bench.call("set_policy", json!({"key": "retain_visits", "value": "1"}));
    bench.pass(3 * 24 * 60 * MINUTE);
    bench.enter("ada");
    assert_eq!(visits(&bench), 0, "the day's run");
    let lines = bench.call("audit_list", json!({"filter": {"event_type": "retention"}}));
    let actions: Vec<_> = lines.as_array().unwrap().iter().map(|l| l["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"apply_retention") && actions.contains(&"apply_retention_daily"), "{actions:?}");
}

#[test]
fn on_the_command_line_the_password_just_given_is_the_step_up() {
    let bench = Bench::new(Face::Cli);
    bench.call("audit_checkpoint", json!({}));
    bench.pass(6 * MINUTE);
    assert_eq!(bench.refused("audit_checkpoint", json!({})), "step_up_needed");
}

#[test]
fn wrong_passwords_end_the_session_and_one_right_one_forgives_them() {
    let bench = Bench::new(Face::Desktop);
    let wrong = || bench.refused("step_up", json!({"password": "ten grey herons at noon"}));
    for _ in 0..4 {
        assert_eq!(wrong(), "bad_credentials");
    }
    bench.call("step_up", json!({"password": PASSWORD}));
    for _ in 0..4 {
        assert_eq!(wrong(), "bad_credentials");
    }
    assert_eq!(bench.call("status", json!({}))["vault"], "open");
    assert_eq!(wrong(), "bad_credentials");
    assert_eq!(bench.call("status", json!({}))["vault"], "locked");
    assert_eq!(bench.refused("audit_checkpoint", json!({})), "not_signed_in");
}

#[test]
fn a_second_factor_is_part_of_the_step_up_and_a_code_counts_once() {
    let bench = Bench::new(Face::Desktop);
    let device = bench.enrol();
    bench.sign_out();
    bench.pass(MINUTE);
    bench.sign_in("ada", Some(&device.code(&bench)));
    bench.pass(MINUTE);
    assert_eq!(bench.refused("step_up", json!({"password": PASSWORD})), "code_needed");
    let code = device.code(&bench);
    bench.call("step_up", json!({"password": PASSWORD, "code": code}));
    bench.call("audit_checkpoint", json!({}));
    // Within the minutes the password alone is right, and does not prolong them.
    bench.pass(4 * MINUTE);
    bench.call("step_up", json!({"password": PASSWORD}));
    bench.pass(2 * MINUTE);
    assert_eq!(bench.refused("audit_checkpoint", json!({})), "step_up_needed");
    let code = device.code(&bench);
    bench.call("step_up", json!({"password": PASSWORD, "code": code}));
    assert_eq!(bench.refused("step_up", json!({"password": PASSWORD, "code": code})), "bad_credentials");
    // Nor does it count at sign-in any more.
    bench.sign_out();
    assert_eq!(bench.refused_sign_in("ada", Some(&code)), "bad_credentials");
}

#[test]
fn only_an_administrator_is_asked_before_hearing_and_only_what_is_anothers() {
    let bench = Bench::new(Face::Desktop);
    let own = bench.visit("1");
    let hear = |bench: &Bench, visit: &str| {
        bench.refused("play_span", json!({"encounter": visit, "from_s": 0.0, "to_s": 1.0}))
    };
    assert_eq!(hear(&bench, &own), "recording_state", "there is no sound; nothing else stood in the way");
    bench.add("cleo", "clinician");
    bench.enter("cleo");
    let theirs = bench.visit("2");
    assert_eq!(hear(&bench, &theirs), "recording_state");
    bench.enter("ada");
    assert_eq!(hear(&bench, &theirs), "step_up_needed");
    bench.call("step_up", json!({"password": PASSWORD}));
    assert_eq!(hear(&bench, &theirs), "recording_state");
}

#[test]
fn an_emergency_ends_by_the_clock_and_a_clock_set_back_does_not_prolong_it() {
    for set_back in [false, true] {
        let bench = Bench::new(Face::Desktop);
        bench.add("cleo", "clinician");
        bench.add("otto", "clinician");
        bench.enter("cleo");
        let visit = bench.visit("QX 1043");
        bench.enter("otto");
        let read =
            |bench: &Bench| bench.attempt("get_encounter", json!({"id": visit})).map(|_| ()).map_err(|e| e.code());
        assert_eq!(read(&bench), Err("denied"));
        let glass = json!({"id": visit, "reason": "emergency_care"});
        assert_eq!(bench.refused("break_glass", glass.clone()), "step_up_needed");
        bench.call("step_up", json!({"password": PASSWORD}));
        assert_eq!(bench.refused("break_glass", json!({"id": visit, "reason": "curious"})), "usage");
        bench.call("break_glass", glass);
        read(&bench).unwrap();
        assert_eq!(bench.refused("draft_note", json!({"id": visit})), "denied");
        assert_eq!(bench.refused("export_transcript", json!({"id": visit, "format": "txt"})), "denied");

        bench.pass(55 * MINUTE);
        bench.enter("otto");
        read(&bench).unwrap();
        if set_back {
            bench.set_back(50 * MINUTE);
        }
        bench.pass(6 * MINUTE);
        assert_eq!(read(&bench), Err("denied"), "clock set back: {set_back}");
        assert_eq!(bench.call("list_encounters", json!({})), json!([]));
    }
}

#[test]
fn after_a_reboot_the_wall_clock_ends_an_emergency_and_one_before_its_beginning_does_too() {
    let bench = Bench::new(Face::Desktop);
    bench.add("cleo", "clinician");
    bench.add("otto", "clinician");
    bench.enter("cleo");
    let visit = bench.visit("QX 1043");
    bench.enter("otto");
    bench.call("step_up", json!({"password": PASSWORD}));
    bench.call("break_glass", json!({"id": visit, "reason": "patient_safety"}));
    bench.reboot();
    bench.enter("otto");
    bench.call("get_encounter", json!({"id": visit}));
    bench.set_back(2 * MINUTE);
    assert_eq!(bench.refused("get_encounter", json!({"id": visit})), "denied");
}

/// What of the log's configuration lines says how a change was decided: action, outcome and reason, newest first.
fn decisions(bench: &Bench) -> Vec<String> {
    let lines = bench.call("audit_list", json!({"limit": 100, "filter": {"event_type": "configuration"}}));
    let word = |v: &serde_json::Value| v.as_str().unwrap_or("-").to_owned();
    let lines = lines.as_array().unwrap().iter().filter(|l| l["outcome"] != "attempt");
    lines.map(|l| [&l["action"], &l["outcome"], &l["details"]["reason"]].map(word).join(" ")).collect()
}

#[test]
fn where_two_administrators_decide_one_proposes_and_another_approves() {
    let bench = Bench::new(Face::Cli);
    let set = |key: &str, value: &str| bench.call("set_policy", json!({"key": key, "value": value}));
    let two = json!({"key": "policy_approval", "value": "two"});
    assert_eq!(bench.refused("set_policy", two.clone()), "policy_refused", "there is nobody else");
    bench.add("ben", "administrator");
    bench.add("cleo", "clinician");
    assert_eq!(bench.call("set_policy", two)["policy_approval"], "two");

    let shown = set("session_timeout_minutes", "20");
    assert_eq!(shown["session_timeout_minutes"], 60, "it only waits");
    assert_eq!(shown["proposals"][0]["value"], "20");
    assert_eq!(bench.refused("set_policy", json!({"key": "session_timeout_minutes", "value": "99"})), "policy_refused");
    // A later wish takes the place of the one before; a value that stands already is no wish.
    set("session_timeout_minutes", "25");
    set("max_login_attempts", "5");
    let waiting = bench.call("policy_proposals", json!({}));
    assert_eq!(
        (waiting.as_array().unwrap().len(), &waiting[0]["own"], &waiting[0]["old"]),
        (1, &json!(true), &json!("60"))
    );
    let decide = |value: &str, approve: bool| {
        bench.attempt(
            "decide_policy_proposal",
            json!({"key": "session_timeout_minutes", "value": value, "approve": approve}),
        )
    };
    assert_eq!(decide("25", true).unwrap_err().code(), "policy_refused", "nobody approves their own");
    assert_eq!(decide("25", false).unwrap_err().code(), "policy_refused");
    bench.enter("cleo");
    assert_eq!(decide("25", true).unwrap_err().code(), "denied");

    bench.enter("ben");
    assert_eq!(decide("20", true).unwrap_err().code(), "policy_refused", "that is not what waits");
    assert_eq!(bench.call("policy_proposals", json!({}))[0]["own"], false);
    let shown = decide("25", true).unwrap();
    assert_eq!((&shown["session_timeout_minutes"], &shown["proposals"]), (&json!(25), &json!([])));
    let history = bench.call("policy_history", json!({}));
    assert_eq!(
        [&history[0]["setting"], &history[0]["old"], &history[0]["new"], &history[0]["by"], &history[0]["proposed_by"]],
        [&json!("session_timeout_minutes"), &json!("60"), &json!("25"), &json!("ben"), &json!("ada")]
    );
    assert_eq!(history[1]["setting"], "policy_approval", "what only waited is no change");
    let decided = decisions(&bench);
    assert_eq!(decided[0], "decide_policy success approved");
    assert!(decided.contains(&"write_policy success proposed".to_owned()), "{decided:?}");
    assert_eq!(decided.iter().filter(|d| d.starts_with("decide_policy failure")).count(), 3, "{decided:?}");
    assert_eq!(bench.call("audit_verify", json!({}))["verdict"], "intact");
}

#[test]
fn to_let_one_decide_again_takes_two_and_a_no_leaves_everything_as_it_was() {
    let bench = Bench::new(Face::Desktop);
    bench.add("ben", "administrator");
    let set = |key: &str, value: &str| bench.call("set_policy", json!({"key": key, "value": value}));
    set("policy_approval", "two");
    assert_eq!(set("policy_approval", "one")["policy_approval"], "two");
    set("second_factor", "required");
    set("max_login_attempts", "3");
    bench.enter("ben");
    let say = |key: &str, value: &str, approve: bool| json!({"key": key, "value": value, "approve": approve});
    let no = say("policy_approval", "one", false);
    assert_eq!(bench.refused("decide_policy_proposal", no.clone()), "step_up_needed");
    bench.call("step_up", json!({"password": PASSWORD}));
    let shown = bench.call("decide_policy_proposal", no);
    assert_eq!((&shown["policy_approval"], shown["proposals"].as_array().unwrap().len()), (&json!("two"), 2));
    assert_eq!(decisions(&bench)[0], "decide_policy success rejected");

    // Who is no administrator any more has no say, not even an earlier one.
    let users = bench.call("list_users", json!({}));
    let ada = users.as_array().unwrap().iter().find(|u| u["name"] == "ada").unwrap()["id"].clone();
    bench.call("disable_user", json!({"user": ada, "disabled": true}));
    assert_eq!(bench.refused("decide_policy_proposal", say("second_factor", "required", true)), "policy_refused");
    bench.call("decide_policy_proposal", say("second_factor", "required", false));
    bench.call("disable_user", json!({"user": ada, "disabled": false}));
    bench.call("decide_policy_proposal", say("max_login_attempts", "3", true));
    let now = bench.call("show_policy", json!({}));
    assert_eq!((&now["second_factor"], &now["max_login_attempts"]), (&json!("optional"), &json!(3)));
}

#[test]
fn open_alerts_are_counted_for_who_reviews_the_log_and_for_nobody_else() {
    let bench = Bench::new(Face::Desktop);
    bench.add("cleo", "clinician");
    bench.add("otto", "clinician");
    bench.enter("cleo");
    let visit = bench.visit("QX 1043");
    bench.enter("otto");
    bench.call("step_up", json!({"password": PASSWORD}));
    bench.call("break_glass", json!({"id": visit, "reason": "patient_safety"}));
    let open = |bench: &Bench| bench.call("status", json!({}))["session"]["open_alerts"].clone();
    assert_eq!(open(&bench), json!(null));
    bench.enter("ada");
    let seq = bench.call("audit_alerts", json!({}))[0]["seq"].clone();
    assert_eq!(open(&bench), json!(1));
    bench.call("audit_acknowledge", json!({"seq": seq, "reason": "explained"}));
    bench.call("audit_alerts", json!({}));
    assert_eq!(open(&bench), json!(0));
}

#[test]
fn after_a_rotation_copied_keys_open_neither_the_stores_nor_a_recording() {
    let bench = Bench::new(Face::Cli);
    bench.add("gone", "clinician");
    let kept = bench.keys_of("gone");
    let old_visits = bench.raw_database_key(&kept);
    assert!(bench.opens("visits.db", &old_visits), "the key fits before");
    bench.call("create_encounter", json!({"title": "4711"}));

    let rotated = bench.call("rotate_keys", json!({}));
    assert_eq!((&rotated["visits"], &rotated["research"]), (&2.into(), &2.into()));
    assert_eq!(bench.call("status", json!({}))["vault"], "locked", "the session's keys are old");
    assert!(!bench.opens("visits.db", &old_visits));
    assert!(bench.database_key_with(&kept).is_err());

    bench.sign_in("ada", None);
    assert_eq!(bench.call("list_encounters", json!({})).as_array().unwrap().len(), 1);
    assert!(bench.opens("visits.db", &bench.raw_database_key(&bench.keys_of("gone"))), "whoever is in office goes on");
}

#[test]
fn a_rotation_waits_for_whoever_else_has_the_stores_open() {
    let bench = Bench::new(Face::Cli);
    let other = bench.another_app();
    other.call("sign_in", json!({"name": "ada", "password": PASSWORD}), &cloister_app::NoPorts).unwrap();
    assert_eq!(bench.refused("rotate_keys", json!({})), "in_use");
    // Nothing was changed, and nothing is left.
    bench.call("create_encounter", json!({"title": "4711"}));
    assert_eq!(bench.files_like(".next"), [] as [String; 0]);
    other.close().unwrap();
    bench.call("rotate_keys", json!({}));
}

#[test]
fn a_new_vault_begins_with_the_institutions_policy_and_what_was_said_counts_more() {
    let bench =
        Bench::preset(Face::Cli, "max_login_attempts = 3\nsession_timeout_minutes = 5\nretain_audio = 'keep'\n");
    let policy = bench.call("show_policy", json!({}));
    assert_eq!((&policy["max_login_attempts"], &policy["retain_audio"]), (&3.into(), &"keep".into()), "{policy}");
    assert_eq!(policy["session_timeout_minutes"], 60, "as it was said when the vault was made");
}
