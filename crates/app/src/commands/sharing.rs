//! Who may open a visit beside its owner: giving it to a colleague, taking it back, and the list.

use crate::{
    AppError,
    command::{Command, Context},
    dto::{ColleagueDto, ShareDto},
    present,
};
use cloister_access::{ListColleagues, OpensEncounter, ReadEncounter, ShareEncounter, Target};
use cloister_domain::{Detail, DetailKey, EncounterId, Role, UserId, code};
use cloister_vault::{Account, VaultError};
use serde::Deserialize;

/// Gives a visit to a colleague, or takes it back. They may read, hear, review and draft; sharing, signing and erasing
/// stay the owner's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShareEncounterWith {
    id: EncounterId,
    user: UserId,
    /// `false` takes it back.
    give: bool,
}

impl Command for ShareEncounterWith {
    const NAME: &'static str = "share_encounter";
    type Needs = ShareEncounter;
    /// Everybody who has it then.
    type Output = Vec<ShareDto>;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, ShareEncounter>) -> Result<Self::Output, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("sharing")));
        cx.record(DetailKey::Reason, Detail::Code(if self.give { code!("given") } else { code!("taken_back") }));
        cx.record(DetailKey::With, Detail::Account(self.user));
        let stores = &cx.open.stores;
        if self.give {
            let vault = cx.app.vault()?;
            let with = vault.account(self.user).ok_or(VaultError::NoSuchAccount)?;
            if !opens_visits(with) {
                let name = &with.name;
                return Err(AppError::Usage(format!(
                    "{name} is no clinician, so nothing was shared; administrators open every visit as it is"
                )));
            }
            if stores.encounter(&cx.grant)?.encounter.owner == self.user {
                return Err(AppError::Usage("the visit is theirs already".to_owned()));
            }
            stores.share_encounter(&cx.grant, self.user, cx.app.clock().now())?;
        } else {
            stores.unshare_encounter(&cx.grant, self.user)?;
        }
        shares(cx)
    }
}

/// Who was given a visit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListEncounterShares {
    id: EncounterId,
}

impl Command for ListEncounterShares {
    const NAME: &'static str = "list_encounter_shares";
    type Needs = ReadEncounter;
    type Output = Vec<ShareDto>;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, ReadEncounter>) -> Result<Self::Output, AppError> {
        shares(cx)
    }
}

/// Those with whom a visit can be shared.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListColleaguesOf {}

impl Command for ListColleaguesOf {
    const NAME: &'static str = "list_colleagues";
    type Needs = ListColleagues;
    type Output = Vec<ColleagueDto>;

    fn target(&self) -> Target {
        Target::Encounters
    }

    fn run(self, cx: &Context<'_, ListColleagues>) -> Result<Self::Output, AppError> {
        let vault = cx.app.vault()?;
        let others = vault.accounts().iter().filter(|a| opens_visits(a) && a.id != cx.grant.user());
        Ok(others.map(|a| ColleagueDto { id: a.id.to_string(), name: a.name.clone() }).collect())
    }
}

fn opens_visits(account: &Account) -> bool {
    account.role == Role::Clinician && !account.disabled
}

fn shares<P: OpensEncounter>(cx: &Context<'_, P>) -> Result<Vec<ShareDto>, AppError> {
    let vault = cx.app.vault()?;
    let shares = cx.open.stores.encounter_shares(&cx.grant)?;
    let shown = |s: &cloister_store::Share| ShareDto {
        id: s.user.to_string(),
        name: present::name(s.user, vault.accounts()),
        active: vault.account(s.user).is_some_and(opens_visits),
        since: s.since.map(|t| t.to_string()),
        by: s.by.map(|by| present::name(by, vault.accounts())),
    };
    Ok(shares.iter().map(shown).collect())
}
