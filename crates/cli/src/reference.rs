//! docs/cli.md is printed from the words of `--help`: `UPDATE_DOCS=1 cargo nextest run -p cloister-cli reference`.

use crate::args::Arguments;
use clap::{Arg, Command, CommandFactory};
use std::{fmt::Write as _, path::Path};

const HEAD: &str = "\
# Command line

Printed from the program's own words, which `cloister COMMAND --help` and the manual pages show as well. Data goes to standard
output, messages to standard error. What `--json` prints stands in [cli-json.md](cli-json.md), what an error's code means in
[errors.md](errors.md).
";

fn reference() -> String {
    let mut all = Arguments::command();
    all.build();
    let mut out = HEAD.to_owned();
    help(&mut out, &all);
    out += "\n## What every command takes\n";
    options(&mut out, all.get_arguments().filter(|a| a.is_global_set()));
    for command in shown(&all) {
        section(&mut out, command, "cloister", 2);
    }
    out
}

fn shown(of: &Command) -> impl Iterator<Item = &Command> {
    of.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help")
}

fn section(out: &mut String, command: &Command, above: &str, level: usize) {
    let name = format!("{above} {}", command.get_name());
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    write!(out, "\n{} {name}\n\n{about}.\n", "#".repeat(level)).unwrap();
    options(out, command.get_arguments().filter(|a| !a.is_global_set()));
    help(out, command);
    for inner in shown(command) {
        section(out, inner, &name, level + 1);
    }
}

fn options<'a>(out: &mut String, of: impl Iterator<Item = &'a Arg>) {
    let mut rows = of.filter(|a| !a.is_hide_set() && !matches!(a.get_id().as_str(), "help" | "version")).peekable();
    if rows.peek().is_none() {
        return;
    }
    *out += "\n| | |\n| --- | --- |\n";
    for arg in rows {
        let mut is = arg.get_help().map(|h| h.to_string().replace('|', "\\|")).unwrap_or_default();
        let values: Vec<_> = arg.get_possible_values().iter().map(|v| format!("`{}`", v.get_name())).collect();
        if arg.get_action().takes_values() && !values.is_empty() {
            write!(is, ": {}", values.join(", ")).unwrap();
        }
        if let Some(variable) = arg.get_env() {
            write!(is, "; or `{}` in the environment", variable.to_string_lossy()).unwrap();
        }
        if arg.is_required_set() && !arg.is_positional() {
            is += "; needed";
        }
        writeln!(out, "| `{}` | {is} |", arg.to_string().replace('|', "\\|")).unwrap();
    }
}

/// What stands under a command's help: examples as a block, the rest as it is.
fn help(out: &mut String, command: &Command) {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    for part in text.split("\n\n").filter(|p| !p.is_empty()) {
        match part.split_once('\n') {
            Some((head, lines)) if head.starts_with("Example") => {
                let lines: Vec<_> = lines.lines().map(|l| l.strip_prefix("  ").unwrap_or(l).trim_end()).collect();
                write!(out, "\n```sh\n{}\n```\n", lines.join("\n")).unwrap();
            }
            _ => write!(out, "\n{part}\n").unwrap(),
        }
    }
}

#[test]
fn the_documentation_has_every_command_as_its_help_says_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, reference()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == reference(), "docs/cli.md is not what --help says: run with UPDATE_DOCS=1");
}
