//! How an export came about: which run, schema, model, prompt and build, and what its columns hold.

use super::file::{beside, write_file};
use crate::AppError;
use cloister_domain::{Sha256Hex, Timestamp};
use cloister_store::{BatchRow, StoredExtraction};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path};

/// Gathered while the rows are written.
pub(crate) struct About {
    pub(crate) documents: u64,
    pub(crate) cut: u64,
    pub(crate) dictionary: Vec<Value>,
    run: Vec<(&'static str, String)>,
    decided: u64,
    /// Digests of prompts, builds and processor paths, and how many documents each made.
    prompts: BTreeMap<String, u64>,
    builds: BTreeMap<String, u64>,
    statuses: BTreeMap<String, u64>,
}

impl About {
    pub(crate) fn new(row: &BatchRow, now: Timestamp, text: bool, evidence: bool) -> Self {
        let yes = |b: bool| if b { "yes" } else { "no" }.to_owned();
        Self {
            documents: 0,
            cut: 0,
            dictionary: Vec::new(),
            run: vec![
                ("run", row.id.to_string()),
                ("dataset", row.dataset.clone()),
                ("schema", row.schema.clone()),
                ("schema SHA-256", row.schema_sha256.to_string()),
                ("model", row.model.name.clone()),
                ("model SHA-256", row.model.sha256.to_string()),
                ("begun", row.created.to_string()),
                ("exported", now.to_string()),
                ("exported by", format!("Cloister {}", env!("CARGO_PKG_VERSION"))),
                ("documents of the dataset", (row.counts.done() + row.counts.pending).to_string()),
                ("still pending", row.counts.pending.to_string()),
                ("with report texts", yes(text)),
                ("with evidence", yes(evidence)),
            ],
            decided: 0,
            prompts: BTreeMap::new(),
            builds: BTreeMap::new(),
            statuses: BTreeMap::new(),
        }
    }

    /// Notes one row.
    pub(crate) fn count(&mut self, x: &StoredExtraction, decided: u64) {
        self.documents += 1;
        self.decided += decided;
        *self.statuses.entry(crate::present::word(x.status)).or_default() += 1;
        let p = &x.provenance;
        if !p.cpu_path.is_empty() {
            *self.prompts.entry(p.prompt_sha256.to_string()).or_default() += 1;
            let build = format!("{}, {}, {} threads, {}", p.build, p.cpu_path, p.threads, p.device);
            *self.builds.entry(build).or_default() += 1;
        }
    }

    /// Name and value, in order, as the provenance sheet shows them.
    pub(crate) fn provenance(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = self.run.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        all.push(("documents in this file".to_owned(), self.documents.to_string()));
        for (status, n) in &self.statuses {
            all.push((format!("of which {status}"), n.to_string()));
        }
        all.push(("findings decided by reviewers".to_owned(), self.decided.to_string()));
        all.push(("cells cut to a spreadsheet's limit".to_owned(), self.cut.to_string()));
        for (prompt, n) in &self.prompts {
            all.push((format!("prompt SHA-256 ({n} documents)"), prompt.clone()));
        }
        for (build, n) in &self.builds {
            all.push((format!("engine ({n} documents)"), build.clone()));
        }
        all
    }

    /// Writes it beside the export. It holds names of columns and digests, nothing of the reports.
    pub(crate) fn write_beside(&self, path: &Path, sha256: &Sha256Hex) -> Result<(), AppError> {
        let members = self.provenance().into_iter().map(|(k, v)| (k, Value::from(v)));
        let about = json!({
            "file_sha256": sha256.as_str(),
            "provenance": members.collect::<serde_json::Map<_, _>>(),
            "columns": self.dictionary,
        });
        let text = serde_json::to_vec_pretty(&about).map_err(|_| AppError::Internal("an export's account"))?;
        write_file(&beside(path, "about.json"), &text)
    }
}
