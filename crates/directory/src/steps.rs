//! A sign-in, step by step; and the same steps for a test, which says of each how it went.

use crate::{
    connection::{self, Connection},
    escape,
    person::Asking,
};
use cloister_directory_client::{BindMode, Fault, Settings, Step, StepName, StepState, Verified, protocol::Password};
use cloister_domain::Role;
use std::time::{Duration, Instant};

/// Whether the directory lets somebody in, and as what.
///
/// # Errors
/// [`Fault`]. Refusals that say nothing are told on the whole second, so that their time does not tell whether the
/// directory has the name.
pub(crate) async fn verify(
    settings: &Settings,
    name: &str,
    password: &Password,
    search_password: Option<&Password>,
) -> Result<Verified, Fault> {
    let begun = Instant::now();
    let result = unhurried(settings, name, password, search_password).await;
    if result.as_ref().is_err_and(|fault| fault.is_silent()) {
        tokio::time::sleep(until_whole_second(begun.elapsed())).await;
    }
    result
}

/// What is left of the second that began.
const fn until_whole_second(elapsed: Duration) -> Duration {
    Duration::from_secs(1).saturating_sub(Duration::from_nanos(elapsed.subsec_nanos() as u64))
}

async fn unhurried(
    settings: &Settings,
    name: &str,
    password: &Password,
    search_password: Option<&Password>,
) -> Result<Verified, Fault> {
    if password.expose().is_empty() {
        return Err(Fault::EmptyPassword);
    }
    escape::check_name(name)?;
    let Connection { ldap, certificate_ends } = connection::first(settings, &mut Trace::default(), false).await?;
    let mut asking = Asking { ldap, settings };
    let roles = match (settings.bind, &settings.bind_template) {
        (BindMode::Direct, Some(template)) => {
            asking.bind_person(&escape::bind_name(template, name)?, password).await?;
            let dn = asking.find(name).await?;
            asking.roles(&dn, name).await?
        }
        _ => {
            asking.bind_search_account(search_password).await?;
            let dn = asking.find(name).await?;
            let roles = asking.roles(&dn, name).await?;
            // Last, so that the searches were the other account's; and only who has the password hears of groups.
            asking.bind_person(&dn, password).await?;
            roles
        }
    };
    let _ = asking.ldap.unbind().await;
    if roles.is_empty() { Err(Fault::NoGroup) } else { Ok(Verified { roles, certificate_ends }) }
}

/// Every step by itself. After one that failed, the others are not tried.
pub(crate) async fn test(
    settings: &Settings,
    name: Option<&str>,
    password: Option<&Password>,
    search_password: Option<&Password>,
) -> Vec<Step> {
    let mut trace = Trace::default();
    // What failed stands in the trace.
    let _ = walk(settings, name, password, search_password, &mut trace).await;
    trace.complete(settings)
}

async fn walk(
    settings: &Settings,
    name: Option<&str>,
    password: Option<&Password>,
    search_password: Option<&Password>,
    trace: &mut Trace,
) -> Result<(), Fault> {
    let Connection { ldap, .. } = connection::first(settings, trace, true).await?;
    let mut asking = Asking { ldap, settings };
    if let (BindMode::Direct, Some(template)) = (settings.bind, &settings.bind_template) {
        let (Some(name), Some(password)) = (name, password) else { return Ok(()) };
        let bound = match escape::check_name(name).and_then(|()| escape::bind_name(template, name)) {
            Ok(as_whom) => asking.bind_person(&as_whom, password).await.map(|()| as_whom),
            Err(fault) => Err(fault),
        };
        trace.note(StepName::Password, bound, |as_whom| vec![("account", as_whom.clone())])?;
    } else {
        let bound = asking.bind_search_account(search_password).await;
        let account = settings.search_account.clone();
        trace.note(StepName::SearchAccount, bound, |()| account.map(|a| ("account", a)).into_iter().collect())?;
    }
    let base = asking.base().await;
    trace.note(StepName::Base, base, |()| vec![("dn", settings.people_base.clone())])?;
    let Some(name) = name else { return Ok(()) };
    let found = match escape::check_name(name) {
        Ok(()) => asking.find(name).await,
        Err(fault) => Err(fault),
    };
    let dn = trace.note(StepName::Person, found, |dn| vec![("dn", dn.clone())])?;
    let missing = asking.missing_groups().await.unwrap_or_default();
    let roles = asking.roles(&dn, name).await;
    let roles = roles.and_then(|roles| if roles.is_empty() { Err(Fault::NoGroup) } else { Ok(roles) });
    let missing = (!missing.is_empty()).then(|| ("missing", missing.join("; ")));
    let noted = trace.note(StepName::Groups, roles, |roles| vec![("roles", words(roles))]);
    if let Some(fact) = missing {
        trace.add(fact);
        trace.warn();
    }
    noted?;
    if settings.bind == BindMode::Direct {
        return Ok(());
    }
    let Some(password) = password else { return Ok(()) };
    let bound = asking.bind_person(&dn, password).await;
    trace.note(StepName::Password, bound, |()| vec![("account", dn.clone())])?;
    let _ = asking.ldap.unbind().await;
    Ok(())
}

fn words(roles: &[Role]) -> String {
    roles.iter().map(|r| r.name()).collect::<Vec<_>>().join(", ")
}

/// What became of each step so far.
#[derive(Default)]
pub(crate) struct Trace(Vec<Step>);

impl Trace {
    /// Notes how a step went and hands its result on.
    pub(crate) fn note<T>(
        &mut self,
        step: StepName,
        result: Result<T, Fault>,
        facts: impl FnOnce(&T) -> Vec<(&'static str, String)>,
    ) -> Result<T, Fault> {
        let (state, facts) = match &result {
            Ok(found) => (StepState::Done, facts(found)),
            Err(_) => (StepState::Failed, Vec::new()),
        };
        let facts = facts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        self.0.push(Step { step, state, fault: result.as_ref().err().copied(), facts });
        result
    }

    /// The step that was noted last went well, with something to see to.
    pub(crate) fn warn(&mut self) {
        if let Some(step) = self.0.last_mut().filter(|s| s.state == StepState::Done) {
            step.state = StepState::Warned;
        }
    }

    fn add(&mut self, (key, value): (&str, String)) {
        if let Some(step) = self.0.last_mut() {
            step.facts.insert(key.to_owned(), value);
        }
    }

    /// With the steps that were not tried.
    fn complete(mut self, settings: &Settings) -> Vec<Step> {
        use StepName::{Base, Certificate, Connect, Groups, Password, Person, SearchAccount};
        let order: &[StepName] = match settings.bind {
            BindMode::Direct => &[Connect, Certificate, Password, Base, Person, Groups],
            BindMode::Search => &[Connect, Certificate, SearchAccount, Base, Person, Groups, Password],
        };
        for step in order {
            if self.0.iter().all(|s| s.step != *step) {
                let facts = std::collections::BTreeMap::new();
                self.0.push(Step { step: *step, state: StepState::NotTried, fault: None, facts });
            }
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::until_whole_second;
    use std::time::Duration;

    #[test]
    fn refusals_come_on_the_whole_second() {
        for ms in [0, 1, 250, 999, 1000, 1001, 4321] {
            let elapsed = Duration::from_millis(ms);
            let told = elapsed + until_whole_second(elapsed);
            assert_eq!(told.subsec_nanos(), 0, "{ms}");
            assert!(told > elapsed && told <= elapsed + Duration::from_secs(1));
        }
    }
}
