//! `cloister`: the same commands as the window, for terminals, scripts and batch machines.
//!
//! Data goes to standard output, messages to standard error. Exit status: 0 done, 1 the act failed, 2 usage,
//! 3 denied, locked or not signed in, 4 cannot tell.

mod act;
mod args;
mod demo;
mod face;
mod print;

use args::{Arguments, Command};
use clap::{CommandFactory, Parser};
use face::{Failure, Terminal};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(code) => code,
        Err(failure) => {
            print::message(&failure.to_string());
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if let Command::Completions { shell } = &arguments.command {
        clap_complete::generate(*shell, &mut Arguments::command(), "cloister", &mut std::io::stdout());
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Demo { keep } = &arguments.command {
        demo::run(arguments, keep.as_deref())?;
        return Ok(ExitCode::SUCCESS);
    }
    let terminal = Terminal::start(arguments)?;
    let done = act::run(&terminal, &arguments.command);
    let left = terminal.sign_out();
    // The act's own failure is the one to tell.
    done.and_then(|code| left.map(|()| code))
}
