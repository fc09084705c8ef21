//! Recording a visit.

use crate::{
    AppError,
    command::{Command, Context},
    dto::{LevelDto, LiveTextDto, MicrophoneDto, RecordingBegunDto, RecoveredDto},
    manifest, present,
    recording::{Begin, Shown, Wish, line, listen, recover},
};
use cloister_access::{ControlRecording, ListDevices, ReadEncounter, RecordEncounter, RecoverRecordings, Target};
use cloister_capture::SoundError;
use cloister_domain::{AuditTarget, ConsentDecision, Detail, DetailKey, EncounterId, RecordKind, RecordingId, code};
use cloister_vault::JournalKey;
use serde::Deserialize;
use std::sync::Arc;

/// The microphones of this workstation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListMicrophones {}

impl Command for ListMicrophones {
    const NAME: &'static str = "list_microphones";
    type Needs = ListDevices;
    type Output = Vec<MicrophoneDto>;

    fn target(&self) -> Target {
        Target::Encounters
    }

    fn run(self, cx: &Context<'_, ListDevices>) -> Result<Self::Output, AppError> {
        let last = cx.open.stores.microphone(&cx.grant)?;
        let found = cx.app.sound().inputs()?;
        let dto = |d: cloister_capture::Device| MicrophoneDto {
            remembered: last.as_ref() == Some(&d.id),
            id: d.id,
            name: d.name,
            default: d.default,
        };
        Ok(found.into_iter().map(dto).collect())
    }
}

/// How loud a microphone is now. Nothing is kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HearLevel {
    device: Option<String>,
}

impl Command for HearLevel {
    const NAME: &'static str = "microphone_level";
    type Needs = ListDevices;
    type Output = LevelDto;

    fn target(&self) -> Target {
        Target::Encounters
    }

    fn run(self, cx: &Context<'_, ListDevices>) -> Result<LevelDto, AppError> {
        cx.app.monitor().level(self.device, cx.app.sound_shared())
    }
}

/// Begins to record a visit whose patient agreed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartRecording {
    encounter: EncounterId,
    /// A microphone's id; else the one used last, else the system's choice.
    device: Option<String>,
    /// Whether to understand what is said while it is said.
    #[serde(default)]
    live: bool,
    /// The language of what is said: ISO 639-1, English when left out.
    language: Option<String>,
    /// A speech model's name, else the default one.
    model: Option<String>,
}

impl Command for StartRecording {
    const NAME: &'static str = "start_recording";
    type Needs = RecordEncounter;
    type Output = RecordingBegunDto;

    fn target(&self) -> Target {
        Target::Encounter(self.encounter)
    }

    fn run(self, cx: &Context<'_, RecordEncounter>) -> Result<RecordingBegunDto, AppError> {
        let (app, stores) = (cx.app, &cx.open.stores);
        app.monitor().stop();
        let consent = stores.encounter(&cx.grant)?.encounter.consent;
        if consent.is_none_or(|c| c.decision != ConsentDecision::Given) {
            return Err(AppError::NoConsent);
        }
        let now = app.clock().now();
        let id = RecordingId::fresh(now, app.entropy()).map_err(|_| AppError::Internal("randomness"))?;
        let remembered = stores.microphone_to_record(&cx.grant)?;
        let pseudonym = cx.open.session.keys().pseudonym_key();
        let pseudonym = pseudonym.pseudonym(RecordKind::Recording.name(), &id.to_string())?;
        let model = cx.app.model(manifest::Task::Speech, self.model.as_deref())?;
        let language = self.language.as_deref().unwrap_or("en");
        let begin = |device: Option<String>| -> Result<(), AppError> {
            let journal = JournalKey::random(app.entropy())?;
            stores.begin_recording(&cx.grant, id, &journal, now)?;
            let (to_live, sound) = if self.live { Some(line()) } else { None }.unzip();
            let begin = Begin {
                recording: id,
                encounter: self.encounter,
                owner: cx.open.session.user(),
                actor: cx.open.session.actor(),
                target: AuditTarget::Record { kind: RecordKind::Recording, pseudonym },
                data: app.data().to_owned(),
                public: app.vault()?.visits_public_key()?,
                journal,
                sound: app.sound_shared(),
                device,
                clock: app.clock_shared(),
                entropy: app.entropy_shared(),
                log: app.log()?,
                to_live,
            };
            let live = || sound.map(|s| listen(Arc::clone(app.engines()), model.clone(), language.to_owned(), s));
            let begun = app.recorder().begin(begin, live);
            if begun.is_err() {
                stores.forget_recording(&cx.grant, id)?;
            }
            begun
        };
        let chosen = self.device.clone().or(remembered);
        match begin(chosen.clone()) {
            // The remembered one is not there today: the system's choice will do.
            Err(AppError::Sound(SoundError::NoDevice(_))) if chosen.is_some() && self.device.is_none() => begin(None)?,
            begun => begun?,
        }
        if let Some(device) = &self.device {
            stores.keep_microphone(&cx.grant, device)?;
        }
        cx.record(DetailKey::Format, Detail::Code(code!("pcm_s16_16k")));
        let device = app.recorder().status(None).map_or_else(String::new, |s| s.device);
        Ok(RecordingBegunDto { recording_id: id.to_string(), encounter_id: self.encounter.to_string(), device })
    }
}

