//! Erasing for good, with a receipt, and the holds that forbid it.

use crate::{
    AppError,
    command::{Command, Context},
    export::{AtomicFile, Digest, cannot_write},
    recording::files::unlink,
};
use cloister_access::{DeleteDataset, DeleteEncounter, HoldRecord, ReadReceipts, Target};
use cloister_domain::{Code, DatasetId, Detail, DetailKey, EncounterId, Sensitive, code};
use cloister_store::{Erased, KeptReceipt};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::Write;

/// What was erased, and its receipt.
#[derive(Serialize)]
pub(crate) struct ErasedDto {
    receipt: Value,
    /// Over the receipt's bytes as they are kept and exported.
    sha256: String,
    /// Whether the database's own journal was emptied, too.
    journal_emptied: bool,
}

/// A receipt as it is kept.
#[derive(Serialize)]
pub(crate) struct ReceiptDto {
    receipt: Value,
    sha256: String,
}

/// Erases a visit with its recordings, transcripts, findings and notes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteEncounterOf {
    id: EncounterId,
}

impl Command for DeleteEncounterOf {
    const NAME: &'static str = "delete_encounter";
    type Needs = DeleteEncounter;
    type Output = ErasedDto;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, DeleteEncounter>) -> Result<ErasedDto, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("visit")));
        let (now, unlink) = (cx.app.clock().now(), unlink(cx.app.data()));
        let erased = cx.open.stores.delete_encounter(&cx.grant, now, unlink)?;
        cx.record(DetailKey::Bytes, Detail::Count(erased.receipt.bytes));
        cx.record(DetailKey::Segments, Detail::Count(erased.receipt.keys_destroyed.len() as u64));
        cx.record(DetailKey::ResultSha256, Detail::Hash(erased.kept.sha256.clone()));
        told(erased)
    }
}

/// Erases a dataset with its documents, runs, results and decisions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteDatasetOf {
    id: DatasetId,
}

impl Command for DeleteDatasetOf {
    const NAME: &'static str = "delete_dataset";
    type Needs = DeleteDataset;
    type Output = ErasedDto;

    fn target(&self) -> Target {
        Target::Dataset(self.id)
    }

    fn run(self, cx: &Context<'_, DeleteDataset>) -> Result<ErasedDto, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("dataset")));
        let erased = cx.open.stores.delete_dataset(&cx.grant, cx.app.clock().now())?;
        let documents = erased.receipt.rows.get("documents").copied().unwrap_or(0);
        cx.record(DetailKey::Documents, Detail::Count(documents));
        cx.record(DetailKey::ResultSha256, Detail::Hash(erased.kept.sha256.clone()));
        told(erased)
    }
}

/// A visit or a dataset, by its id.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Held {
    Visit(EncounterId),
    Dataset(DatasetId),
}

/// Sets a legal hold, or releases it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldRecordOf {
    id: Held,
    /// Why it is held; none releases it.
    reason: Option<String>,
}

impl Command for HoldRecordOf {
    const NAME: &'static str = "hold_record";
    type Needs = HoldRecord;
    type Output = ();

    fn target(&self) -> Target {
        match self.id {
            Held::Visit(id) => Target::Encounter(id),
            Held::Dataset(id) => Target::Dataset(id),
        }
    }

    fn run(self, cx: &Context<'_, HoldRecord>) -> Result<(), AppError> {
        let kind: Code = match self.id {
            Held::Visit(_) => code!("visit"),
            Held::Dataset(_) => code!("dataset"),
        };
        cx.record(DetailKey::Kind, Detail::Code(kind));
        let stores = &cx.open.stores;
        match self.reason {
            Some(reason) if reason.trim().is_empty() => Err(AppError::Usage("a hold needs a reason".to_owned())),
            Some(reason) => {
                cx.record(DetailKey::Reason, Detail::Code(code!("hold_set")));
                Ok(stores.set_hold(&cx.grant, &Sensitive::new(reason), cx.app.clock().now())?)
            }
            None => {
                cx.record(DetailKey::Reason, Detail::Code(code!("hold_released")));
                Ok(stores.release_hold(&cx.grant)?)
            }
        }
    }
}

/// Every hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListHolds {}

/// A hold as a face sees it.
#[derive(Serialize)]
pub(crate) struct HoldDto {
    id: String,
    since: String,
    by: String,
    reason: String,
}

impl Command for ListHolds {
    const NAME: &'static str = "list_holds";
    type Needs = ReadReceipts;
    type Output = Vec<HoldDto>;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ReadReceipts>) -> Result<Vec<HoldDto>, AppError> {
        let vault = cx.app.vault()?;
        let accounts = vault.accounts();
        let holds = cx.open.stores.holds(&cx.grant)?;
        let name = |id| accounts.iter().find(|a| a.id == id).map_or_else(|| id.to_string(), |a| a.name.clone());
        Ok(holds
            .into_iter()
            .map(|h| HoldDto {
                id: h.subject,
                since: h.set.to_string(),
                by: name(h.by),
                reason: h.reason.expose("shown to a person whom the gate admitted").clone(),
            })
            .collect())
    }
}

/// Every receipt.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListReceipts {}

impl Command for ListReceipts {
    const NAME: &'static str = "list_receipts";
    type Needs = ReadReceipts;
    type Output = Vec<ReceiptDto>;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ReadReceipts>) -> Result<Vec<ReceiptDto>, AppError> {
        let kept = cx.open.stores.receipts(&cx.grant)?;
        kept.iter().map(|k| Ok(ReceiptDto { receipt: value(k)?, sha256: k.sha256.to_string() })).collect()
    }
}

/// One receipt as a file: the very bytes that its digest is over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportReceipt {
    /// What was erased.
    id: String,
}

impl Command for ExportReceipt {
    const NAME: &'static str = "export_receipt";
    type Needs = ReadReceipts;
    /// The file's digest; `None` when the person chose no file.
    type Output = Option<String>;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ReadReceipts>) -> Result<Option<String>, AppError> {
        for kept in cx.open.stores.receipts(&cx.grant)? {
            if value(&kept)?["erased"] != self.id.as_str() {
                continue;
            }
            let Some(path) = cx.ports.save_file(&format!("receipt-{}.json", self.id)) else { return Ok(None) };
            let mut file = AtomicFile::create(&path)?;
            file.write_all(kept.body.as_bytes()).map_err(cannot_write(&path))?;
            let Digest { sha256, .. } = file.finish()?;
            return Ok(Some(sha256.to_string()));
        }
        Err(cloister_store::StoreError::NotFound.into())
    }
}

pub(super) fn told(erased: Erased) -> Result<ErasedDto, AppError> {
    let receipt = value(&erased.kept)?;
    Ok(ErasedDto { receipt, sha256: erased.kept.sha256.to_string(), journal_emptied: erased.journal_emptied })
}

fn value(kept: &KeptReceipt) -> Result<Value, AppError> {
    serde_json::from_str(&kept.body).map_err(|_| AppError::Internal("a receipt that cannot be read"))
}
