//! A visit's note, from what was accepted to what leaves the house.

mod export;
mod lists;
mod topics;
mod words;

pub(crate) use export::{NoteForm, stem, written};
pub(crate) use words::generated;

use crate::{AppError, command::Context, dto, extract::sha256, present};
use cloister_access::{OpensEncounter, Permission};
use cloister_domain::{
    Decision, ExtractionId, ExtractionStatus, FindingRef, Note, NoteBasis, NoteContent, NoteFault, NoteSection, Review,
    SettledFinding, Sha256Hex, Signer, Support, Timestamp,
    note::{Draft, Signed},
};
use cloister_store::{self as store, KeptDraft, StoredExtraction, StoredNote, Verdict};
use serde::Serialize;

const SHOWN: &str = "shown to a person whom the gate admitted";

/// A draft with what it is made from.
pub(crate) struct Made {
    pub(crate) kept: KeptDraft,
    pub(crate) basis: Vec<NoteBasis>,
    pub(crate) sections: Vec<cloister_domain::DraftSection>,
}

impl Made {
    pub(crate) fn new<P: OpensEncounter>(cx: &Context<'_, P>, kept: KeptDraft) -> Result<Self, AppError> {
        let basis = basis(cx, &kept.extractions)?;
        let generated = generated(&kept.layout(), &basis, &kept.edits.left_out);
        let sections = kept.edits.laid_over(&generated);
        Ok(Self { kept, basis, sections })
    }

    pub(crate) fn undecided(&self) -> usize {
        self.basis.iter().map(NoteBasis::undecided).sum()
    }

    pub(crate) fn stale(&self) -> usize {
        self.sections.iter().flat_map(|s| &s.sentences).filter(|s| s.stale).count()
    }

    /// What would be signed now.
    pub(crate) fn content(&self, visit: &cloister_domain::Encounter, replaces: Option<Sha256Hex>) -> NoteContent {
        let section = |s: &cloister_domain::DraftSection| NoteSection {
            key: s.key.clone(),
            title: s.title.clone(),
            sentences: s.sentences.iter().map(|x| x.sentence.clone()).collect(),
        };
        NoteContent {
            id: self.kept.id,
            encounter: visit.id,
            patient: visit.title.clone(),
            visited: visit.created,
            version: self.kept.version,
            template: self.kept.template,
            layout: self.kept.layout.clone(),
            reason: self.kept.reason.clone(),
            replaces,
            sections: self.sections.iter().map(section).filter(|s| !s.sentences.is_empty()).collect(),
            basis: self.basis.clone(),
        }
    }

    /// The note that can be signed, once no sentence has to be looked at again.
    pub(crate) fn draft(&self, content: NoteContent) -> Result<Note<Draft>, NoteFault> {
        match self.stale() {
            0 => Ok(Note::draft(content)),
            sentences => Err(NoteFault::Stale { sentences }),
        }
    }
}

/// The newest extraction with a result of each schema, oldest first: what a note is made from unless somebody chooses.
pub(crate) fn newest_of_each_schema(extractions: &[StoredExtraction]) -> Vec<ExtractionId> {
    let name = |x: &StoredExtraction| x.provenance.schema.split('@').next().unwrap_or_default().to_owned();
    let mut seen = Vec::new();
    let mut newest = Vec::new();
    for x in extractions.iter().filter(|x| has_result(x)) {
        if !seen.contains(&name(x)) {
            seen.push(name(x));
            newest.push(x.id);
        }
    }
    newest.reverse();
    newest
}

pub(crate) const fn has_result(x: &StoredExtraction) -> bool {
    matches!(x.status, ExtractionStatus::Ok | ExtractionStatus::Partial)
}

/// Extractions of the visit with what was decided about their findings.
pub(crate) fn basis<P: OpensEncounter>(
    cx: &Context<'_, P>,
    wanted: &[ExtractionId],
) -> Result<Vec<NoteBasis>, AppError> {
    let stored = cx.open.stores.encounter_extractions(&cx.grant)?;
    let decisions = cx.open.stores.finding_decisions(&cx.grant)?;
    let find = |id: &ExtractionId| stored.iter().find(|x| x.id == *id);
    Ok(wanted.iter().filter_map(find).map(|x| settled(x, &decisions)).collect())
}

fn settled(x: &StoredExtraction, decisions: &[(ExtractionId, store::Decision)]) -> NoteBasis {
    let one = |finding: &cloister_domain::Finding| SettledFinding {
        review: standing(decisions, x.id, &finding.path),
        finding: finding.clone(),
    };
    NoteBasis { extraction: x.id, provenance: x.provenance.clone(), findings: x.findings.iter().map(one).collect() }
}

/// The decision in force about a finding.
fn standing(decisions: &[(ExtractionId, store::Decision)], of: ExtractionId, path: &str) -> Option<Review> {
    let (_, last) = decisions.iter().rev().find(|(x, d)| *x == of && d.path == path)?;
    let decision = match last.verdict {
        Verdict::Accept => Decision::Accepted,
        Verdict::Reject => Decision::Rejected,
        Verdict::Edit => Decision::Edited,
        Verdict::Undo => return None,
    };
    let value = (decision == Decision::Edited).then(|| last.after.clone());
    Some(Review { path: path.to_owned(), decision, value, by: last.reviewer, at: last.decided })
}

/// SHA-256 of a value's canonical JSON (RFC 8785).
pub(crate) fn canonical_sha256<T: Serialize>(value: &T) -> Result<Sha256Hex, AppError> {
    let bytes = serde_json_canonicalizer::to_vec(value).map_err(|_| AppError::Internal("canonical JSON"))?;
    Ok(sha256(&bytes))
}

