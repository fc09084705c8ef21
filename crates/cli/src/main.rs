//! `cloister`: the same commands as the window, for terminals, scripts and batch machines.
//!
//! Data goes to standard output, messages to standard error. Exit status: 0 done, 1 the act failed, 2 usage,
//! 3 denied, locked or not signed in, 4 cannot tell.

mod act;
mod args;
mod demo;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod documents;
mod face;
mod keys;
mod manual;
mod print;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod reference;
mod research_args;

use args::{Arguments, Command};
use clap::{CommandFactory, Parser};
use cloister_app::{DirectoryBroker, Paths, SealReport};
use face::{Failure, Terminal};
use std::process::ExitCode;

fn main() -> ExitCode {
    cloister_app::quiet_panics();
    let arguments = Arguments::parse();
    // What a sealed process starts can reach no network, so the one program that may is started first.
    let paths = Paths::resolve(arguments.global.data.clone(), arguments.global.models.clone());
    let trial = matches!(&arguments.command, Command::Directory(what) if what.needs_broker());
    let directory = DirectoryBroker::start(&paths, trial);
    // Before anything else is read, and before the first thread.
    let seal = cloister_app::seal(cloister_app::SealOptions::face());
    match run(&arguments, &seal, directory) {
        Ok(code) => code,
        Err(failure) => {
            print::message(&failure.to_string());
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(arguments: &Arguments, seal: &SealReport, directory: DirectoryBroker) -> Result<ExitCode, Failure> {
    if let Command::Completions { shell } = &arguments.command {
        clap_complete::generate(*shell, &mut Arguments::command(), "cloister", &mut std::io::stdout());
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Manual { folder } = &arguments.command {
        return manual::write(folder).map(|()| ExitCode::SUCCESS);
    }
    if let Command::Demo { keep } = &arguments.command {
        demo::run(arguments, seal, keep.as_deref())?;
        return Ok(ExitCode::SUCCESS);
    }
    let terminal = Terminal::start(arguments, seal, directory)?;
    let done = act::run(&terminal, &arguments.command);
    let closed = terminal.close();
    // The act's own failure is the one to tell.
    done.and_then(|code| closed.map(|()| code))
}
