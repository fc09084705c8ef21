//! What an attacker with the disk can do, and what the verifier says of it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod common;

use cloister_audit::{AuditLog, Evidence, Fault, Finding, Head, Receipt, Verdict, verify};
use common::{StepClock, copy, environment, log_of, month_files, november, own, read, verdict};
use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Lines in the log under attack, over two months.
const LINES: u64 = 64;
/// The attacker kept copies of the folder at this line.
const EARLIER: u64 = 40;
const POSITIONS: u64 = 50;

/// A log, a copy of it as it was earlier, another vault's log, and what the owner keeps outside.
struct Scene {
    _dir: tempfile::TempDir,
    log: PathBuf,
    earlier: PathBuf,
    other: PathBuf,
    attacked: PathBuf,
    store_head: Receipt,
    checkpoint: Head,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let clock = StepClock::at("2026-11-30T23:59:52Z");
        let (log, _) = AuditLog::create(&path("log"), &environment(clock, 7)).unwrap();
        (1..EARLIER).for_each(|i| drop(log.append(&read(i)).unwrap()));
        copy(&path("log"), &path("earlier"));
        let last = (EARLIER..LINES).map(|i| log.append(&read(i)).unwrap()).last().unwrap();
        let checkpoint = log.head().unwrap();
        log_of(&path("other"), LINES, &environment(StepClock::at("2026-11-30T23:59:52Z"), 9));
        Self {
            log: path("log"),
            earlier: path("earlier"),
            other: path("other"),
            attacked: path("attacked"),
            store_head: last,
            checkpoint,
            _dir: dir,
        }
    }

    fn fresh(&self) -> &Path {
        copy(&self.log, &self.attacked);
        &self.attacked
    }

    /// Rewrites all lines, month by month in their old files.
    fn rewrite(&self, change: impl FnOnce(&mut Vec<String>)) -> &Path {
        let dir = self.fresh();
        let files = month_files(dir);
        assert_eq!(files.len(), 2);
        let first = fs::read_to_string(&files[0]).unwrap();
        let second = fs::read_to_string(&files[1]).unwrap();
        let boundary = second.lines().next().unwrap().to_owned();
        let mut lines: Vec<_> = first.lines().chain(second.lines()).map(ToOwned::to_owned).collect();
        change(&mut lines);
        let at = lines.iter().position(|l| *l == boundary).unwrap_or(lines.len());
        let text = |lines: &[String]| lines.iter().map(|l| format!("{l}\n")).collect::<String>();
        fs::write(&files[0], text(&lines[..at])).unwrap();
        fs::write(&files[1], text(&lines[at..])).unwrap();
        dir
    }

    fn with_evidence(&self) -> Verdict {
        verify(&self.attacked, &Evidence { store_head: Some(&self.store_head), ..own() })
    }
}

/// A small generator, so that "seeded positions" are the same everywhere (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// The attacker signs as the newest seed allows: today's key, and every later one.
struct Thief {
    seed: [u8; 32],
}

impl Thief {
    fn from_state(dir: &Path) -> Self {
        Self { seed: fs::read(dir.join("state")).unwrap()[64..96].try_into().unwrap() }
    }

