//! From what is kept to what faces show.

use crate::dto::{
    DayDto, EncounterRow, EvidenceDto, ExtractionDto, FindingDto, LogLineDto, LogOverviewDto, SchemaDto,
    SealedExportDto, SegmentDto, TranscriptDto, VerdictDto, WordCountDto, WordDto,
};
use cloister_domain::{Evidence, ExtractionSchema, Finding, Segment, Transcript, UserId};
use cloister_store::{EncounterSummary, StoredExtraction};
use cloister_vault::Account;
use serde::Serialize;
use serde_json::Value;

const SHOWN: &str = "shown to a person whom the gate admitted";

/// The word of a small enum, as its serialisation gives it.
pub(crate) fn word<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(s)) => s,
        _ => String::new(),
    }
}

/// A visit as `who` sees it, with the names of `accounts`.
pub(crate) fn encounter(row: &EncounterSummary, who: UserId, accounts: &[Account]) -> EncounterRow {
    let access = match row.encounter.owner == who {
        true => "own",
        false if row.shared => "shared",
        false if row.emergency_until.is_some() => "emergency",
        false => "administrator",
    };
    EncounterRow {
        id: row.encounter.id.to_string(),
        title: row.encounter.title.expose(SHOWN).clone(),
        state: word(row.encounter.state),
        created: row.encounter.created.to_string(),
        duration_s: row.duration_s,
        findings: row.findings,
        owner: name(row.encounter.owner, accounts),
        access: access.to_owned(),
        until: row.emergency_until.filter(|_| access == "emergency").map(|t| t.to_string()),
    }
}

/// The sign-in name of an account; its id when there is none.
pub(crate) fn name(id: UserId, accounts: &[Account]) -> String {
    accounts.iter().find(|a| a.id == id).map_or_else(|| id.to_string(), |a| a.name.clone())
}

pub(crate) fn transcript(t: &Transcript) -> TranscriptDto {
    TranscriptDto {
        id: t.id.to_string(),
        language: t.language.clone(),
        duration_s: t.duration_s,
        model: t.model.name.clone(),
        segments: t.segments.iter().map(segment).collect(),
    }
}

pub(crate) fn segment(s: &Segment) -> SegmentDto {
    SegmentDto {
        start_s: s.start_s,
        end_s: s.end_s,
        speaker: s.speaker.as_ref().map(|p| p.label.clone()),
        speaker_source: s.speaker.as_ref().map(|p| word(p.source)),
        text: s.text.expose(SHOWN).clone(),
        words: s
            .words
            .iter()
            .map(|w| WordDto {
                start_s: w.start_s,
                end_s: w.end_s,
                text: w.text.expose(SHOWN).clone(),
                probability: w.probability,
            })
            .collect(),
    }
}

pub(crate) fn extraction(document_id: &str, x: &StoredExtraction) -> ExtractionDto {
    ExtractionDto {
        document_id: document_id.to_owned(),
        id: x.id.to_string(),
        status: word(x.status),
        model: x.provenance.model.name.clone(),
        model_sha256: x.provenance.model.sha256.to_string(),
        schema: x.provenance.schema.clone(),
        schema_sha256: x.provenance.schema_sha256.to_string(),
        fields: x.fields.expose(SHOWN).clone(),
        findings: x.findings.iter().map(finding).collect(),
        error: x.error.clone(),
    }
}

fn finding(f: &Finding) -> FindingDto {
    FindingDto {
        path: f.path.clone(),
        field: f.field.clone(),
        value: f.value.expose(SHOWN).clone(),
        evidence: f.evidence.iter().map(evidence).collect(),
        assertion: word(f.assertion),
        support: word(f.support),
        confidence: f.confidence,
        reasons: f.reasons.clone(),
    }
}

fn evidence(e: &Evidence) -> EvidenceDto {
    EvidenceDto { start: e.start, end: e.end, quote: e.quote.expose(SHOWN).clone(), start_s: e.start_s, end_s: e.end_s }
}

pub(crate) fn schema(s: &ExtractionSchema) -> SchemaDto {
    SchemaDto {
        id: s.id.to_string(),
        name: s.name.clone(),
        version: s.version,
        sha256: s.sha256.to_string(),
        created: s.created.to_string(),
        definition: s.definition.clone(),
    }
}

pub(crate) fn verdict(v: &cloister_audit::Verdict) -> VerdictDto {
    VerdictDto {
        verdict: v.verdict.to_string(),
        entries: v.entries,
        first_seq: v.first_seq,
        last_seq: v.last_seq,
        head: v.head.as_ref().map(ToString::to_string),
        rests_on: v.rests_on.iter().map(ToString::to_string).collect(),
        reason: v.fault.map(|f| f.to_string()),
    }
}

pub(crate) fn sealed_export(x: cloister_audit::SealedExport, by: Option<String>) -> SealedExportDto {
    SealedExportDto {
        verdict: x.verdict.to_string(),
        entries: x.entries,
        first_seq: x.first_seq,
        last_seq: x.last_seq,
        head: x.head.map(|h| h.to_string()),
        rests_on: x.rests_on,
        reason: x.reason,
        key: x.key,
        by,
        made: x.made,
    }
}

pub(crate) const fn day(t: &cloister_audit::Tally) -> DayDto {
    DayDto { day: t.at, lines: t.lines, refused: t.refused, failed_sign_ins: t.failed_sign_ins }
}

pub(crate) fn log_overview(o: cloister_audit::Overview) -> LogOverviewDto {
    let words = |counts: Vec<(String, u64)>| {
        counts.into_iter().map(|(word, lines)| WordCountDto { word, lines }).collect::<Vec<_>>()
    };
    LogOverviewDto {
        days: o.days.iter().map(day).collect(),
        hours: o.hours.iter().map(day).collect(),
        event_types: words(o.event_types),
        users: words(o.users),
        outcomes: words(o.outcomes),
    }
}

pub(crate) fn log_line(l: &cloister_audit::LogLine) -> LogLineDto {
    LogLineDto {
        seq: l.seq,
        time: l.time.clone(),
        event_type: l.event_type.clone(),
        user_id: Some(l.user_id.clone()),
        role: l.role.clone(),
        session: l.session.clone(),
        host: l.host.clone(),
        action: l.action.clone(),
        target: l.target.clone(),
        outcome: l.outcome.clone(),
        details: l.details.clone(),
        raw: l.raw.clone(),
    }
}
