//! From findings to a signed note: decisions, the draft, the signature, amendments.

use crate::{
    AppError,
    command::{Command, Context},
    dto::NoteDto,
    note::{self, Made},
    step_up::Again,
};
use cloister_access::{DraftNote, OpensEncounter, ReadEncounter, ReviewEncounter, SignNote, Target};
use cloister_domain::{
    Detail, DetailKey, EncounterId, EncounterState, ExtractionId, FindingRef, NoteEdits, NoteId, NoteSection,
    NoteTemplate, Sensitive, Sentence, Signer, Support, Timestamp, code,
};
use cloister_store::{KeptDraft, NewFindingDecision, StoreError, Verdict};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

/// The longest sentence or reason, in characters.
const LONGEST: usize = 4_000;
/// The most sentences of a note, and decisions at once.
const MOST: usize = 10_000;

/// The note of a visit: its draft, its signed versions, and the decisions about findings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GetNote {
    id: EncounterId,
}

impl Command for GetNote {
    const NAME: &'static str = "get_note";
    type Needs = ReadEncounter;
    type Output = NoteDto;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, ReadEncounter>) -> Result<NoteDto, AppError> {
        note::shown(cx)
    }
}

/// One decision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    extraction: ExtractionId,
    /// JSON Pointer of the finding.
    path: String,
    verdict: Verdict,
    /// For `edit`: what is right instead.
    value: Option<Sensitive<Value>>,
}

/// Decisions about findings of a visit, all or none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecideFindings {
    id: EncounterId,
    decisions: Vec<Decided>,
}

impl Command for DecideFindings {
    const NAME: &'static str = "decide_findings";
    type Needs = ReviewEncounter;
    type Output = NoteDto;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, ReviewEncounter>) -> Result<NoteDto, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("review")));
        if self.decisions.len() > MOST {
            return Err(AppError::Usage(format!("at most {MOST} decisions at once")));
        }
        let wanted: Vec<ExtractionId> = self.decisions.iter().map(|d| d.extraction).collect();
        let basis = note::basis(cx, &wanted)?;
        let now = cx.app.clock().now();
        let mut new = Vec::with_capacity(self.decisions.len());
        for d in self.decisions {
            let of = FindingRef { extraction: d.extraction, path: d.path };
            let findings = basis.iter().find(|b| b.extraction == of.extraction).map(|b| &b.findings);
            let settled = findings
                .and_then(|f| f.iter().find(|f| f.finding.path == of.path))
                .ok_or_else(|| AppError::Usage("there is no finding at this place".to_owned()))?;
            let finding = &settled.finding;
            if finding.support == Support::Unsupported && matches!(d.verdict, Verdict::Accept | Verdict::Edit) {
                return Err(AppError::Usage(
                    "nothing in the text supports this finding; what you know by yourself goes into the note as a \
                     sentence of your own"
                        .to_owned(),
                ));
            }
            let before = settled.review.as_ref().and_then(|r| r.value.clone()).unwrap_or_else(|| finding.value.clone());
            let after = match (d.verdict, d.value) {
                (Verdict::Edit, Some(value)) => plain(value)?,
                (Verdict::Edit, None) => return Err(AppError::Usage("say what is right instead".to_owned())),
                (Verdict::Reject, _) => Sensitive::new(Value::Null),
                (Verdict::Accept | Verdict::Undo, _) => finding.value.clone(),
            };
            new.push(NewFindingDecision { of, verdict: d.verdict, before, after, decided: now });
        }
        cx.open.stores.keep_finding_decisions(&cx.grant, &new)?;
        note::shown(cx)
    }
}

/// A value of one leaf.
fn plain(value: Sensitive<Value>) -> Result<Sensitive<Value>, AppError> {
    match value.expose("checked before it is kept") {
        Value::String(s) if s.trim().is_empty() => Err(AppError::Usage("say what is right instead".to_owned())),
        Value::String(s) if s.chars().count() > LONGEST => Err(too_long()),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Ok(value),
        _ => Err(AppError::Usage("a value is a text, a number, true or false".to_owned())),
    }
}

fn too_long() -> AppError {
    AppError::Usage(format!("at most {LONGEST} characters"))
}

/// Begins the draft, or changes how it is made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftNoteOf {
    id: EncounterId,
    template: Option<NoteTemplate>,
    /// What it is made from; by default the newest extraction of each schema.
    extractions: Option<Vec<ExtractionId>>,
    /// Take the newest extractions, although the draft was made from others.
    #[serde(default)]
    renew: bool,
    /// Forget a person's changes to the text.
    #[serde(default)]
    anew: bool,
}

