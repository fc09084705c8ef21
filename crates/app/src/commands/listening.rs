//! A visit's sound: what there is, hearing it, its outline, and its transcript.

use crate::{
    AppError,
    command::{Command, Context},
    dto::{ConsentDto, DamageDto, RecordingDto, TranscriptDto, VisitAudioDto},
    extract::note_restart,
    heard::HeardSoFar,
    manifest, present,
    recording::VisitAudio,
    vocabulary,
};
use cloister_access::{
    HearEncounter, OpensAudio, OpensEncounter, Permission, ReadEncounter, Target, TranscribeEncounter,
};
use cloister_capture::RATE;
use cloister_domain::{Detail, DetailKey, EncounterId, Sensitive, Sha256Hex, Transcript, TranscriptId};
use cloister_engine_client::{ByteSource, protocol::TranscribeOptions};
use cloister_store::{NewTranscript, PartialKey, StoreError, StoredRecording};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The recordings of a visit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListRecordings {
    encounter: EncounterId,
    /// Whether to read every file whole and compare it with what is known of it.
    #[serde(default)]
    examine: bool,
}

impl Command for ListRecordings {
    const NAME: &'static str = "visit_audio";
    type Needs = ReadEncounter;
    type Output = VisitAudioDto;

    fn target(&self) -> Target {
        Target::Encounter(self.encounter)
    }

    fn run(self, cx: &Context<'_, ReadEncounter>) -> Result<VisitAudioDto, AppError> {
        const SHOWN: &str = "shown to a person whom the gate admitted";
        let stores = &cx.open.stores;
        let recordings = stores.recordings(&cx.grant)?;
        let damages = if self.examine { open(cx, &recordings)?.examine(&recordings)? } else { Vec::new() };
        let consent = stores.encounter(&cx.grant)?.encounter.consent;
        let mut start = 0;
        let rows = recordings.iter().map(|r| {
            let samples: u64 = r.segments.iter().map(|s| s.samples).sum();
            let start_s = seconds(start);
            start += samples;
            RecordingDto {
                id: r.id.to_string(),
                created: r.created.to_string(),
                state: present::word(r.state),
                start_s,
                duration_s: seconds(samples),
                marks_s: r.marks_ms.iter().map(|ms| start_s + *ms as f64 / 1000.0).collect(),
                segments: u32::try_from(r.segments.len()).unwrap_or(u32::MAX),
                damages: damages
                    .iter()
                    .filter(|d| d.segment.recording == r.id)
                    .map(|d| DamageDto {
                        segment: d.segment.number,
                        verdict: d.verdict.to_owned(),
                        refused: d.refused.clone(),
                    })
                    .collect(),
            }
        });
        let recordings = rows.collect();
        Ok(VisitAudioDto {
            recordings,
            duration_s: seconds(start),
            transcript_fits: stores.transcript_is_recorded(&cx.grant)?,
            consent: consent.map(|c| ConsentDto {
                decision: present::word(c.decision),
                by: c.by.expose(SHOWN).clone(),
                how: c.how,
                at: c.at.to_string(),
            }),
        })
    }
}

/// Plays part of a visit on this workstation's loudspeaker.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaySpan {
    encounter: EncounterId,
    from_s: f64,
    /// To the end when left out.
    to_s: Option<f64>,
}

impl Command for PlaySpan {
    const NAME: &'static str = "play_span";
    type Needs = HearEncounter;
    type Output = ();

    fn target(&self) -> Target {
        Target::Encounter(self.encounter)
    }

    fn run(self, cx: &Context<'_, HearEncounter>) -> Result<(), AppError> {
        let recordings = cx.open.stores.recordings(&cx.grant)?;
        let audio = open(cx, &recordings)?;
        let (from, to) = (samples(self.from_s), self.to_s.map_or(u64::MAX, samples).min(audio.samples()));
        if from >= to {
            return Err(AppError::Recording("there is no sound at this moment"));
        }
        cx.record(DetailKey::AudioMs, Detail::Count((to - from) * 1000 / u64::from(RATE)));
        cx.app.player().play(self.encounter, audio, from, to, cx.app.sound_shared())
    }
}

