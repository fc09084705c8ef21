//! The access review: who is there, when they were last in, and what each may see.

use super::accounts;
use crate::{
    AppError,
    command::{Command, Context},
    dto::{AccessReviewDto, GivenDto, ReviewedPersonDto},
    present,
};
use cloister_access::{ReviewAccess, Target};
use cloister_audit::AlertKind;
use cloister_domain::UserId;
use cloister_store::{GivenAway, Holdings, StoreError};
use cloister_vault::Account;
use serde::Deserialize;
use std::fmt::Display;

/// Everybody with what they may see. An auditor, who opens no record, sees people and emergencies alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewAccessOf {}

impl Command for ReviewAccessOf {
    const NAME: &'static str = "review_access";
    type Needs = ReviewAccess;
    type Output = AccessReviewDto;

    fn target(&self) -> Target {
        Target::Accounts
    }

    fn run(self, cx: &Context<'_, ReviewAccess>) -> Result<AccessReviewDto, AppError> {
        let app = cx.app;
        let vault = app.vault()?;
        let visits = if_open(cx.open.stores.visit_holdings(&cx.grant))?;
        let datasets = if_open(cx.open.stores.dataset_holdings(&cx.grant))?;
        let emergencies: Vec<_> =
            app.alerts()?.raised.into_iter().filter(|a| a.kind == AlertKind::BreakGlass).collect();
        let mut people = Vec::new();
        for account in accounts::rows(app, &vault)? {
            let id: UserId = account.id.parse().map_err(|_| AppError::Internal("an account's id"))?;
            let opened = emergencies.iter().filter(|a| a.about.as_deref() == Some(&account.id));
            people.push(ReviewedPersonDto {
                visits: visits.as_ref().map(|v| owned(v, id)),
                shared_visits: visits.as_ref().map(|v| given(v, id)),
                datasets: datasets.as_ref().map(|d| owned(d, id)),
                given_datasets: datasets.as_ref().map(|d| given(d, id)),
                emergencies: count(opened.count() as u64),
                account,
            });
        }
        let accounts = vault.accounts();
        Ok(AccessReviewDto {
            made: app.clock().now().to_string(),
            people,
            visits: visits.map(|v| v.given.iter().map(|g| shown(g, accounts)).collect()),
            datasets: datasets.map(|d| d.given.iter().map(|g| shown(g, accounts)).collect()),
            open_emergencies: count(emergencies.iter().filter(|a| a.acknowledged.is_none()).count() as u64),
        })
    }
}

fn if_open<T>(found: Result<T, StoreError>) -> Result<Option<T>, AppError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::NotOpen) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

fn owned<I>(of: &Holdings<I>, who: UserId) -> u32 {
    count(of.owned.get(&who).copied().unwrap_or(0))
}

fn given<I>(of: &Holdings<I>, who: UserId) -> u32 {
    count(of.given.iter().filter(|g| g.with.contains(&who)).count() as u64)
}

fn count(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn shown<I: Display>(given: &GivenAway<I>, accounts: &[Account]) -> GivenDto {
    GivenDto {
        id: given.id.to_string(),
        name: given.name.expose("shown to a person whom the gate admitted").clone(),
        owner: present::name(given.owner, accounts),
        with: given.with.iter().map(|id| present::name(*id, accounts)).collect(),
    }
}