impl Command for DraftNoteOf {
    const NAME: &'static str = "draft_note";
    type Needs = DraftNote;
    type Output = NoteDto;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, DraftNote>) -> Result<NoteDto, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("note")));
        let stores = &cx.open.stores;
        let before = stores.note_draft(&cx.grant)?;
        if before.is_none() && stores.encounter(&cx.grant)?.encounter.state == EncounterState::Signed {
            return Err(StoreError::Signed.into());
        }
        let stored = stores.encounter_extractions(&cx.grant)?;
        let newest = || note::newest_of_each_schema(&stored);
        let chosen = match self.extractions {
            Some(ids) => {
                let usable = |id: &ExtractionId| stored.iter().any(|x| x.id == *id && note::has_result(x));
                if !ids.iter().all(usable) {
                    return Err(AppError::Usage("a note is made from results of its own visit".to_owned()));
                }
                Some(ids)
            }
            None => self.renew.then(newest),
        };
        let changed = next_moment(cx, before.as_ref());
        let last = before.as_ref().map(|k| k.changed);
        let mut kept = match before {
            Some(kept) => kept,
            None => KeptDraft {
                id: NoteId::fresh(changed, cx.app.entropy()).map_err(|_| AppError::Internal("randomness"))?,
                version: 1,
                template: NoteTemplate::default(),
                layout: stores.note_layout(&cx.grant, NoteTemplate::default())?,
                extractions: newest(),
                edits: NoteEdits::default(),
                reason: None,
                by: cx.grant.user(),
                changed,
            },
        };
        if let Some(template) = self.template {
            kept.template = template;
            kept.layout = stores.note_layout(&cx.grant, template)?;
        }
        kept.extractions = chosen.unwrap_or(kept.extractions);
        if self.anew {
            kept.edits = NoteEdits::default();
        }
        kept.changed = changed;
        stores.keep_note_draft(&cx.grant, &kept, last)?;
        note::shown(cx)
    }
}

/// Now, and in any case later than the last change, so that two changes never look alike.
fn next_moment<P: OpensEncounter>(cx: &Context<'_, P>, before: Option<&KeptDraft>) -> Timestamp {
    let now = cx.app.clock().now();
    before.map_or(now, |k| now.max(Timestamp::from_millis(k.changed.as_millis() + 1)))
}

/// A sentence as a person leaves it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedSentence {
    text: Sensitive<String>,
    #[serde(default)]
    findings: Vec<FindingRef>,
}

/// A section as a person leaves it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedSection {
    key: String,
    sentences: Vec<SavedSentence>,
}

/// Keeps the text of the draft as a person left it. Which sentences are theirs is found by comparing, not said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaveNote {
    id: EncounterId,
    sections: Vec<SavedSection>,
    /// The `changed` of the draft that was edited.
    changed: Option<Timestamp>,
}

impl Command for SaveNote {
    const NAME: &'static str = "save_note";
    type Needs = DraftNote;
    type Output = NoteDto;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, DraftNote>) -> Result<NoteDto, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("note")));
        let kept = cx.open.stores.note_draft(&cx.grant)?.ok_or(StoreError::NotFound)?;
        let last = kept.changed;
        if self.changed.is_some_and(|seen| seen != last) {
            return Err(StoreError::ChangedMeanwhile.into());
        }
        if self.sections.iter().map(|s| s.sentences.len()).sum::<usize>() > MOST {
            return Err(AppError::Usage(format!("a note has at most {MOST} sentences")));
        }
        let made = Made::new(cx, kept)?;
        let mut wanted = Vec::with_capacity(self.sections.len());
        for section in self.sections {
            let mut sentences = Vec::with_capacity(section.sentences.len());
            for s in section.sentences {
                sentences.push(Sentence { text: checked(&s.text)?, findings: s.findings, edited: true });
            }
            wanted.push(NoteSection { key: section.key, title: String::new(), sentences });
        }
        let left_out = made.kept.edits.still_left_out(&wanted);
        let generated = note::generated(&made.kept.layout(), &made.basis, &left_out);
        let before = NoteEdits { left_out, ..made.kept.edits.clone() };
        let edits = NoteEdits::between(&generated, &wanted, &before);
        let changed = next_moment(cx, Some(&made.kept));
        let kept = KeptDraft { edits, changed, ..made.kept };
        cx.open.stores.keep_note_draft(&cx.grant, &kept, Some(last))?;
        note::shown(cx)
    }
}

