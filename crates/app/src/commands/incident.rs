//! Evidence of an incident: the log, the operational log, and what the program knows of itself, in one encrypted file.
//! Nothing clinical is in it: neither log holds any, and no store is opened.

use crate::{
    AppError, NoPorts,
    command::{Command, Context},
    doctor,
    export::{Digest, Sink, cannot_write, recipient, write_digest},
    operational,
};
use cloister_access::{CollectEvidence, Policy, Target};
use cloister_domain::{Detail, DetailKey, code};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{
    fmt::Write as _,
    fs::File,
    io::{self, Read, Write},
    path::Path,
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// The bundle, as a ZIP archive encrypted with age.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CollectEvidenceFor {
    /// An age public key (`age1…`). There is no plain form.
    age_recipient: String,
}

/// What was written.
#[derive(Debug, Serialize)]
pub(crate) struct EvidenceDto {
    file: String,
    sha256: String,
    bytes: u64,
    /// The files within, in their order.
    members: Vec<String>,
}

impl Command for CollectEvidenceFor {
    const NAME: &'static str = "collect_evidence";
    type Needs = CollectEvidence;
    type Output = Option<EvidenceDto>;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, CollectEvidence>) -> Result<Self::Output, AppError> {
        let recipient = recipient(&self.age_recipient)?;
        let app = cx.app;
        let day: String = app.clock().now().to_string().chars().take(10).collect();
        let Some(path) = cx.ports.save_file(&format!("incident-{day}.zip.age")) else { return Ok(None) };
        let vault = app.vault()?;
        let accounts: Vec<_> = vault
            .accounts()
            .iter()
            .map(|a| {
                let role = a.role.to_string();
                json!({"id": a.id.to_string(), "name": a.name, "role": role, "disabled": a.disabled,
                    "created": a.created.to_string()})
            })
            .collect();
        let about = json!({
            "made": app.clock().now().to_string(),
            "version": env!("CARGO_PKG_VERSION"),
            "host": rustix::system::uname().nodename().to_string_lossy(),
            "boot": app.clock().boot_id(),
            "keyring_version": vault.version(),
        });
        let verdict = app.verify_log(&Value::Null, &NoPorts)?;

        let mut bundle = Bundle::begin(Sink::create(&path, Some(recipient))?);
        let mut write = || -> Result<(), zip::result::ZipError> {
            bundle.json("about.json", &about)?;
            bundle.json("verdict.json", &verdict)?;
            bundle.json("doctor.json", &doctor::examine(app, false).ok())?;
            bundle.json("policy.json", &Policy::from_document(vault.policy()).ok())?;
            bundle.json("accounts.json", &accounts)?;
            bundle.folder("audit", &app.log_folder(), &["jsonl", "json"])?;
            bundle.folder("operational", &operational::folder(app.data()), &["log"])
        };
        write().map_err(|e| cannot_write(&path)(e.into()))?;
        let (sink, members) = bundle.finish().map_err(|e| cannot_write(&path)(e.into()))?;
        let Digest { sha256, bytes } = sink.finish()?;
        write_digest(&path, &sha256)?;
        cx.record(DetailKey::Format, Detail::Code(code!("evidence")));
        cx.record(DetailKey::Bytes, Detail::Count(bytes));
        cx.record(DetailKey::FileSha256, Detail::Hash(sha256.clone()));
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Some(EvidenceDto { file, sha256: sha256.to_string(), bytes, members }))
    }
}

/// A ZIP archive that is written as it comes, with the digests of its members at the end.
struct Bundle {
    zip: ZipWriter<zip::write::StreamWriter<Sink>>,
    sums: String,
    members: Vec<String>,
}

impl Bundle {
    fn begin(sink: Sink) -> Self {
        Self { zip: ZipWriter::new_stream(sink), sums: String::new(), members: Vec::new() }
    }

    fn json(&mut self, name: &str, value: &impl Serialize) -> zip::result::ZipResult<()> {
        let text = serde_json::to_vec_pretty(value).map_err(io::Error::other)?;
        self.member(name, &mut text.as_slice())
    }

    /// The files of a folder with one of these endings; a folder that is not there gives none.
    fn folder(&mut self, name: &str, folder: &Path, endings: &[&str]) -> zip::result::ZipResult<()> {
        let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
        let mut files: Vec<_> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
        files.sort();
        for file in files {
            let ending = file.extension().unwrap_or_default().to_string_lossy().into_owned();
            if endings.contains(&ending.as_str()) && file.is_file() {
                let within = format!("{name}/{}", file.file_name().unwrap_or_default().to_string_lossy());
                self.member(&within, &mut File::open(&file)?)?;
            }
        }
        Ok(())
    }

    fn member(&mut self, name: &str, content: &mut dyn Read) -> zip::result::ZipResult<()> {
        self.zip.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))?;
        let mut hash = Sha256::new();
        let mut block = vec![0; 1 << 16];
        loop {
            let n = content.read(&mut block)?;
            if n == 0 {
                break;
            }
            hash.update(&block[..n]);
            self.zip.write_all(&block[..n])?;
        }
        let sum = hash.finalize().iter().fold(String::new(), |all, b| all + &format!("{b:02x}"));
        let _ = writeln!(self.sums, "{sum}  {name}");
        self.members.push(name.to_owned());
        Ok(())
    }

    /// The last member can be checked with `sha256sum -c SHA256SUMS`.
    fn finish(mut self) -> zip::result::ZipResult<(Sink, Vec<String>)> {
        let sums = std::mem::take(&mut self.sums);
        self.member("SHA256SUMS", &mut sums.as_bytes())?;
        Ok((self.zip.finish()?.into_inner(), self.members))
    }
}
