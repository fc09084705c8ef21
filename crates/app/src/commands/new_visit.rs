//! A new visit, and what the patient said to being recorded.

use crate::{
    AppError,
    command::{Command, Context},
    dto::{EncounterRow, VisitOpenedDto},
};
use cloister_access::{Target, WriteEncounter};
use cloister_domain::{Consent, ConsentDecision, EncounterId, Sensitive, Timestamp};
use cloister_store::NewEncounter;
use serde::Deserialize;

/// The longest name or note, in characters.
const LONGEST: usize = 200;

/// What was said, as it is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentGiven {
    decision: ConsentDecision,
    by: Sensitive<String>,
    how: String,
}

impl ConsentGiven {
    fn at(&self, at: Timestamp) -> Result<Consent, AppError> {
        let by = checked(&self.by, "who was asked")?;
        let how = self.how.trim();
        if !matches!(how, "spoken" | "written") {
            return Err(AppError::Usage("consent is spoken or written".to_owned()));
        }
        Ok(Consent { decision: self.decision, by, how: how.to_owned(), at })
    }
}

/// Opens a visit, with what the patient said if they were asked already. A refusal is kept like an agreement.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateEncounter {
    /// A record number or a pseudonym.
    title: Sensitive<String>,
    purpose: Option<Sensitive<String>>,
    /// A schema of the library.
    template: Option<String>,
    consent: Option<ConsentGiven>,
}

impl Command for CreateEncounter {
    const NAME: &'static str = "create_encounter";
    type Needs = WriteEncounter;
    type Output = VisitOpenedDto;

    fn target(&self) -> Target {
        Target::Encounters
    }

    fn run(self, cx: &Context<'_, WriteEncounter>) -> Result<VisitOpenedDto, AppError> {
        let now = cx.app.clock().now();
        let title = checked(&self.title, "the record number or pseudonym")?;
        let purpose = match &self.purpose {
            Some(p) if !p.expose("whether there is one").trim().is_empty() => Some(checked(p, "the purpose")?),
            _ => None,
        };
        if let Some(template) = &self.template {
            cx.open.stores.schema(&cx.grant, template)?;
        }
        let consent = self.consent.as_ref().map(|c| c.at(now)).transpose()?;
        let id = EncounterId::fresh(now, cx.app.entropy()).map_err(|_| AppError::Internal("randomness"))?;
        let new = NewEncounter {
            id,
            title: &title,
            purpose: purpose.as_ref(),
            template: self.template.as_deref(),
            consent: consent.as_ref(),
            created: now,
        };
        cx.open.stores.keep_encounter(&cx.grant, &new)?;
        Ok(VisitOpenedDto {
            encounter: EncounterRow {
                id: id.to_string(),
                title: title.into_exposed("shown to the person who typed it"),
                state: "open".to_owned(),
                created: now.to_string(),
                duration_s: None,
                findings: 0,
                owner: cx.open.session.name().to_owned(),
                access: "own".to_owned(),
                until: None,
            },
            may_record: consent.is_some_and(|c| c.decision == ConsentDecision::Given),
        })
    }
}

/// Keeps what the patient said, for a visit that is open.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordConsent {
    encounter: EncounterId,
    consent: ConsentGiven,
}

impl Command for RecordConsent {
    const NAME: &'static str = "record_consent";
    type Needs = WriteEncounter;
    type Output = ();

    fn target(&self) -> Target {
        Target::Encounter(self.encounter)
    }

    fn run(self, cx: &Context<'_, WriteEncounter>) -> Result<(), AppError> {
        if cx.app.recorder().records(self.encounter) {
            return Err(AppError::Recording("stop the recording first"));
        }
        Ok(cx.open.stores.keep_consent(&cx.grant, &self.consent.at(cx.app.clock().now())?)?)
    }
}

fn checked(text: &Sensitive<String>, what: &str) -> Result<Sensitive<String>, AppError> {
    let text = text.expose("checked before it is kept").trim();
    if text.is_empty() {
        return Err(AppError::Usage(format!("{what} is missing")));
    }
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        return Err(AppError::Usage(format!("{what} must be one line of at most {LONGEST} characters")));
    }
    Ok(Sensitive::new(text.to_owned()))
}
