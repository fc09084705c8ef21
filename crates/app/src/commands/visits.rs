//! Visits: the list, one visit, and audio that becomes a transcript.

use crate::{
    AppError,
    command::{Command, Context},
    dto::{EncounterDto, EncounterRow, TranscriptDto},
    extract::note_restart,
    heard::HeardSoFar,
    import, manifest, present, vocabulary,
};
use cloister_access::{ListEncounters, ReadEncounter, Target, TranscribeEncounter};
use cloister_domain::{Detail, DetailKey, EncounterId, Sensitive, Transcript, TranscriptId};
use cloister_engine_client::protocol::TranscribeOptions;
use cloister_store::{NewTranscript, PartialKey};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The visits this person may see, newest first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListEncountersOf {}

impl Command for ListEncountersOf {
    const NAME: &'static str = "list_encounters";
    type Needs = ListEncounters;
    type Output = Vec<EncounterRow>;

    fn target(&self) -> Target {
        Target::Encounters
    }

    fn run(self, cx: &Context<'_, ListEncounters>) -> Result<Self::Output, AppError> {
        let vault = cx.app.vault()?;
        let visits = cx.open.stores.encounters(&cx.grant)?;
        Ok(visits.iter().map(|row| present::encounter(row, cx.grant.user(), vault.accounts())).collect())
    }
}

/// One visit with its transcript and extractions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GetEncounter {
    id: EncounterId,
}

impl Command for GetEncounter {
    const NAME: &'static str = "get_encounter";
    type Needs = ReadEncounter;
    type Output = EncounterDto;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, ReadEncounter>) -> Result<EncounterDto, AppError> {
        let stores = &cx.open.stores;
        let id = self.id.to_string();
        let row = stores.encounter(&cx.grant)?;
        Ok(EncounterDto {
            encounter: present::encounter(&row, cx.grant.user(), cx.app.vault()?.accounts()),
            transcript: stores.transcript(&cx.grant)?.as_ref().map(present::transcript),
            extractions: stores.encounter_extractions(&cx.grant)?.iter().map(|x| present::extraction(&id, x)).collect(),
        })
    }
}

/// An audio file becomes a transcript: in a new visit, or in one of their own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportAudio {
    encounter: Option<EncounterId>,
    /// ISO 639-1; `auto` detects it once.
    language: Option<String>,
    /// A speech model's name.
    model: Option<String>,
    /// A list of terms that may be said, by its name.
    vocabulary: Option<String>,
    /// Further terms that may be said: names of people and places.
    #[serde(default)]
    terms: Vec<String>,
}

/// What came of it.
#[derive(Serialize)]
pub(crate) struct AudioImported {
    encounter_id: EncounterId,
    transcript: TranscriptDto,
    /// What was wrong with the file although it could be read.
    warnings: Vec<String>,
}

impl Command for ImportAudio {
    const NAME: &'static str = "import_audio";
    type Needs = TranscribeEncounter;
    /// `None` when the person chose no file.
    type Output = Option<AudioImported>;

    fn target(&self) -> Target {
        self.encounter.map_or(Target::Encounters, Target::Encounter)
    }

    fn run(self, cx: &Context<'_, TranscribeEncounter>) -> Result<Self::Output, AppError> {
        let Some(path) = cx.ports.open_file("audio") else { return Ok(None) };
        let app = cx.app;
        let model = cx.app.model(manifest::Task::Speech, self.model.as_deref())?;
        let (mut file, sha256) = import::open_hashed(&path)?;
        let language = self.language.as_deref().unwrap_or("en");
        let options = TranscribeOptions {
            language: (language != "auto").then(|| language.to_owned()),
            vocabulary: vocabulary::terms(self.vocabulary.as_deref(), &self.terms)?,
            ..TranscribeOptions::default()
        };
        let of = PartialKey { source_sha256: &sha256, model_sha256: &model.sha256, language };
        let mut heard_so_far = HeardSoFar::read(cx, of)?;
        let _ = cx.progress("loading_model", 0.0, None, "");
        let heard = app.engines().run_giving_way(&model, &mut |e| note_restart(cx, e), |engine, loaded, way| {
            let pausable = engine.pausable();
            let options = heard_so_far.go_on(options.clone());
            let mut on_event = |event| {
                way.to_others(&pausable);
                heard_so_far.take(cx, of, event)
            };
            engine.transcribe(&mut file, options, &mut on_event).map(|h| (h, loaded.clone()))
        });
        let segments = heard_so_far.end()?;
        let (heard, loaded) = heard.map_err(|e| {
            // What a person stopped, or what cannot be read, is not gone on with.
            let _ = cx.open.stores.drop_partial_transcript(&cx.grant, of);
            named(e, &path)
        })?;
        let fresh = |_| AppError::Internal("randomness");
        let transcript = Transcript {
            id: TranscriptId::fresh(app.clock().now(), app.entropy()).map_err(fresh)?,
            language: heard.language,
            duration_s: heard.duration_s,
            model: loaded,
            segments,
        };
        let name = Sensitive::new(import::file_name(&path));
        let title = Sensitive::new(import::file_stem(&path));
        let new = match self.encounter {
            Some(_) => None,
            None => Some((EncounterId::fresh(app.clock().now(), app.entropy()).map_err(fresh)?, &title)),
        };
        let kept = NewTranscript {
            transcript: &transcript,
            source_name: &name,
            source_sha256: &sha256,
            recorded: false,
            created: app.clock().now(),
        };
        let encounter_id = cx.open.stores.keep_transcript(&cx.grant, new, &kept)?;
        cx.open.stores.drop_partial_transcript(&cx.grant, of)?;
        cx.record(DetailKey::ModelSha256, Detail::Hash(transcript.model.sha256.clone()));
        cx.record(DetailKey::SourceSha256, Detail::Hash(sha256));
        cx.record(DetailKey::Segments, Detail::Count(transcript.segments.len() as u64));
        cx.record(DetailKey::AudioMs, Detail::Count(milliseconds(transcript.duration_s)));
        Ok(Some(AudioImported { encounter_id, transcript: present::transcript(&transcript), warnings: heard.warnings }))
    }
}

fn milliseconds(seconds: f64) -> u64 {
    // A float cast saturates, and a negative length is none.
    (seconds * 1000.0) as u64
}

/// An engine fault about the audio, with the file's name.
fn named(e: AppError, path: &Path) -> AppError {
    use cloister_engine_client::{EngineError, protocol::Fault};
    match e {
        AppError::Engine(EngineError::Fault(fault @ (Fault::Audio { .. } | Fault::Internal { .. }))) => {
            AppError::input(import::file_name(path), fault.to_string())
        }
        AppError::Engine(e @ (EngineError::Died | EngineError::Hung | EngineError::Source(_))) => {
            AppError::input(import::file_name(path), e.to_string())
        }
        other => other,
    }
}