/// The draft with a signature under it.
pub(crate) fn signed(draft: Note<Draft>, signer: Signer, at: Timestamp) -> Result<Note<Signed>, AppError> {
    draft.sign(signer, at, |statement| {
        let text = serde_json_canonicalizer::to_string(statement).map_err(|_| AppError::Internal("canonical JSON"))?;
        let digest = sha256(text.as_bytes());
        Ok((text, digest))
    })
}

/// A signed note, found to be what was signed.
pub(crate) fn recalled(stored: StoredNote) -> Result<Note<Signed>, AppError> {
    Ok(Note::recall(stored.statement, stored.sha256, sha256)?)
}

/// The note of the grant's visit, draft and signed versions, as faces show it.
pub(crate) fn shown<P: OpensEncounter>(cx: &Context<'_, P>) -> Result<dto::NoteDto, AppError> {
    let stores = &cx.open.stores;
    let row = stores.encounter(&cx.grant)?;
    let signed: Vec<Note<Signed>> =
        stores.signed_notes(&cx.grant)?.into_iter().map(recalled).collect::<Result<_, _>>()?;
    let replaces = signed.last().map(|n| n.sha256().clone());
    let draft = match stores.note_draft(&cx.grant)? {
        Some(kept) => Some(draft_dto(cx, &Made::new(cx, kept)?, &row.encounter, replaces)?),
        None => None,
    };
    let vault = cx.app.vault()?;
    let name = |id| vault.account(id).map_or_else(|| id.to_string(), |a| a.name.clone());
    let mut decisions: Vec<dto::FindingDecisionDto> = Vec::new();
    for (extraction, d) in stores.finding_decisions(&cx.grant)? {
        let id = extraction.to_string();
        decisions.retain(|k| (&k.extraction, &k.path) != (&id, &d.path));
        if d.verdict != Verdict::Undo {
            decisions.push(dto::FindingDecisionDto {
                extraction: id,
                path: d.path.clone(),
                verdict: present::word(d.verdict),
                value: d.after.expose(SHOWN).clone(),
                by: name(d.reviewer),
                at: d.decided.to_string(),
            });
        }
    }
    Ok(dto::NoteDto {
        encounter: row.encounter.id.to_string(),
        state: present::word(row.encounter.state),
        draft,
        signed: signed.iter().rev().map(signed_dto).collect(),
        decisions,
    })
}

fn draft_dto<P: OpensEncounter>(
    cx: &Context<'_, P>,
    made: &Made,
    visit: &cloister_domain::Encounter,
    replaces: Option<Sha256Hex>,
) -> Result<dto::NoteDraftDto, AppError> {
    let text_now =
        cx.open.stores.transcript(&cx.grant)?.map(|t| sha256(t.spoken_text().text().expose(SHOWN).as_bytes()));
    let source = |b: &NoteBasis| dto::NoteSourceDto {
        extraction: b.extraction.to_string(),
        schema: b.provenance.schema.clone(),
        findings: b.findings.iter().filter(|f| f.finding.support != Support::Unsupported).count(),
        undecided: b.undecided(),
        text_changed: text_now.as_ref() != Some(&b.provenance.source_sha256),
    };
    let sentence =
        |x: &cloister_domain::DraftSentence| dto::NoteSentenceDto { stale: x.stale, ..sentence_dto(&x.sentence) };
    Ok(dto::NoteDraftDto {
        version: made.kept.version,
        template: present::word(made.kept.template),
        reason: made.kept.reason.as_ref().map(|r| r.expose(SHOWN).clone()),
        changed: made.kept.changed.to_string(),
        sources: made.basis.iter().map(source).collect(),
        undecided: made.undecided(),
        stale: made.stale(),
        left_out: made.kept.edits.left_out.len(),
        sections: made
            .sections
            .iter()
            .map(|s| dto::NoteSectionDto {
                key: s.key.clone(),
                title: s.title.clone(),
                sentences: s.sentences.iter().map(sentence).collect(),
            })
            .collect(),
        lists: lists::lists(&made.basis),
        seen: canonical_sha256(&made.content(visit, replaces))?.to_string(),
    })
}

pub(crate) fn signed_dto(note: &Note<Signed>) -> dto::SignedNoteDto {
    let content = note.content();
    dto::SignedNoteDto {
        version: content.version,
        template: present::word(content.template),
        title: content.title(),
        reason: content.reason.as_ref().map(|r| r.expose(SHOWN).clone()),
        signed_by: note.signer().name.clone(),
        signed_at: note.signed().to_string(),
        sha256: note.sha256().to_string(),
        sections: content
            .sections
            .iter()
            .map(|s| dto::NoteSectionDto {
                key: s.key.clone(),
                title: s.title.clone(),
                sentences: s.sentences.iter().map(sentence_dto).collect(),
            })
            .collect(),
        lists: lists::lists(&content.basis),
    }
}

fn sentence_dto(s: &cloister_domain::Sentence) -> dto::NoteSentenceDto {
    let of = |f: &FindingRef| dto::FindingRefDto { extraction: f.extraction.to_string(), path: f.path.clone() };
    dto::NoteSentenceDto {
        text: s.text.expose(SHOWN).clone(),
        findings: s.findings.iter().map(of).collect(),
        edited: s.edited,
        stale: false,
    }
}

/// Details of a line about a note that was signed.
pub(crate) fn record_digest<P: Permission>(cx: &Context<'_, P>, sha256: &Sha256Hex) {
    use cloister_domain::{Detail, DetailKey, code};
    cx.record(DetailKey::Kind, Detail::Code(code!("note")));
    cx.record(DetailKey::ResultSha256, Detail::Hash(sha256.clone()));
}
