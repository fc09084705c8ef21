//! New keys for the stores: what somebody kept of the old ones opens nothing any more.

use crate::{
    AppError,
    command::{Command, Context},
    recording::waiting,
};
use cloister_access::{RotateKeys, Target};
use cloister_domain::{AuditEvent, AuditTarget, Code, Detail, DetailKey, EventType, Outcome, code};
use cloister_store::StoreError;
use cloister_vault::{Research, Visits};
use serde::{Deserialize, Serialize};

/// One of the stores.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Which {
    Visits,
    Research,
}

/// Gives the stores new role keys and new database keys, and ends the session, whose keys are old then. Needs the stores
/// for itself: nobody else may have them open.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateKeysOf {
    /// Only this store; both when left out.
    only: Option<Which>,
}

/// The keys' versions now; none for a store that was left alone.
#[derive(Serialize)]
pub(crate) struct RotatedDto {
    visits: Option<u32>,
    research: Option<u32>,
    /// Keys of recordings that were sealed anew.
    handed_on: u64,
}

impl Command for RotateKeysOf {
    const NAME: &'static str = "rotate_keys";
    type Needs = RotateKeys;
    type Output = RotatedDto;

    fn target(&self) -> Target {
        Target::Accounts
    }

    fn run(self, cx: &Context<'_, RotateKeys>) -> Result<RotatedDto, AppError> {
        let app = cx.app;
        if !waiting(app.data()).is_empty() {
            // Its segments are being sealed to the key that is about to go.
            return Err(AppError::Recording(
                "a recording is under way or waits to be taken in; stop it, sign in once more, and rotate then",
            ));
        }
        let chosen = |which| self.only.is_none_or(|only| only == which);
        cx.record(
            DetailKey::Kind,
            Detail::Code(match self.only {
                None => code!("all"),
                Some(Which::Visits) => code!("visits"),
                Some(Which::Research) => code!("research"),
            }),
        );
        let (keys, stores, entropy) = (cx.open.session.keys(), &cx.open.stores, app.entropy());
        let mut vault = app.vault()?;
        let mut rotation = vault.rotate(keys, app.clock(), entropy)?;
        let mut staged = stores.stage(&cx.grant, app.data());
        let (mut visits, mut research, mut handed_on) = (None, None, 0);
        if chosen(Which::Visits) {
            let _ = cx.progress("rotating_visits", 0.0, None, "");
            let old = keys.visits().ok_or(StoreError::NotOpen)?;
            let new = rotation.rotate::<Visits>()?;
            let mut hand_on = |item: &str, sealed: &_| old.hand_on(&new.role_key, item, sealed, entropy);
            handed_on = stores.stage_visits(&mut staged, &new.database_key, &mut hand_on)?;
            visits = Some(new);
        }
        if chosen(Which::Research) {
            let _ = cx.progress("rotating_research", 0.0, None, "");
            let new = rotation.rotate::<Research>()?;
            stores.stage_research(&mut staged, &new.database_key)?;
            research = Some(new);
        }
        // From the rename of the keyring on there is no way back; what is not in place then is put there at the next
        // start.
        app.change_slot(&cx.open.session.actor(), |noted| rotation.commit(noted).map(|_| ()))?;
        let installed =
            staged.install(visits.as_ref().map(|v| &v.database_key), research.as_ref().map(|r| &r.database_key));
        let versions = [
            (code!("visits"), visits.as_ref().map(|v| v.role_key.version())),
            (code!("research"), research.as_ref().map(|r| r.role_key.version())),
        ];
        for (kind, version) in versions {
            if let Some(version) = version {
                note(cx, kind, version)?;
            }
        }
        app.sign_out(EventType::SessionLock, code!("keys_rotated"))?;
        installed?;
        Ok(RotatedDto { visits: versions[0].1, research: versions[1].1, handed_on })
    }
}

/// A line for each store, with its key's version.
fn note(cx: &Context<'_, RotateKeys>, kind: Code, version: u32) -> Result<(), AppError> {
    let actor = cx.open.session.actor();
    let event = AuditEvent::new(EventType::KeyRotation, code!("rotate_store_keys"), actor, Outcome::Success)
        .target(AuditTarget::Part(code!("keyring")))
        .code(DetailKey::Kind, kind)
        .count(DetailKey::KeyVersion, version.into());
    cx.app.log()?.append(&event)?;
    Ok(())
}
