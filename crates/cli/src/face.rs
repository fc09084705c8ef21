//! A terminal's side of the app: signing in, progress, files named on the command line, and failures.

use crate::{act::Own, args::Arguments};
use cloister_app::{
    App, AppError, AppOptions, DirectoryBroker, Face, Paths, Ports, SealReport, SystemClock, SystemEntropy,
    SystemSound, dto::ProgressDto, keep_operational_log,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::{
    ffi::OsString,
    fmt,
    io::{IsTerminal, stderr, stdin},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Why the program ends with a status other than 0.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The app said so.
    App(AppError),
    /// Nobody can be signed in.
    NotSignedIn(String),
    /// The command line makes no sense.
    Usage(String),
    /// Some of several acts failed; each has been told.
    Some(String),
}

impl Failure {
    /// The exit status.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NotSignedIn(_) => 3,
            Self::Usage(_) => 2,
            Self::Some(_) => 1,
            Self::App(e) => match e.code() {
                "denied"
                | "locked_out"
                | "bad_credentials"
                | "code_needed"
                | "must_enrol"
                | "step_up_needed"
                | "not_signed_in"
                | "no_vault"
                | "directory_refused"
                | "directory_unavailable"
                | "directory_password_weak"
                | "enrolment_needed"
                | "enrolment_pending"
                | "enrolment_code_refused"
                | "previous_password_wrong"
                | "role_changed" => 3,
                "usage" | "policy_refused" | "directory_settings" => 2,
                _ => 1,
            },
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSignedIn(words) | Self::Usage(words) | Self::Some(words) => f.write_str(words),
            Self::App(e) => match e.to_ui().params.get("fault") {
                // Several faults of one schema come as lines.
                Some(faults) if e.code() == "schema_invalid" => write!(f, "the schema cannot be used:\n{faults}"),
                _ => write!(f, "{e}"),
            },
        }
    }
}

impl From<AppError> for Failure {
    fn from(e: AppError) -> Self {
        Self::App(e)
    }
}

/// The app and how this terminal wants its answers.
#[derive(Debug)]
pub(crate) struct Terminal {
    app: Arc<App>,
    pub(crate) json: bool,
    user: Option<String>,
    password_file: Option<PathBuf>,
    otp: Option<String>,
    /// The global arguments for a process that goes on by itself, but the password.
    again: Vec<OsString>,
    interrupted: Arc<AtomicBool>,
}