    fn derive(&self, label: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        Hkdf::<Sha256>::new(None, &self.seed).expand(label, &mut out).unwrap();
        out
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.derive(b"cloister audit sign v1"))
    }

    fn next(&self) -> Self {
        Self { seed: self.derive(b"cloister audit next v1") }
    }

    /// Puts a line of the attacker's making: number, digest of the one before, next key, and a good signature.
    fn sign(&self, line: &str, seq: u64, prev: &str) -> String {
        let set = |line: &str, key: &str, value: &str| {
            let from = line.find(&format!("\"{key}\":")).unwrap() + key.len() + 3;
            let to = from + line[from..].find([',', '}']).unwrap();
            format!("{}{value}{}", &line[..from], &line[to..])
        };
        let next = hex(self.next().key().verifying_key().as_bytes());
        let line = set(line, "seq", &seq.to_string());
        let line = set(&line, "prev", &format!("\"{prev}\""));
        let line = set(&line, "next_vk", &format!("\"{next}\""));
        let sig = line.find(",\"sig\":").unwrap();
        let end = sig + line[sig + 1..].find(',').unwrap() + 1;
        let unsigned = format!("{}{}", &line[..sig], &line[end..]);
        let message = [b"cloister audit line v1\0".as_slice(), unsigned.as_bytes()].concat();
        set(&line, "sig", &format!("\"{}\"", hex(&self.key().sign(&message).to_bytes())))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn digest(line: &str) -> String {
    hex(&Sha256::digest(format!("{line}\n")))
}

/// One kind of attack: what it does at a position, and what must be said.
struct Attack {
    name: &'static str,
    expected: Finding,
    /// Whether only what is kept outside can tell.
    needs_outside: bool,
    act: fn(&Scene, usize, &mut Dice),
}

const FIELDS: [&str; 16] = [
    "action",
    "boot",
    "details",
    "event_type",
    "host",
    "mono_ms",
    "next_vk",
    "outcome",
    "prev",
    "role",
    "seq",
    "session",
    "sig",
    "target",
    "time",
    "user_id",
];

/// Changes one character of a field's value to another that still gives a well-formed line.
fn edit_field(line: &str, field: &str) -> String {
    let from = line.find(&format!("\"{field}\":")).unwrap() + field.len() + 3;
    let rest = &line[from..];
    match rest.as_bytes()[0] {
        b'n' => format!("{}\"x\"{}", &line[..from], &rest[4..]),
        b'{' => format!("{}{{\"documents\":999999{}", &line[..from], &rest[rest.find('}').unwrap()..]),
        first => {
            let at = from + usize::from(first == b'"');
            let swapped = match line.as_bytes()[at] {
                b'1' => '2',
                b'a' => 'b',
                b'0'..=b'9' => '1',
                _ => 'a',
            };
            format!("{}{swapped}{}", &line[..at], &line[at + 1..])
        }
    }
}

const ATTACKS: &[Attack] = &[
    Attack {
        name: "edit a field",
        expected: Finding::Tampered,
        needs_outside: false,
        act: |scene, at, dice| {
            let field = FIELDS[usize::try_from(dice.below(FIELDS.len() as u64)).unwrap()];
            scene.rewrite(|lines| lines[at] = edit_field(&lines[at], field));
        },
    },
    Attack {
        name: "delete a line",
        expected: Finding::Tampered,
        needs_outside: false,
        act: |scene, at, _| {
            let at = at.min(usize::try_from(LINES).unwrap() - 2);
            scene.rewrite(|lines| drop(lines.remove(at)));
        },
    },
    Attack {
        name: "insert a copy",
        expected: Finding::Tampered,
        needs_outside: false,
        act: |scene, at, dice| {
            let from = usize::try_from(dice.below(LINES)).unwrap();
            scene.rewrite(|lines| lines.insert(at + 1, lines[from].clone()));
        },
    },
    Attack {
        name: "swap two lines",
        expected: Finding::Tampered,
        needs_outside: false,
        act: |scene, at, dice| {
            let by = 1 + usize::try_from(dice.below(LINES - 1)).unwrap();
            scene.rewrite(|lines| {
                let other = (at + by) % lines.len();
                lines.swap(at, other);
            });
        },
    },
    Attack {
        name: "truncate at a line",
        expected: Finding::Truncated,
        needs_outside: false,
        act: |scene, at, _| {
            scene.rewrite(|lines| lines.truncate(at.max(1)));
        },
    },
    Attack {
        name: "truncate within a line",
        expected: Finding::Truncated,
        needs_outside: false,
        act: |scene, at, dice| {
            let dir = scene.rewrite(|lines| lines.truncate(at.max(1) + 1));
            let file = month_files(dir).into_iter().rfind(|f| fs::metadata(f).unwrap().len() > 0).unwrap();
            let bytes = fs::read(&file).unwrap();
            fs::write(&file, &bytes[..bytes.len() - 2 - usize::try_from(dice.below(400)).unwrap()]).unwrap();
        },
    },
    Attack {
        name: "truncate and continue",
        expected: Finding::Tampered,
        needs_outside: false,
        act: |scene, at, _| {
            let mut thief = Thief::from_state(&scene.log);
            scene.rewrite(|lines| {
                let end = lines.len();
                for i in at.max(1)..end {
                    lines[i] = thief.sign(&lines[i], i as u64 + 1, &digest(&lines[i - 1]));
                    thief = thief.next();
                }
            });
        },
    },
    Attack {
        name: "re-sign with a newer key",
        expected: Finding::Tampered,
        needs_outside: false,
        act: |scene, at, _| {
            let thief = Thief::from_state(&scene.log);
            let at = at.max(1);
            scene.rewrite(|lines| {
                let edited = edit_field(&lines[at], "time");
                lines[at] = thief.sign(&edited, at as u64 + 1, &digest(&lines[at - 1]));
            });
        },
    },
    Attack {
        name: "replace by an unsealed file",
        expected: Finding::Tampered,
        needs_outside: false,
        act: |scene, at, dice| {
            let dir = scene.fresh();
            let file = &month_files(dir)[usize::try_from(dice.below(2)).unwrap()];
            let plain: String = (0..=at).map(|i| format!("{{\"event\":\"read\",\"seq\":{i}}}\n")).collect();
            fs::write(file, plain).unwrap();
        },
    },
    Attack {
        name: "another vault's lines",
        expected: Finding::Tampered,
        needs_outside: false,
        act: |scene, _, dice| {
            let dir = scene.fresh();
            let (files, others) = (month_files(dir), month_files(&scene.other));
            let which = usize::try_from(dice.below(3)).unwrap();
            for i in (0..2).filter(|i| which == 2 || which == *i) {
                fs::copy(&others[i], &files[i]).unwrap();
            }
        },
    },
    Attack {
        name: "another vault's folder",
        expected: Finding::Tampered,
        needs_outside: true,
        act: |scene, _, _| copy(&scene.other, &scene.attacked),
    },
    Attack {
        name: "remove the head file",
        expected: Finding::Tampered,
        needs_outside: false,
        act: |scene, _, _| fs::remove_file(scene.fresh().join("head.json")).unwrap(),
    },
    Attack {
        name: "remove the state file",
        expected: Finding::Tampered,
        needs_outside: false,
        act: |scene, _, _| fs::remove_file(scene.fresh().join("state")).unwrap(),
    },
    Attack {
        name: "roll back the lines",
        expected: Finding::Truncated,
        needs_outside: false,
        act: |scene, _, _| roll_back(scene, &[]),
    },
    Attack {
        name: "roll back lines and head",
        expected: Finding::Truncated,
        needs_outside: false,
        act: |scene, _, _| roll_back(scene, &["head.json"]),
    },
    Attack {
        name: "roll back lines, head and state",
        expected: Finding::Truncated,
        needs_outside: true,
        act: |scene, _, _| roll_back(scene, &["head.json", "state"]),
    },
];

fn roll_back(scene: &Scene, besides: &[&str]) {
    let dir = scene.fresh();
    for file in month_files(dir) {
        let old = scene.earlier.join(file.file_name().unwrap());
        if old.exists() {
            fs::copy(old, file).unwrap();
        } else {
            fs::remove_file(file).unwrap();
        }
    }
    for name in besides {
        fs::copy(scene.earlier.join(name), dir.join(name)).unwrap();
    }
}

#[test]
fn the_tamper_matrix() {
    let scene = Scene::new();
    assert_eq!(verdict(scene.fresh()).verdict, Finding::Intact);
    println!("{:<32} {:>9}  {:<10} {:<28} with the store's head", "attack", "positions", "verdict", "first fault");
    for attack in ATTACKS {
        let mut faults: BTreeMap<&str, u64> = BTreeMap::new();
        for position in 0..POSITIONS {
            let mut dice = Dice(position);
            let at = usize::try_from(dice.below(LINES)).unwrap();
            (attack.act)(&scene, at, &mut dice);
            let alone = verdict(&scene.attacked);
            let informed = scene.with_evidence();
            let with_checkpoint =
                verify(&scene.attacked, &Evidence { checkpoints: std::slice::from_ref(&scene.checkpoint), ..own() });
            let told = format!("{} at line {} (seed {position}): {alone:?}", attack.name, at + 1);
            if attack.needs_outside {
                assert_eq!(alone.verdict, Finding::Intact, "{told}");
            } else {
                assert_eq!(alone.verdict, attack.expected, "{told}");
                *faults.entry(alone.code.unwrap()).or_default() += 1;
            }
            assert_eq!(informed.verdict, attack.expected, "{told}");
            assert_eq!(with_checkpoint.verdict, attack.expected, "{told}");
        }
        let alone = if attack.needs_outside { Finding::Intact } else { attack.expected };
        let faults: Vec<_> = faults.iter().map(|(code, n)| format!("{code} {n}")).collect();
        println!("{:<32} {POSITIONS:>9}  {alone:<10} {:<28} {}", attack.name, faults.join(", "), attack.expected);
    }
}

#[test]
fn any_single_byte_changed_in_any_file_is_tampering() {
    let dir = tempfile::tempdir().unwrap();
    let (log, attacked) = (dir.path().join("log"), dir.path().join("attacked"));
    log_of(&log, 4, &environment(StepClock::at("2026-11-30T23:59:59.400Z"), 7));
    copy(&log, &attacked);
    let mut changed = 0;
    for entry in fs::read_dir(&attacked).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut dice = Dice(at as u64);
            // One bit, a newline, a zero, and any other value.
            for value in [bytes[at] ^ (1 << dice.below(8)), b'\n', 0, u8::try_from(dice.below(256)).unwrap()] {
                if value == bytes[at] {
                    continue;
                }
                let mut other = bytes.clone();
                other[at] = value;
                fs::write(&path, &other).unwrap();
                let verdict = verdict(&attacked);
                assert_eq!(verdict.verdict, Finding::Tampered, "{path:?} byte {at} to {value}: {verdict:?}");
                // The copy for others, without the secret, is as good a witness of its own files.
                if at % 16 == 0 && !path.ends_with("state") {
                    fs::rename(attacked.join("state"), dir.path().join("aside")).unwrap();
                    let elsewhere = verify(&attacked, &Evidence::default());
                    assert_eq!(elsewhere.verdict, Finding::Tampered, "{path:?} byte {at} to {value}: {elsewhere:?}");
                    fs::rename(dir.path().join("aside"), attacked.join("state")).unwrap();
                }
                changed += 1;
            }
        }
        fs::write(&path, bytes).unwrap();
    }
    println!("{changed} changes, each seen");
    assert!(changed > 10_000 && verdict(&attacked).verdict == Finding::Intact);
}

