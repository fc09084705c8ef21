//! A throw-away workstation: a folder of its own and the real `cloister`, run as a person at a terminal would.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The cargo profile that build, tests and window share.
pub const PROFILE: &str = "ci";

/// Longer than any single act of the tests takes on two cores that others use as well. What is not back by then hangs.
const TIME_LIMIT: Duration = Duration::from_secs(480);

/// A name and the file that holds its password.
#[derive(Debug, Clone)]
pub struct Account {
    /// What one signs in as.
    pub name: String,
    /// First line: the password.
    pub password_file: PathBuf,
}

/// A data folder, a home and a place for files, gone when dropped.
#[derive(Debug)]
pub struct Workstation {
    folder: TempDir,
    admin: Account,
    models: PathBuf,
}

impl Workstation {
    /// A workstation on which nothing was done yet: no vault.
    pub fn bare() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("cloister-test-").tempdir()?;
        fs::create_dir(folder.path().join("home"))?;
        let models = std::env::var_os("CLOISTER_MODELS")
            .map_or_else(|| crate::repository().join("models/weights"), PathBuf::from);
        let admin = Account { name: "ada".to_owned(), password_file: folder.path().join("ada.password") };
        let station = Self { folder, admin, models };
        station.write_secret(&station.admin.password_file, "nine grey herons at dawn")?;
        Ok(station)
    }

    /// A workstation with a vault, its administrator and no second factor.
    pub fn with_vault() -> Result<Self> {
        let station = Self::bare()?;
        station.run(["init", "--admin", "ada", "--policy", "second_factor=optional"])?.succeeded()?;
        Ok(station)
    }

    /// The administrator's account.
    #[must_use]
    pub fn admin(&self) -> &Account {
        &self.admin
    }

    /// The folder that holds the vault (`--data`).
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of model files (`--models`).
    #[must_use]
    pub fn models(&self) -> &Path {
        &self.models
    }

    /// From now on `--models` is another folder.
    pub fn use_models(&mut self, folder: &Path) {
        self.models = folder.to_path_buf();
    }

    /// A path on this workstation, outside the vault.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file on this workstation, outside the vault.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> Result<PathBuf> {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
        Ok(path)
    }

    /// A name with a password file of its own; no account in the vault yet.
    pub fn person(&self, name: &str, password: &str) -> Result<Account> {
        let account = Account { name: name.to_owned(), password_file: self.path(&format!("{name}.password")) };
        self.write_secret(&account.password_file, password)?;
        Ok(account)
    }

    /// An account that the administrator made: it can sign in.
    pub fn user(&self, name: &str, role: &str) -> Result<Account> {
        let account = self.person(name, &format!("{name} counts lanterns by the harbour"))?;
        let file = account.password_file.to_string_lossy();
        self.run(["user", "add", name, "--role", role, "--new-password-file", &file])?.succeeded()?;
        Ok(account)
    }

    /// Runs `cloister` with these arguments, signed in as the administrator where the command asks for it.
    pub fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Result<Outcome> {
        self.cloister(args).run()
    }

    /// The same as somebody else.
    pub fn run_as<A: AsRef<OsStr>>(&self, who: &Account, args: impl IntoIterator<Item = A>) -> Result<Outcome> {
        self.cloister(args).signed_in_as(who).run()
    }

    /// A run of `cloister` that can still be changed before it starts.
    pub fn cloister<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Invocation {
        let args: Vec<OsString> = args.into_iter().map(|a| a.as_ref().to_os_string()).collect();
        let mut command = Command::new(binary());
        command
            .args(&args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("LANG", "C.UTF-8")
            .env("NO_COLOR", "1")
            .env("CLOISTER_DATA", self.data())
            .env("CLOISTER_MODELS", &self.models)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Invocation { command, args, limit: TIME_LIMIT }.signed_in_as(&self.admin)
    }

    fn write_secret(&self, path: &Path, password: &str) -> Result<()> {
        use std::os::unix::fs::OpenOptionsExt;
        let mut file = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)?;
        writeln!(file, "{password}")?;
        Ok(())
    }
}

/// The `cloister` under test: `CLOISTER_BIN`, else the one beside this test's own profile folder.
fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("CLOISTER_BIN") {
        return PathBuf::from(path);
    }
    let beside_tests = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.join("cloister")));
    match beside_tests {
        Some(path) if path.is_file() => path,
        _ => crate::repository().join("target").join(PROFILE).join("cloister"),
    }
}

