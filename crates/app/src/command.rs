//! Every act is a command: admitted by the gate, run with its grant, its outcome written down.

use crate::{
    App, AppError, Ports,
    dto::ProgressDto,
    incident::code_of,
    open::Open,
    step_up::{Again, ask_again},
    under_way::Work,
};
use cloister_access::{Grant, Permission, Target};
use cloister_domain::{Detail, DetailKey, Outcome};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    cell::RefCell,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// One act. Its payload is its fields; what it needs, and on what, is said before it runs.
pub(crate) trait Command: DeserializeOwned {
    /// The name over IPC.
    const NAME: &'static str;
    /// The permission that the gate asks for.
    type Needs: Permission;
    /// What it gives back.
    type Output: Serialize;

    /// What it is done to. Comes from the payload, so the gate asks the store how the person stands to it.
    fn target(&self) -> Target;

    /// The password, where each single act asks for it and brings it along.
    fn again(&self) -> Option<Again<'_>> {
        None
    }

    /// Does it.
    fn run(self, cx: &Context<'_, Self::Needs>) -> Result<Self::Output, AppError>;
}

/// What a running command may use. The grant in it is the only way to the stores.
pub(crate) struct Context<'a, P: Permission> {
    pub(crate) app: &'a App,
    pub(crate) open: &'a Open,
    pub(crate) grant: Grant<P>,
    pub(crate) ports: &'a dyn Ports,
    work: Work<'a>,
    details: RefCell<Vec<(DetailKey, Detail)>>,
}

impl<P: Permission> Context<'_, P> {
    /// Adds to the outcome line in the log.
    pub(crate) fn record(&self, key: DetailKey, value: Detail) {
        self.details.borrow_mut().push((key, value));
    }

    /// Tells the face, and learns whether a person stopped the work.
    pub(crate) fn progress(&self, stage: &str, done: f64, total: Option<f64>, unit: &str) -> ControlFlow<()> {
        self.ports.progress(ProgressDto { stage: stage.to_owned(), done, total, unit: unit.to_owned() });
        if self.work.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Reads the payload, asks the gate, runs, and writes the outcome.
pub(crate) fn call<C: Command>(app: &App, payload: Value, ports: &dyn Ports) -> Result<Value, AppError> {
    let command: C =
        serde_json::from_value(payload).map_err(|e| AppError::Usage(format!("{} does not take this: {e}", C::NAME)))?;
    let open = app.signed_in()?;
    if let Some(again) = command.again() {
        ask_again(app, &open, &again)?;
    }
    let grant = app.gate()?.admit::<C::Needs>(&open.session, command.target(), &open.stores)?;
    let admission = grant.admission().clone();
    let cx =
        Context { app, open: &open, grant, ports, work: app.under_way().begin(C::NAME), details: RefCell::default() };
    let result =
        catch_unwind(AssertUnwindSafe(|| command.run(&cx))).unwrap_or(Err(AppError::Internal("the act broke off")));
    let result = result.map_err(|e| app.incident(C::NAME, e));
    if let Err(e) = &result {
        cx.record(DetailKey::Code, Detail::Code(code_of(e)));
        if let Some(id) = e.incident() {
            cx.record(DetailKey::Incident, Detail::Incident(id));
        }
    }
    let outcome = match &result {
        Ok(_) => Outcome::Success,
        Err(e) if e.is_cancelled() => Outcome::Interrupted,
        Err(_) => Outcome::Failure,
    };
    app.gate()?.close(&admission, outcome, cx.details.into_inner())?;
    serde_json::to_value(result?).map_err(|_| AppError::Internal("an answer that cannot be written"))
}