/// App options from the global arguments.
pub(crate) fn options(
    arguments: &Arguments,
    seal: &SealReport,
    data: Option<PathBuf>,
    directory: DirectoryBroker,
) -> AppOptions {
    let g = &arguments.global;
    let cores = std::thread::available_parallelism().map_or(1, |n| u16::try_from(n.get()).unwrap_or(1));
    AppOptions {
        paths: Paths::resolve(data.or_else(|| g.data.clone()), g.models.clone()),
        face: Face::Cli,
        threads: g.threads.unwrap_or(cores),
        device: g.device.name().to_owned(),
        seal: seal.clone(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        sound: Arc::new(SystemSound),
        directory,
    }
}

impl Terminal {
    /// Starts on the vault that the arguments name.
    pub(crate) fn start(arguments: &Arguments, seal: &SealReport, directory: DirectoryBroker) -> Result<Self, Failure> {
        let g = &arguments.global;
        let options = options(arguments, seal, None, directory);
        let mut terminal = Self::on(options, g.json, g.user.clone(), g.password_file.clone())?;
        terminal.otp = g.otp.clone();
        Ok(terminal)
    }

    /// Starts on a given vault.
    pub(crate) fn on(
        options: AppOptions,
        json: bool,
        user: Option<String>,
        password_file: Option<PathBuf>,
    ) -> Result<Self, Failure> {
        let mut again: Vec<OsString> = vec!["--data".into(), options.paths.data.clone().into()];
        again.extend(["--models".into(), options.paths.models.clone().into()]);
        again.extend(["--threads".into(), options.threads.to_string().into()]);
        again.extend(["--device".into(), options.device.clone().into()]);
        again.extend(user.iter().flat_map(|u| ["--user".into(), OsString::from(u)]));
        keep_operational_log(&options.paths.data);
        let app = Arc::new(App::start(options)?);
        let stopping = Arc::clone(&app);
        // Work under way stops at the next safe place; what was committed stays. A second signal ends at once.
        let interrupted = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&interrupted);
        let _ = ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            let _ = stopping.call("cancel_job", Value::Null, &cloister_app::NoPorts);
        });
        Ok(Self { app, json, user, password_file, otp: None, again, interrupted })
    }

    /// Whether a person pressed Ctrl-C.
    pub(crate) fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// One act that needs no files.
    pub(crate) fn call(&self, name: &str, payload: Value) -> Result<Value, Failure> {
        self.call_with(name, payload, None)
    }

    /// One act on a file that the command line names.
    pub(crate) fn call_with(&self, name: &str, payload: Value, file: Option<&Path>) -> Result<Value, Failure> {
        let ports = TerminalPorts { file: file.map(Path::to_owned), bar: self.bar() };
        let result = self.app.call(name, payload, &ports);
        ports.bar.finish_and_clear();
        Ok(result?)
    }

    /// Signs in with the global arguments, asking for what they leave out.
    pub(crate) fn sign_in(&self) -> Result<(), Failure> {
        self.sign_in_by_password().map(|_| ())
    }

    /// The same, and keeps the password for an act on one's own account.
    pub(crate) fn sign_in_by_password(&self) -> Result<Own, Failure> {
        self.sign_in_with(&Value::Null)
    }

    /// The same, for somebody from the directory who comes by keys with it.
    pub(crate) fn sign_in_with(&self, enrolment: &Value) -> Result<Own, Failure> {
        let (user, password) = self.name_and_password()?;
        let try_with = |code: Option<&str>| {
            self.call("sign_in", json!({"name": user, "password": password, "code": code, "enrolment": enrolment}))
        };
        let session = self.with_code(try_with)?;
        let text = |key: &str| session[key].as_str().unwrap_or_default().to_owned();
        Ok(Own { id: text("user_id"), name: text("name"), password: password.clone() })
    }

    /// Does what may ask for the second factor's code: with the one of the global arguments, or else one that is typed.
    pub(crate) fn with_code(&self, act: impl Fn(Option<&str>) -> Result<Value, Failure>) -> Result<Value, Failure> {
        match act(self.otp.as_deref()) {
            Err(Failure::App(e)) if e.code() == "code_needed" && stdin().is_terminal() => {
                act(Some(&first_line(None, "Code of the second factor: ")?))
            }
            other => other,
        }
    }

    /// Who signs, from the global arguments, and the password, asked for where they leave it out.
    pub(crate) fn name_and_password(&self) -> Result<(&str, String), Failure> {
        let Some(user) = &self.user else {
            return Err(Failure::NotSignedIn("who signs in? Say --user NAME (or CLOISTER_USER)".to_owned()));
        };
        let password = first_line(self.password_file.as_deref(), &format!("Password of {user}: "))?;
        Ok((user, password))
    }

    /// Does an act in a process of its own, which outlives this terminal. It learns the password through its standard
    /// input, signs in for itself, and so holds keys of its own until the act ends.
    pub(crate) fn detach(&self, act: &[&str], password: &str) -> Result<(), Failure> {
        use std::{io::Write, os::unix::process::CommandExt, process::Stdio};
        let failed = |e: std::io::Error| Failure::Some(format!("no process of its own can be started: {e}"));
        let mut child = std::process::Command::new(std::env::current_exe().map_err(failed)?)
            .args(&self.again)
            .args(act)
            .env("CLOISTER_PASSWORD_FILE", "/dev/stdin")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        if let Some(mut input) = child.stdin.take() {
            writeln!(input, "{password}").map_err(failed)?;
        }
        // One that cannot begin ends within its first seconds.
        for _ in 0..30 {
            std::thread::sleep(std::time::Duration::from_millis(100));
            match child.try_wait().map_err(failed)? {
                Some(status) if !status.success() => {
                    return Err(Failure::Some(
                        "the process in the background could not go on with it: a run cannot be detached with a second \
                         factor, whose code is used up by this sign-in, nor by an account of the directory, which that \
                         process cannot ask"
                            .to_owned(),
                    ));
                }
                Some(_) => return Ok(()),
                None => {}
            }
        }
        Ok(())
    }

    /// Ends a recording in order and the session, if there still are any, and lets the log know that this process ends.
    pub(crate) fn close(&self) -> Result<(), Failure> {
        Ok(self.app.close()?)
    }

    /// The password of a new vault's administrator: from the global arguments, or typed twice.
    pub(crate) fn administrator_password(&self, whose: &str) -> Result<String, Failure> {
        Self::new_password(self.password_file.as_deref(), whose)
    }

    /// A new password: from a file, or typed twice.
    pub(crate) fn new_password(file: Option<&Path>, whose: &str) -> Result<String, Failure> {
        let first = first_line(file, &format!("New password for {whose}: "))?;
        if file.is_none() && first_line(None, "The same again: ")? != first {
            return Err(Failure::Usage("the two passwords are not the same".to_owned()));
        }
        Ok(first)
    }

    fn bar(&self) -> ProgressBar {
        if self.json || !stderr().is_terminal() { ProgressBar::hidden() } else { ProgressBar::new_spinner() }
    }
}

/// The first line of a file, or what is typed.
pub(crate) fn first_line(file: Option<&Path>, prompt: &str) -> Result<String, Failure> {
    match file {
        Some(file) => {
            let text =
                std::fs::read_to_string(file).map_err(|e| Failure::NotSignedIn(format!("{}: {e}", file.display())))?;
            Ok(text.lines().next().unwrap_or_default().to_owned())
        }
        None if stdin().is_terminal() => rpassword::prompt_password(prompt)
            .map_err(|e| Failure::NotSignedIn(format!("the terminal cannot be asked: {e}"))),
        None => {
            let asked = prompt.trim_end_matches([' ', ':']);
            Err(Failure::NotSignedIn(format!(
                "there is no terminal to ask for this: {asked}; say it in a file (--password-file FILE and the like)"
            )))
        }
    }
}

struct TerminalPorts {
    file: Option<PathBuf>,
    bar: ProgressBar,
}

impl Ports for TerminalPorts {
    fn progress(&self, p: ProgressDto) {
        let style = match p.total {
            Some(total) => {
                self.bar.set_length(total as u64);
                "{msg:14} [{bar:32}] {pos}/{len} {prefix} · {elapsed} gone, {eta} to go"
            }
            None => "{spinner} {msg:14} {pos} {prefix} · {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(style) {
            self.bar.set_style(style.progress_chars("━━─"));
        }
        self.bar.set_message(p.stage.replace('_', " "));
        self.bar.set_prefix(p.unit);
        self.bar.set_position(p.done as u64);
    }

    fn open_file(&self, _kind: &str) -> Option<PathBuf> {
        self.file.clone()
    }

    fn save_file(&self, _suggested: &str) -> Option<PathBuf> {
        self.file.clone()
    }
}