/// Goes on after a pause.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResumeRecording {
    encounter: EncounterId,
}

impl Command for ResumeRecording {
    const NAME: &'static str = "resume_recording";
    type Needs = ControlRecording;
    type Output = ();

    fn target(&self) -> Target {
        Target::Encounter(self.encounter)
    }

    fn run(self, cx: &Context<'_, ControlRecording>) -> Result<(), AppError> {
        if !cx.app.recorder().records(self.encounter) {
            return Err(AppError::Recording("this visit is not being recorded"));
        }
        cx.app.recorder().wish(Wish::Record, &cx.open.session.actor())
    }
}

/// Marks this moment of the recording.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkRecording {
    encounter: EncounterId,
}

impl Command for MarkRecording {
    const NAME: &'static str = "mark_recording";
    type Needs = ControlRecording;
    type Output = ();

    fn target(&self) -> Target {
        Target::Encounter(self.encounter)
    }

    fn run(self, cx: &Context<'_, ControlRecording>) -> Result<(), AppError> {
        cx.app.recorder().mark(self.encounter)
    }
}

/// What was understood so far of the visit's recording under way.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadLiveText {
    encounter: EncounterId,
    /// Final segments from this one on.
    from: usize,
}

impl Command for ReadLiveText {
    const NAME: &'static str = "live_text";
    type Needs = ReadEncounter;
    /// `None` when nobody listens along.
    type Output = Option<LiveTextDto>;

    fn target(&self) -> Target {
        Target::Encounter(self.encounter)
    }

    fn run(self, cx: &Context<'_, ReadEncounter>) -> Result<Self::Output, AppError> {
        let Some(live) = cx.app.recorder().live(self.encounter)? else { return Ok(None) };
        let shown = |text: Shown<'_>| LiveTextDto {
            segments: text.segments.iter().skip(self.from).map(present::segment).collect(),
            draft: text.draft.iter().map(present::segment).collect(),
            final_s: text.final_s,
            state: text.state.code().to_owned(),
        };
        Ok(Some(live.text.read(shown)))
    }
}

/// Takes into the store what recordings left in their journals.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TakeInRecordings {}

impl Command for TakeInRecordings {
    const NAME: &'static str = "recover_recordings";
    type Needs = RecoverRecordings;
    type Output = Vec<RecoveredDto>;

    fn target(&self) -> Target {
        Target::Encounters
    }

    fn run(self, cx: &Context<'_, RecoverRecordings>) -> Result<Self::Output, AppError> {
        let kept = recover(cx)?;
        cx.record(DetailKey::Kind, Detail::Code(code!("audio")));
        Ok(kept)
    }
}