#[test]
fn a_thief_of_todays_seed_can_go_on_but_not_back() {
    let dir = tempfile::tempdir().unwrap();
    log_of(dir.path(), 6, &november());
    let file = &month_files(dir.path())[0];
    let text = fs::read_to_string(file).unwrap();
    let thief = Thief::from_state(dir.path());
    let last = text.lines().last().unwrap();
    // Going on is what the key is for: the signature holds. State and head still know where the log ended.
    fs::write(file, format!("{text}{}\n", thief.sign(last, 7, &digest(last)))).unwrap();
    assert_eq!(verdict(dir.path()).verdict, Finding::Intact);
    // Putting the same line in the place of the last one is going back.
    let before = text.lines().nth(4).unwrap();
    let without: String = text.split_inclusive('\n').take(5).collect();
    fs::write(file, format!("{without}{}\n", thief.sign(last, 6, &digest(before)))).unwrap();
    let verdict = verdict(dir.path());
    assert_eq!(
        (verdict.verdict, verdict.fault, verdict.first_bad_seq),
        (Finding::Tampered, Some(Fault::Signature), Some(6))
    );
}

#[test]
fn a_checkpoint_that_was_altered_is_no_evidence_either_way() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = AuditLog::create(dir.path(), &november()).unwrap();
    let head = log.head().unwrap().to_json();
    let other = if head.contains("\"sig\":\"0") { "\"sig\":\"1" } else { "\"sig\":\"0" };
    let forged = head.replacen(&head[head.find("\"sig\":").unwrap()..][..8], other, 1);
    let forged = Head::parse(forged.as_bytes()).unwrap();
    let verdict = verify(dir.path(), &Evidence { checkpoints: &[forged], ..own() });
    assert_eq!((verdict.verdict, verdict.fault), (Finding::Unknown, Some(Fault::CheckpointForged(1))));
}

#[test]
fn another_logs_fingerprint_is_not_this_ones() {
    let dir = tempfile::tempdir().unwrap();
    let make = |name: &str, seed| {
        AuditLog::create(&dir.path().join(name), &environment(StepClock::at("2026-11-23T15:00:00Z"), seed)).unwrap().1
    };
    let (ours, theirs) = (make("a", 1), make("b", 2));
    let check = |print| verify(&dir.path().join("a"), &Evidence { fingerprint: Some(print), ..own() });
    assert_eq!(check(&ours).verdict, Finding::Intact);
    assert_eq!(check(&theirs).fault, Some(Fault::FingerprintWrong));
}
