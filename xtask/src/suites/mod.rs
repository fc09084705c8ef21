//! `cargo xtask test`: every test suite and check, one after the other, whatever the ones before said.

mod counts;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use self::counts::Counts;

/// One program that tests something.
struct Suite {
    name: &'static str,
    command: Vec<String>,
    /// Where it runs, relative to the workspace.
    folder: &'static str,
    counting: Counting,
}

/// How a suite tells how many of its tests passed.
enum Counting {
    Nextest,
    CargoTest,
    Vitest {
        report: PathBuf,
    },
    ClosingLine,
    /// A check that holds or does not.
    ExitStatus,
}

/// Run the suites called `only` (all when it is empty) and print, as the last line, `N passed, N failed`. Ends the
/// process with status 1 when anything failed.
///
/// # Errors
/// When there is no such suite.
pub(crate) fn run(root: &Path, only: &[String]) -> Result<()> {
    let begun = Instant::now();
    let mut total = Counts::default();
    let mut table = String::new();
    let mut failures = String::new();
    let mut suites = suites(root)?;
    if let Some(unknown) = only.iter().find(|name| suites.iter().all(|s| s.name != *name)) {
        bail!("there is no suite {unknown:?}");
    }
    suites.retain(|suite| only.is_empty() || only.iter().any(|name| name == suite.name));
    for suite in suites {
        let begun = Instant::now();
        let (counts, told) = suite.run(root);
        let seconds = begun.elapsed().as_secs_f32();
        table += &format!("{:<8} {:>5} {:>6} {seconds:>8.1} s\n", suite.name, counts.passed, counts.failed);
        total += counts;
        // Of a long run often only the end is kept.
        failures.extend(told.iter().map(|line| format!("{:<8} {line}\n", suite.name)));
    }
    println!("\n{:<8} passed failed\n{table}{:<8} {:>22.1} s\n", "", "in all", begun.elapsed().as_secs_f32());
    if !failures.is_empty() {
        println!("{failures}");
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    // The closing line has said it all: an error message after it would hide it.
    if total.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

fn suites(root: &Path) -> Result<Vec<Suite>> {
    let suite = |name, command: &str, folder, counting| {
        let command = command.split(' ').map(str::to_owned).collect();
        Suite { name, command, folder, counting }
    };
    let report = root.join("target/vitest.json");
    let vitest = format!("npm test -- --reporter=default --reporter=json --outputFile.json={}", report.display());
    let this = std::env::current_exe().context("cannot find this program")?;
    let nextest = "cargo nextest run --cargo-profile ci --workspace --no-fail-fast --color never";
    let deny = "cargo deny --offline --color never check bans licenses sources";
    Ok(vec![
        suite("rust", nextest, "", Counting::Nextest),
        suite("doc", "cargo test --profile ci --workspace --doc --no-fail-fast", "", Counting::CargoTest),
        suite("ui", &vitest, "ui", Counting::Vitest { report }),
        suite("desktop", "tests/desktop/run.sh", "", Counting::ClosingLine),
        suite("security", "tests/security/run.sh --short", "", Counting::ClosingLine),
        suite("package", "packaging/check.sh", "", Counting::ClosingLine),
        Suite {
            name: "tidy",
            command: vec![this.display().to_string(), "tidy".into()],
            folder: "",
            counting: Counting::ExitStatus,
        },
        suite("clippy", "cargo clippy --profile ci --workspace --all-targets -- -D warnings", "", Counting::ExitStatus),
        suite("fmt", "cargo fmt --all -- --check -l", "", Counting::ExitStatus),
        suite("deny", deny, "", Counting::ExitStatus),
    ])
}

impl Suite {
    /// Run to the end; the counts, and the lines that say what failed. What went wrong beyond the counted tests is one
    /// failure more.
    fn run(&self, root: &Path) -> (Counts, Vec<String>) {
        println!("\n== {}: {}", self.name, self.command.join(" "));
        match self.try_run(root) {
            Ok(outcome) => outcome,
            Err(error) => {
                let error = format!("error: {error:#}");
                println!("{} | {error}", self.name);
                (Counts { passed: 0, failed: 1 }, vec![error])
            }
        }
    }

    fn try_run(&self, root: &Path) -> Result<(Counts, Vec<String>)> {
        if let Counting::Vitest { report } = &self.counting {
            // An old report must not stand for this run.
            let _ = fs::remove_file(report);
        }
        let (lines, succeeded) = self.echo(root)?;
        let counted = match &self.counting {
            Counting::Nextest => counts::nextest(&lines),
            Counting::CargoTest => counts::cargo_test(&lines),
            Counting::ClosingLine => counts::closing_line(&lines),
            Counting::Vitest { report } => {
                Some(counts::vitest(&fs::read_to_string(report).context("vitest wrote no report")?)?)
            }
            Counting::ExitStatus => Some(Counts { passed: u64::from(succeeded), failed: u64::from(!succeeded) }),
        };
        let Some(mut counts) = counted else { bail!("it did not come to the end of its tests") };
        if !succeeded && counts.failed == 0 {
            counts.failed = 1;
        }
        let told = if counts.failed == 0 { Vec::new() } else { counts::failures(&lines) };
        Ok((counts, told))
    }

    /// Run the command, printing each line under the suite's name. Returns all lines, and whether it ended well.
    fn echo(&self, root: &Path) -> Result<(Vec<String>, bool)> {
        let (program, arguments) = self.command.split_first().context("a suite without a command")?;
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(root.join(self.folder))
            .env("NO_COLOR", "1")
            .env_remove("FORCE_COLOR")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let (send, receive) = mpsc::channel();
        let streams: [Option<Box<dyn Read + Send>>; 2] =
            [child.stdout.take().map(|s| Box::new(s) as _), child.stderr.take().map(|s| Box::new(s) as _)];
        for stream in streams.into_iter().flatten() {
            let send = send.clone();
            thread::spawn(move || {
                let mut stream = BufReader::new(stream);
                let mut line = Vec::new();
                while stream.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                    let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                    line.clear();
                    if send.send(text).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut lines = Vec::new();
        for line in receive {
            println!("{} | {line}", self.name);
            lines.push(line);
        }
        Ok((lines, child.wait()?.success()))
    }
}
