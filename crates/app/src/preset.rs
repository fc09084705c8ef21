//! The policy that the institution sets for vaults made on this workstation: `policy.toml`, with the keys of docs/policy.md.

use crate::AppError;
use cloister_access::Policy;
use std::{fs, io::ErrorKind, path::Path};
use toml::{Table, Value};

/// The preset of this folder; the defaults where there is none. One that cannot be read or followed whole is an error: a
/// vault must not be made with less than was meant.
pub(crate) fn policy(institution: &Path) -> Result<Policy, AppError> {
    let file = institution.join("policy.toml");
    let refused = |fault: String| AppError::input(file.display().to_string(), fault);
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Policy::default()),
        Err(e) => return Err(refused(e.kind().to_string())),
    };
    let table: Table = text.parse().map_err(|e: toml::de::Error| refused(e.message().to_owned()))?;
    let mut policy = Policy::default();
    for (key, value) in &table {
        let value = match value {
            Value::String(word) => word.clone(),
            Value::Integer(number) => number.to_string(),
            _ => return Err(refused(format!("{key} must be a number or a word in quotes"))),
        };
        policy.set(key, &value).map_err(|fault| refused(fault.to_string()))?;
    }
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Policy, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("policy.toml"), text).unwrap();
        policy(folder.path()).map_err(|e| e.to_string())
    }

    #[test]
    fn numbers_and_words_are_taken() {
        let preset =
            of("# Ward 4\nsession_timeout_minutes = 5\nretain_audio = \"keep\"\nbackup_folder = '/srv/backup'\n");
        let preset = preset.unwrap();
        assert_eq!((preset.session_timeout_minutes, preset.backup_folder.as_str()), (5, "/srv/backup"));
        assert_eq!(policy(Path::new("/nowhere/at/all")).unwrap(), Policy::default());
    }

    #[test]
    fn what_cannot_be_followed_is_refused_with_file_and_key() {
        for (text, word) in [
            ("session_timeout_minutes = 600", "from 1 to 60"),
            ("colour = 'blue'", "colour"),
            ("second_factor = true", "second_factor must be"),
            ("[passwords]\nminimum = 12", "passwords must be"),
            ("second_factor = required", ""),
        ] {
            let fault = of(text).unwrap_err();
            assert!(fault.contains("policy.toml") && fault.contains(word), "{text}: {fault}");
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("policy.toml")).unwrap();
        assert!(policy(folder.path()).is_err(), "what cannot be read is not the same as nothing");
    }
}
