//! Which lines call for an alert, and which do not.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use cloister_audit::{AlertKind, Alerts, AuditLog, Watch};
use cloister_domain::{
    Actor, AuditEvent, AuditTarget, DetailKey, EventType, Outcome, Pseudonym, RecordKind, Role, UserId, code,
};
use common::{StepClock, environment};
use std::{path::Path, sync::Arc};

struct Scene {
    dir: tempfile::TempDir,
    clock: Arc<StepClock>,
    log: AuditLog,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = StepClock::at("2026-11-23T08:00:00Z");
        let (log, _) = AuditLog::create(dir.path(), &environment(Arc::clone(&clock), 7)).unwrap();
        Self { dir, clock, log }
    }

    fn write(&self, event: &AuditEvent) -> u64 {
        self.log.append(event).unwrap().seq
    }

    fn failed_sign_in(&self) -> u64 {
        let actor = Actor::UnknownName(Pseudonym::from_bytes([1; 16]));
        self.write(&AuditEvent::new(EventType::SignIn, code!("sign_in"), actor, Outcome::Failure))
    }

    fn open_record(&self, n: u8) -> u64 {
        let id = format!("usr-01JD8Z{:020}", 3).parse::<UserId>().unwrap();
        let actor = Actor::User { id, role: Role::Clinician, session: None };
        let target = AuditTarget::Record { kind: RecordKind::Encounter, pseudonym: Pseudonym::from_bytes([n; 16]) };
        self.write(&AuditEvent::new(EventType::Read, code!("read_encounter"), actor, Outcome::Attempt).target(target))
    }

    fn alerts(&self) -> Alerts {
        look(self.dir.path())
    }

    fn due(&self) -> Vec<(AlertKind, u64, Option<u64>)> {
        self.alerts().due.iter().map(|d| (d.kind, d.line, d.count)).collect()
    }
}

fn look(dir: &Path) -> Alerts {
    Watch::since(dir, None).unwrap().look(dir).unwrap()
}

#[test]
fn the_sixth_failed_sign_in_within_five_minutes_is_an_alert() {
    let scene = Scene::new();
    (0..5).for_each(|_| {
        scene.failed_sign_in();
    });
    assert_eq!(scene.due(), []);
    let sixth = scene.failed_sign_in();
    assert_eq!(scene.due(), [(AlertKind::FailedSignIns, sixth, Some(6))]);
}

#[test]
fn six_failed_sign_ins_over_a_longer_time_are_none() {
    let scene = Scene::new();
    for minute in 0..6 {
        scene.clock.set(&format!("2026-11-23T08:{:02}:00Z", minute * 2));
        scene.failed_sign_in();
    }
    assert_eq!(scene.due(), []);
}

#[test]
fn opening_sixty_one_records_in_an_hour_is_unusual_unless_one_always_does() {
    let scene = Scene::new();
    (0..60).for_each(|n| {
        scene.open_record(n);
    });
    // The same record again is no further one.
    (0..60).for_each(|n| {
        scene.open_record(n);
    });
    assert_eq!(scene.due(), []);
    let one_more = scene.open_record(60);
    (61..70).for_each(|n| {
        scene.open_record(n);
    });
    assert_eq!(scene.due(), [(AlertKind::AccessVolume, one_more, Some(61))]);

    let busy = Scene::new();
    for hour in 9..12 {
        busy.clock.set(&format!("2026-11-23T{hour:02}:00:00Z"));
        (0..50).for_each(|n| {
            busy.open_record(n);
        });
    }
    busy.clock.set("2026-11-23T13:00:00Z");
    (0..140).for_each(|n| {
        busy.open_record(n);
    });
    assert_eq!(busy.due(), [], "three times an average of fifty is still usual");
}

#[test]
fn break_glass_a_dead_engine_and_a_clock_set_back_are_alerts() {
    let scene = Scene::new();
    let event = |kind, outcome| AuditEvent::new(kind, code!("act"), Actor::System, outcome);
    scene.write(&event(EventType::BreakGlass, Outcome::Attempt));
    let broken = scene.write(&event(EventType::BreakGlass, Outcome::Success));
    scene.write(&event(EventType::Error, Outcome::Failure).code(DetailKey::Code, code!("store_failed")));
    let died = scene.write(&event(EventType::Error, Outcome::Failure).code(DetailKey::Code, code!("engine_failed")));
    scene.clock.set("2026-11-22T08:00:00Z");
    let back = scene.write(&event(EventType::Read, Outcome::Success));
    let found = scene.due();
    assert_eq!(
        found,
        [
            (AlertKind::BreakGlass, broken, None),
            (AlertKind::EngineCrash, died, None),
            (AlertKind::ClockBack, back, None)
        ]
    );
}

#[test]
fn what_was_written_down_is_not_due_again_and_is_acknowledged_by_a_line() {
    let scene = Scene::new();
    (0..6).for_each(|_| {
        scene.failed_sign_in();
    });
    let mut watch = Watch::since(scene.dir.path(), None).unwrap();
    let due = watch.look(scene.dir.path()).unwrap().due;
    let alert = scene.write(&due[0].event());
    // The one who wrote it, and another process that looks from the beginning.
    for alerts in [watch.look(scene.dir.path()).unwrap(), scene.alerts()] {
        assert_eq!(alerts.due, []);
        let [raised] = &alerts.raised[..] else { panic!("{:?}", alerts.raised) };
        assert_eq!((raised.seq, raised.kind, raised.count), (alert, AlertKind::FailedSignIns, Some(6)));
        assert_eq!((raised.line, &raised.acknowledged), (Some(due[0].line), &None));
    }
    let looked = AuditEvent::new(EventType::AlertAcknowledged, code!("acknowledge"), Actor::System, Outcome::Success)
        .code(DetailKey::Alert, AlertKind::FailedSignIns.code())
        .count(DetailKey::Line, alert)
        .code(DetailKey::Reason, code!("explained"));
    let seq = scene.write(&looked);
    let acknowledged = scene.alerts().raised[0].acknowledged.clone().unwrap();
    assert_eq!((acknowledged.seq, acknowledged.reason.as_deref()), (seq, Some("explained")));
    // Six more are another alert.
    (0..6).for_each(|_| {
        scene.failed_sign_in();
    });
    assert_eq!(scene.due().len(), 1);
}

#[test]
fn a_break_of_the_chain_is_an_alert() {
    let scene = Scene::new();
    (0..3).for_each(|_| {
        scene.failed_sign_in();
    });
    let dir = scene.dir;
    drop(scene.log);
    std::fs::remove_file(dir.path().join("state")).unwrap();
    drop(AuditLog::open(dir.path(), &environment(scene.clock, 8)).unwrap());
    let due = look(dir.path()).due;
    assert_eq!(due.iter().map(|d| d.kind).collect::<Vec<_>>(), [AlertKind::BrokenChain]);
}