/// The outline of a visit's sound.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadPeaks {
    encounter: EncounterId,
    /// So many stretches of equal length, at most 4000.
    buckets: usize,
}

impl Command for ReadPeaks {
    const NAME: &'static str = "audio_peaks";
    type Needs = HearEncounter;
    /// The loudest sample of each, 0 to 255.
    type Output = Sensitive<Vec<u8>>;

    fn target(&self) -> Target {
        Target::Encounter(self.encounter)
    }

    fn run(self, cx: &Context<'_, HearEncounter>) -> Result<Self::Output, AppError> {
        let recordings = cx.open.stores.recordings(&cx.grant)?;
        Ok(open(cx, &recordings)?.peaks(self.buckets.clamp(1, 4000)))
    }
}

/// A visit's recordings become a transcript. The sound is decrypted in memory, range by range.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TranscribeRecording {
    encounter: EncounterId,
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

impl Command for TranscribeRecording {
    const NAME: &'static str = "transcribe_recording";
    type Needs = TranscribeEncounter;
    type Output = TranscriptDto;

    fn target(&self) -> Target {
        Target::Encounter(self.encounter)
    }

    fn run(self, cx: &Context<'_, TranscribeEncounter>) -> Result<TranscriptDto, AppError> {
        let (app, stores) = (cx.app, &cx.open.stores);
        if app.recorder().records(self.encounter) {
            return Err(AppError::Recording("stop the recording first"));
        }
        let recordings = stores.recordings(&cx.grant)?;
        let mut audio = open(cx, &recordings)?;
        if audio.samples() == 0 {
            return Err(AppError::Recording("this visit has no recording"));
        }
        let sha256 = digest(&mut audio)?;
        let model = cx.app.model(manifest::Task::Speech, self.model.as_deref())?;
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
            engine.transcribe(&mut audio, options, &mut on_event).map(|h| (h, loaded.clone()))
        });
        let segments = heard_so_far.end()?;
        // What a person stopped is not gone on with; a crash never gets here.
        stores.drop_partial_transcript(&cx.grant, of)?;
        let (heard, loaded) = heard?;
        let fresh = |_| AppError::Internal("randomness");
        let transcript = Transcript {
            id: TranscriptId::fresh(app.clock().now(), app.entropy()).map_err(fresh)?,
            language: heard.language,
            duration_s: heard.duration_s,
            model: loaded,
            segments,
        };
        let name = Sensitive::new("recording".to_owned());
        let kept = NewTranscript {
            transcript: &transcript,
            source_name: &name,
            source_sha256: &sha256,
            recorded: true,
            created: app.clock().now(),
        };
        stores.keep_transcript(&cx.grant, None, &kept)?;
        cx.record(DetailKey::ModelSha256, Detail::Hash(transcript.model.sha256.clone()));
        cx.record(DetailKey::SourceSha256, Detail::Hash(sha256));
        cx.record(DetailKey::Segments, Detail::Count(transcript.segments.len() as u64));
        cx.record(DetailKey::AudioMs, Detail::Count(audio.samples() * 1000 / u64::from(RATE)));
        Ok(present::transcript(&transcript))
    }
}

fn open<P: Permission + OpensAudio + OpensEncounter>(
    cx: &Context<'_, P>,
    recordings: &[StoredRecording],
) -> Result<VisitAudio, AppError> {
    let key = cx.open.session.keys().visits().ok_or(AppError::Store(StoreError::NotOpen))?;
    VisitAudio::open(cx.app.data(), key, recordings)
}

/// SHA-256 of the sound as a WAV file.
fn digest(audio: &mut VisitAudio) -> Result<Sha256Hex, AppError> {
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 16];
    let mut at = 0;
    loop {
        let had = audio.read_at(at, &mut block).map_err(|_| AppError::Internal("reading sound"))?;
        if had == 0 {
            return Ok(Sha256Hex::from_bytes(&hash.finalize().into()));
        }
        hash.update(&block[..had]);
        at += had as u64;
    }
}

fn seconds(samples: u64) -> f64 {
    samples as f64 / f64::from(RATE)
}

/// A float cast saturates, and a negative moment is the beginning.
fn samples(seconds: f64) -> u64 {
    (seconds * f64::from(RATE)) as u64
}
