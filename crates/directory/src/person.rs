//! What is asked about a person.

use crate::{connection::of_error, escape, reason};
use cloister_directory_client::{Fault, Settings, protocol::Password};
use cloister_domain::Role;
use ldap3::{
    DerefAliases, Ldap, ResultEntry, Scope, SearchEntry, SearchOptions, SearchResult,
    exop::{WhoAmI, WhoAmIResp},
};
use std::time::Duration;

/// Questions over one connection.
pub(crate) struct Asking<'a> {
    pub(crate) ldap: Ldap,
    pub(crate) settings: &'a Settings,
}

/// As many answers as tell one person from several.
const MOST_ENTRIES: i32 = 5;

impl Asking<'_> {
    /// Binds as the account that searches; does nothing where nobody in particular searches.
    pub(crate) async fn bind_search_account(&mut self, password: Option<&Password>) -> Result<(), Fault> {
        let Some(account) = &self.settings.search_account else { return Ok(()) };
        // Without a password the server would let us search as nobody, and the reason for what follows would be hidden.
        let password = password.filter(|p| !p.expose().is_empty()).ok_or(Fault::SearchAccount)?;
        let bound = self.patient().simple_bind(account, password.expose()).await;
        reason::of_search_account(&bound.map_err(|e| of_error(&e))?)
    }

    /// Tries a person's password, under their entry's name or what the template made.
    pub(crate) async fn bind_person(&mut self, as_whom: &str, password: &Password) -> Result<(), Fault> {
        // An empty name or password is an unauthenticated bind (RFC 4513, section 5.1.2), which may well succeed.
        if password.expose().is_empty() {
            return Err(Fault::EmptyPassword);
        }
        if as_whom.trim().is_empty() {
            return Err(Fault::Anonymous);
        }
        let patient = self.patient();
        let bound = patient.with_controls(reason::password_policy()).simple_bind(as_whom, password.expose()).await;
        reason::of_bind(&bound.map_err(|e| of_error(&e))?)?;
        self.is_somebody().await
    }

    /// Asks the server whom it took us for (RFC 4532). One that does not know the question is believed.
    async fn is_somebody(&mut self) -> Result<(), Fault> {
        let answer = self.patient().extended(WhoAmI).await.map_err(|e| of_error(&e))?;
        let (said, result) = (answer.0, answer.1);
        if result.rc != 0 {
            return Ok(());
        }
        // `ldap3` cannot read an answer without a name.
        let somebody = said.val.is_some() && !said.parse::<WhoAmIResp>().authzid.is_empty();
        if somebody { Ok(()) } else { Err(Fault::Anonymous) }
    }

    /// Whether anybody is found where people are searched for.
    pub(crate) async fn base(&mut self) -> Result<(), Fault> {
        let filter = self.settings.people_filter.clone();
        let base = self.settings.people_base.clone();
        let SearchResult(entries, result) = self.search(&base, Scope::Subtree, &filter, &["1.1"]).await?;
        match reason::of_search(&result) {
            // More than fit are there.
            Ok(()) | Err(Fault::NotUnique) if entries.iter().any(is_entry) => Ok(()),
            Ok(()) => Err(Fault::BaseEmpty),
            Err(fault) => Err(fault),
        }
    }

    /// The distinguished name of the one person who has the name.
    pub(crate) async fn find(&mut self, name: &str) -> Result<String, Fault> {
        let settings = self.settings;
        let filter = escape::person_filter(&settings.people_filter, &settings.login_attribute, name);
        let attributes = [settings.login_attribute.as_str()];
        let answer = self.search(&settings.people_base, Scope::Subtree, &filter, &attributes).await?;
        let SearchResult(entries, result) = answer;
        reason::of_search(&result)?;
        // References to other servers stand among the entries; they are not followed.
        let entries = entries.into_iter().filter(is_entry).map(SearchEntry::construct);
        // A directory may find "josé" by "jose". That is another person.
        let wanted = escape::fold(name);
        let has_name = |e: &SearchEntry| {
            let values = e.attrs.iter().filter(|(key, _)| key.eq_ignore_ascii_case(&settings.login_attribute));
            values.flat_map(|(_, values)| values).any(|value| escape::fold(value) == wanted)
        };
        let mut found: Vec<_> = entries.filter(has_name).map(|e| e.dn).collect();
        match (found.pop(), found.is_empty()) {
            (Some(dn), true) if !dn.trim().is_empty() => Ok(dn),
            (Some(_), false) => Err(Fault::NotUnique),
            _ => Err(Fault::NoSuchPerson),
        }
    }

    /// The roles that the person's groups give, in the order of the settings. A group that is not there gives none.
    pub(crate) async fn roles(&mut self, dn: &str, name: &str) -> Result<Vec<Role>, Fault> {
        let mut roles = Vec::new();
        for group in &self.settings.groups {
            if roles.contains(&group.role) {
                continue;
            }
            let filter = escape::membership_filter(&self.settings.membership, dn, name);
            let SearchResult(entries, result) = self.search(&group.dn, Scope::Base, &filter, &["1.1"]).await?;
            match reason::of_search(&result) {
                Ok(()) if entries.iter().any(is_entry) => roles.push(group.role),
                Ok(()) | Err(Fault::BaseMissing) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(roles)
    }

    /// The groups of the settings that are not in the directory, or not to be seen.
    pub(crate) async fn missing_groups(&mut self) -> Result<Vec<String>, Fault> {
        let mut missing = Vec::new();
        for group in &self.settings.groups {
            let answer = self.search(&group.dn, Scope::Base, "(objectClass=*)", &["1.1"]).await?;
            if !answer.0.iter().any(is_entry) {
                missing.push(group.dn.clone());
            }
        }
        Ok(missing)
    }

    async fn search(
        &mut self,
        base: &str,
        scope: Scope,
        filter: &str,
        attributes: &[&str],
    ) -> Result<SearchResult, Fault> {
        let limit = i32::try_from(self.settings.operation_timeout_s).unwrap_or(10);
        let options = SearchOptions::new().deref(DerefAliases::Never).sizelimit(MOST_ENTRIES).timelimit(limit);
        let patient = self.patient().with_search_options(options);
        patient.search(base, scope, filter, attributes.to_vec()).await.map_err(|e| of_error(&e))
    }

    /// The next question may take so long.
    fn patient(&mut self) -> &mut Ldap {
        self.ldap.with_timeout(Duration::from_secs(self.settings.operation_timeout_s.into()))
    }
}

fn is_entry(entry: &ResultEntry) -> bool {
    !entry.is_ref() && !entry.is_intermediate()
}