/// A run of `cloister` about to start.
#[derive(Debug)]
pub struct Invocation {
    command: Command,
    args: Vec<OsString>,
    limit: Duration,
}

impl Invocation {
    /// Whose name and password it gives.
    #[must_use]
    pub fn signed_in_as(self, who: &Account) -> Self {
        let file = who.password_file.clone();
        self.env("CLOISTER_USER", &who.name).env("CLOISTER_PASSWORD_FILE", file)
    }

    /// Gives no name and no password.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.command.env_remove("CLOISTER_USER").env_remove("CLOISTER_PASSWORD_FILE");
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Leaves a variable out of its environment.
    #[must_use]
    pub fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// How long it may take before it counts as hanging.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Starts it.
    pub fn start(mut self) -> Result<Running> {
        let program = self.command.get_program().to_owned();
        let mut child = self
            .command
            .spawn()
            .with_context(|| format!("starting {}; `make build` puts it there", program.display()))?;
        let stdout = drain(child.stdout.take());
        let stderr = drain(child.stderr.take());
        Ok(Running { child, stdout, stderr, args: self.args, limit: self.limit, started: Instant::now() })
    }

    /// Starts it and waits for its end.
    pub fn run(self) -> Result<Outcome> {
        self.start()?.finish()
    }
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut all = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before a broken pipe is still worth showing.
            let _ = pipe.read_to_end(&mut all);
        }
        all
    })
}

/// A `cloister` at work.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
    args: Vec<OsString>,
    limit: Duration,
    started: Instant,
}

impl Running {
    /// Its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// What Ctrl-C does.
    pub fn interrupt(&self) -> Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(pid.context("no such process")?, rustix::process::Signal::INT)?;
        Ok(())
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        Ok(())
    }

    /// Waits for its end. Past the time limit it is ended and that is an error: it hung.
    pub fn finish(mut self) -> Result<Outcome> {
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if self.started.elapsed() > self.limit {
                self.child.kill()?;
                self.child.wait()?;
                anyhow::bail!("`cloister {}` hangs: no end after {:?}", shown(&self.args), self.limit);
            }
            thread::sleep(Duration::from_millis(10));
        };
        let took = self.started.elapsed();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let stdout = text(self.stdout.join().unwrap_or_default());
        let stderr = text(self.stderr.join().unwrap_or_default());
        Ok(Outcome { invoked: shown(&self.args), code: status.code(), stdout, stderr, took })
    }
}

fn shown(args: &[OsString]) -> String {
    args.iter().map(|a| a.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    invoked: String,
    /// The exit status; nothing when a signal ended it.
    pub code: Option<i32>,
    /// Data.
    pub stdout: String,
    /// Messages.
    pub stderr: String,
    /// From start to end.
    pub took: Duration,
}

impl Outcome {
    /// It ended with 0, and no panic was seen.
    pub fn succeeded(self) -> Result<Self> {
        self.exited(0)
    }

    /// It ended with this status, and no panic was seen.
    pub fn exited(self, code: i32) -> Result<Self> {
        ensure!(
            self.code == Some(code),
            "`cloister {}` ended with {:?}, not {code}\n--- stdout\n{}\n--- stderr\n{}",
            self.invoked,
            self.code,
            self.stdout,
            self.stderr
        );
        self.orderly()
    }

    /// It ended by itself, with a status of the contract, and no panic was seen.
    pub fn orderly(self) -> Result<Self> {
        let known = matches!(self.code, Some(0..=4));
        let panicked = self.stderr.contains("panicked at") || self.stderr.contains("RUST_BACKTRACE");
        ensure!(
            known && !panicked,
            "`cloister {}` crashed ({:?})\n--- stderr\n{}",
            self.invoked,
            self.code,
            self.stderr
        );
        Ok(self)
    }

    /// Stdout as one JSON document.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.stdout)
            .with_context(|| format!("`cloister {}` wrote no single JSON document:\n{}", self.invoked, self.stdout))
    }

    /// Stdout as JSON Lines.
    pub fn json_lines(&self) -> Result<Vec<Value>> {
        json_lines(&self.stdout)
    }
}

/// Text as JSON Lines.
pub(crate) fn json_lines(text: &str) -> Result<Vec<Value>> {
    text.lines().map(|line| serde_json::from_str(line).with_context(|| format!("not a line of JSON: {line}"))).collect()
}