/// Without what no document may hold: control characters. Line ends become spaces, a sentence is one line.
fn checked(text: &Sensitive<String>) -> Result<Sensitive<String>, AppError> {
    let text = text.expose("checked before it is kept");
    if text.chars().count() > LONGEST {
        return Err(too_long());
    }
    let spaced = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    Ok(Sensitive::new(spaced.filter(|c| !c.is_control()).collect::<String>().trim().to_owned()))
}

/// Brings back what a person took out of the draft.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreNote {
    id: EncounterId,
}

impl Command for RestoreNote {
    const NAME: &'static str = "restore_note";
    type Needs = DraftNote;
    type Output = NoteDto;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, DraftNote>) -> Result<NoteDto, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("note")));
        let mut kept = cx.open.stores.note_draft(&cx.grant)?.ok_or(StoreError::NotFound)?;
        let last = kept.changed;
        kept.edits.left_out.clear();
        kept.changed = next_moment(cx, Some(&kept));
        cx.open.stores.keep_note_draft(&cx.grant, &kept, Some(last))?;
        note::shown(cx)
    }
}

/// Throws the draft away; signed versions and decisions stay.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiscardNote {
    id: EncounterId,
}

impl Command for DiscardNote {
    const NAME: &'static str = "discard_note";
    type Needs = DraftNote;
    type Output = NoteDto;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, DraftNote>) -> Result<NoteDto, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("note")));
        cx.open.stores.drop_note_draft(&cx.grant)?;
        note::shown(cx)
    }
}

/// Signs the draft. The password is asked for again: a window left open signs nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignNoteOf {
    id: EncounterId,
    password: SecretString,
    /// Of the second factor, where it was not given within the last minutes.
    code: Option<String>,
    /// The draft's `seen`: what is signed is what was on the screen.
    seen: Option<String>,
}

impl Command for SignNoteOf {
    const NAME: &'static str = "sign_note";
    type Needs = SignNote;
    type Output = NoteDto;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn again(&self) -> Option<Again<'_>> {
        Some(Again { password: &self.password, code: self.code.as_deref() })
    }

    fn run(self, cx: &Context<'_, SignNote>) -> Result<NoteDto, AppError> {
        let stores = &cx.open.stores;
        let kept = stores.note_draft(&cx.grant)?.ok_or(AppError::NoDraft)?;
        let last = kept.changed;
        let replaces = stores.signed_notes(&cx.grant)?.pop().map(|n| n.sha256);
        let made = Made::new(cx, kept)?;
        let content = made.content(&stores.encounter(&cx.grant)?.encounter, replaces);
        if let Some(seen) = self.seen
            && note::canonical_sha256(&content)?.as_str() != seen
        {
            return Err(StoreError::ChangedMeanwhile.into());
        }
        let signer = Signer { id: cx.grant.user(), name: cx.open.session.name().to_owned() };
        let signed = note::signed(made.draft(content)?, signer, cx.app.clock().now())?;
        stores.keep_signed_note(&cx.grant, &signed, last)?;
        note::record_digest(cx, signed.sha256());
        note::shown(cx)
    }
}

/// Begins the next version of a signed note. It says what the last one says, until somebody changes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmendNote {
    id: EncounterId,
    /// Why.
    reason: Sensitive<String>,
}

impl Command for AmendNote {
    const NAME: &'static str = "amend_note";
    type Needs = DraftNote;
    type Output = NoteDto;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, DraftNote>) -> Result<NoteDto, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("amendment")));
        let reason = checked(&self.reason)?;
        if reason.expose("whether there is one").is_empty() {
            return Err(AppError::Usage("say why the note is amended".to_owned()));
        }
        let stores = &cx.open.stores;
        let last = stores.signed_notes(&cx.grant)?.pop().ok_or(AppError::NotSigned)?;
        let last = note::recalled(last)?;
        let content = last.content();
        let generated = note::generated(&content.layout(), &content.basis, &[]);
        let kept = KeptDraft {
            id: content.id,
            version: content.version + 1,
            template: content.template,
            layout: content.layout.clone(),
            extractions: content.basis.iter().map(|b| b.extraction).collect(),
            edits: NoteEdits::between(&generated, &content.sections, &NoteEdits::default()),
            reason: Some(reason),
            by: cx.grant.user(),
            changed: cx.app.clock().now(),
        };
        stores.keep_note_draft(&cx.grant, &kept, None)?;
        note::shown(cx)
    }
}
