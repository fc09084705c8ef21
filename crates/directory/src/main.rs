//! `cloister-directory`: asks the institution's directory who somebody is. The only program of Cloister that opens a
//! network socket, and it is there only where an administrator configured a directory.
//!
//! It is told once which servers there are, seals itself off for their port, and then answers questions, each in a
//! process that it forks: what a hostile server could plant in one ends with it, and never sees another's password.

mod connection;
mod escape;
mod fork;
mod person;
mod reason;
mod steps;
mod trust;

use anyhow::{Context, Result, bail};
use cloister_directory_client::{
    Fault, Settings, longest,
    protocol::{Configure, Reply, Request, VERSION},
    read_frame, write_frame,
};
use cloister_seal::{Options, Role, probe, seal};
use fork::{Ended, Pipes};
use std::time::Duration;

fn main() -> Result<()> {
    // A panic may carry what it choked on, so nothing is said. The parent sees what became of the question.
    std::panic::set_hook(Box::new(|_| {}));
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .context("asking to end with the parent")?;
    let mut pipes = Pipes::take().context("the pipes to the parent")?;
    let first = read_frame(&mut pipes.from_parent)?.context("the parent is gone")?;
    let configure: Configure = serde_json::from_slice(&first)?;
    if configure.version != VERSION {
        bail!("another protocol version");
    }
    // So far it has read the settings, which an administrator signed. Nobody else has said anything yet.
    let report = seal(Options::directory(configure.settings.port()));
    let may_answer = configure.unsealed || report.is_enforced();
    let sealed = Reply::Sealed { version: VERSION, build: env!("CARGO_PKG_VERSION").to_owned(), report };
    write_frame(&mut pipes.to_parent, &serde_json::to_vec(&sealed)?)?;
    // Otherwise the parent reads the report and gives it nothing.
    if may_answer { serve(pipes, &configure.settings) } else { Ok(()) }
}

/// Answers until the parent closes the pipe.
fn serve(pipes: Pipes, settings: &Settings) -> Result<()> {
    let limit = longest(settings) + Duration::from_secs(3);
    let mut pipes = Some(pipes);
    loop {
        let Some(open) = &mut pipes else { bail!("a fork went on") };
        let Some(question) = read_frame(&mut open.from_parent)? else { return Ok(()) };
        let answer = match fork::answer(&mut pipes, limit, || {
            serde_json::to_vec(&reply(&question, settings)).unwrap_or_default()
        }) {
            Ok(Ended::Answered(bytes)) => bytes,
            Ok(Ended::Broke) => serde_json::to_vec(&Reply::Refused { fault: Fault::AnswerUnreadable })?,
            Ok(Ended::TookTooLong) | Err(_) => serde_json::to_vec(&Reply::Refused { fault: Fault::TimedOut })?,
        };
        let Some(open) = &mut pipes else { bail!("a fork went on") };
        write_frame(&mut open.to_parent, &answer)?;
    }
}

/// In the forked process: one question, one answer.
fn reply(question: &[u8], settings: &Settings) -> Reply {
    if cloister_seal::give_up_processes().is_err() {
        return Reply::Refused { fault: Fault::NotSealed };
    }
    let Ok(request) = serde_json::from_slice::<Request>(question) else {
        return Reply::Refused { fault: Fault::NotRunning };
    };
    if matches!(request, Request::Probe) {
        let outcomes = probe::of(Role::Directory).map(|way| (way.name.to_owned(), way.run())).collect();
        return Reply::Probed { outcomes };
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return Reply::Refused { fault: Fault::NotRunning } };
    runtime.block_on(async {
        match request {
            Request::Verify { name, password, search_password } => {
                match steps::verify(settings, &name, &password, search_password.as_ref()).await {
                    Ok(verified) => Reply::Verified(verified),
                    Err(fault) => Reply::Refused { fault },
                }
            }
            Request::Test { name, password, search_password } => {
                let steps = steps::test(settings, name.as_deref(), password.as_ref(), search_password.as_ref()).await;
                Reply::Tested { steps }
            }
            Request::Probe => Reply::Refused { fault: Fault::NotRunning },
        }
    })
}
