//! Over and over: content, a backup, an accident. What comes back is equal, or nothing does and the words say why.

use crate::{
    Ward,
    vaults::{Chance, dump, fill, log},
};
use cloister_domain::{Clock, Entropy};
use cloister_vault::{
    BackupFacts, BackupFile, BackupHeader, BackupKey, BackupWriter, NewBackup, OsEntropy, VaultFolder,
};
use serde_json::json;
use std::{collections::BTreeMap, fs, path::Path};

/// What befalls a backup between its making and its restoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Accident {
    None,
    Flipped,
    Cut,
    Grown,
    Emptied,
    LaterVersion,
    LaterStore,
    OtherKey,
    OtherVault,
    Swapped,
    NoBackup,
}

const ALL: [Accident; 11] = [
    Accident::None,
    Accident::Flipped,
    Accident::Cut,
    Accident::Grown,
    Accident::Emptied,
    Accident::LaterVersion,
    Accident::LaterStore,
    Accident::OtherKey,
    Accident::OtherVault,
    Accident::Swapped,
    Accident::NoBackup,
];

/// `BACKUP_CYCLES` more of them: `make soak`.
#[test]
fn fifty_cycles_of_content_and_accidents() {
    let cycles: u64 = std::env::var("BACKUP_CYCLES").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    let (ward, other) = (Ward::new(), Ward::new());
    let (foreign, _) = other.backup("other.backup");
    let mut chance = Chance::new(2026);
    let mut seen = BTreeMap::<Accident, u64>::new();
    for turn in 0..cycles {
        fill(&ward.station, ward.folder.path(), &mut chance, turn);
        let (file, _) = ward.backup("ward.backup");
        let (wanted, lines) = (dump(&ward.data(), &ward.key()), log(&ward.data()));
        let accident = if turn % 3 == 0 { Accident::None } else { ALL[chance.below(ALL.len() as u64) as usize] };
        *seen.entry(accident).or_default() += 1;
        let mut payload = ward.with_paper();
        befall(accident, &file, &foreign, &mut chance);
        match accident {
            Accident::OtherKey => payload = other.with_paper(),
            Accident::LaterStore => later_store(&ward, &file),
            _ => {}
        }
        let to = ward.path("restored");
        let restored = ward.restore(&file, &to, payload);
        if let Some(codes) = refusals(accident) {
            let (code, words) = restored.unwrap_err();
            assert!(codes.contains(&code.as_str()), "{turn} {accident:?}: {code}: {words}");
            assert!(!to.join("keyring.json").exists() && !to.join(".restoring").exists(), "{turn} {accident:?}");
        } else {
            assert_eq!(restored.unwrap()["log"]["verdict"], "intact", "{turn}");
            assert_eq!(dump(&to, &ward.key()), wanted, "{turn}");
            assert!(log(&to).starts_with(up_to_the_attempt(&lines)), "{turn}: the log is another");
        }
        let _ = fs::remove_dir_all(&to);
    }
    println!("{cycles} cycles: {seen:?}");
    assert!(cycles < 50 || seen.len() == ALL.len(), "every accident came: {seen:?}");
}

/// The lines that were there when the newest backup was made, its own first line included.
fn up_to_the_attempt(lines: &[u8]) -> &[u8] {
    let ends = lines.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1);
    let mut from = 0;
    let mut last = 0;
    for end in ends {
        let line = String::from_utf8_lossy(&lines[from..end]);
        if line.contains("\"create_backup\"") && line.contains("\"outcome\":\"attempt\"") {
            last = end;
        }
        from = end;
    }
    assert!(last > 0);
    &lines[..last]
}

/// The codes of the refusal; `None` where the vault must come back.
fn refusals(accident: Accident) -> Option<&'static [&'static str]> {
    match accident {
        Accident::None => None,
        Accident::Flipped => Some(&["backup_refused", "backup_newer"]),
        Accident::Cut | Accident::Grown | Accident::Swapped => Some(&["backup_refused"]),
        Accident::Emptied | Accident::NoBackup => Some(&["backup_refused"]),
        Accident::LaterVersion | Accident::LaterStore => Some(&["backup_newer"]),
        Accident::OtherKey | Accident::OtherVault => Some(&["wrong_recovery_key"]),
    }
}

fn befall(accident: Accident, file: &Path, foreign: &Path, chance: &mut Chance) {
    let mut bytes = fs::read(file).unwrap();
    let somewhere = chance.below(bytes.len() as u64) as usize;
    match accident {
        Accident::None | Accident::OtherKey | Accident::LaterStore => return,
        Accident::Flipped => bytes[somewhere] ^= 1 << chance.below(8),
        Accident::Cut => bytes.truncate(somewhere),
        Accident::Grown => bytes.extend_from_slice(b"more"),
        Accident::Emptied => bytes.clear(),
        Accident::LaterVersion => bytes[7] += 1,
        Accident::OtherVault => bytes = fs::read(foreign).unwrap(),
        // One vault's header before another's content.
        Accident::Swapped => {
            let theirs = fs::read(foreign).unwrap();
            let body = |bytes: &[u8]| 12 + u32::from_be_bytes(bytes[8..12].try_into().unwrap()) as usize;
            bytes.truncate(body(&bytes));
            bytes.extend_from_slice(&theirs[body(&theirs)..]);
        }
        Accident::NoBackup => bytes = format!("{}", json!({"a": "letter"})).into_bytes(),
    }
    fs::write(file, bytes).unwrap();
}

/// The same files, by a program whose stores are newer than ours.
fn later_store(ward: &Ward, file: &Path) {
    let entropy: &dyn Entropy = &OsEntropy;
    let backup = BackupFile::open(fs::File::open(file).unwrap()).unwrap();
    let key = backup.header().open_with(&ward.key()).unwrap();
    let mut members = Vec::new();
    let manifest = backup
        .unlock(&key)
        .unwrap()
        .read(|name, from| {
            let mut bytes = Vec::new();
            std::io::copy(from, &mut bytes).map_err(cloister_vault::VaultError::from_reading)?;
            members.push((name.to_owned(), bytes));
            Ok::<_, cloister_vault::VaultError>(())
        })
        .unwrap();
    let key = BackupKey::random(entropy).unwrap();
    let frozen = VaultFolder::at(ward.data()).freeze().unwrap();
    let new = NewBackup { made: cloister_app::SystemClock.now(), program: "9.0.0", others: Vec::new() };
    let header = BackupHeader::new(&frozen, new, &key, entropy).unwrap();
    let mut writer = BackupWriter::begin(fs::File::create(file).unwrap(), &header, &key).unwrap();
    for (name, bytes) in members {
        writer.member(&name, bytes.len() as u64, &mut bytes.as_slice()).unwrap();
    }
    let stores = BTreeMap::from([("visits.db".to_owned(), 999)]);
    writer.finish(BackupFacts { stores, ..manifest.facts }).unwrap();
}
