//! Wheels: fetched by the ordinary pip client, kept until their model is finished, trusted by hash alone.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use zip::ZipArchive;

use super::hash;
use super::manifest::Package;

/// Puts the wheel of a package into a folder.
pub(super) type Download = Box<dyn Fn(&Package, &Path) -> Result<()>>;

/// The wheels at hand, and the way to get more.
pub(super) struct Wheels {
    dir: PathBuf,
    brought: Option<PathBuf>,
    download: Download,
}

impl Wheels {
    /// Keep downloads in `dir`; look into `brought`, a folder filled by hand, before downloading.
    pub(super) fn new(dir: PathBuf, brought: Option<PathBuf>, download: Download) -> Self {
        Self { dir, brought, download }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The wheel of `package`, downloaded unless it is there already; its hash is checked each time it is opened.
    pub(super) fn fetch(&self, package: &Package) -> Result<Wheel> {
        let name = package.wheel_name();
        for dir in self.brought.iter().chain([&self.dir]) {
            let path = dir.join(&name);
            if path.is_file() && hash::of_file(&path)? == package.sha256 {
                return Wheel::open(&path);
            }
        }
        fs::create_dir_all(&self.dir)?;
        (self.download)(package, &self.dir)?;
        let path = self.dir.join(&name);
        ensure!(path.is_file(), "{} brought no file {name}", package.requirement());
        let found = hash::of_file(&path)?;
        if found != package.sha256 {
            fs::remove_file(&path)?;
            bail!("{name} has sha256 {found}, but {} is pinned", package.sha256);
        }
        Wheel::open(&path)
    }

    /// Remove a downloaded wheel that has served its purpose, and the folder once it is empty.
    pub(super) fn forget(&self, package: &Package) {
        // Leftovers cost disk space, nothing else: a failure here is no failure of the task.
        let _ = fs::remove_file(self.dir.join(package.wheel_name()));
        let _ = fs::remove_dir(&self.dir);
    }
}

/// An open wheel, which is a zip archive.
pub(super) struct Wheel(ZipArchive<BufReader<File>>);

impl Wheel {
    fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self(ZipArchive::new(BufReader::new(file)).with_context(|| format!("{} is no wheel", path.display()))?))
    }

    /// Decompress one member into `out`.
    pub(super) fn copy_member(&mut self, member: &str, out: &mut impl Write) -> Result<()> {
        let mut file = self.0.by_name(member).with_context(|| format!("no {member} in the wheel"))?;
        io::copy(&mut file, out).with_context(|| format!("cannot unpack {member}"))?;
        Ok(())
    }

    /// Decompress one member into memory.
    pub(super) fn read_member(&mut self, member: &str) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut file = self.0.by_name(member).with_context(|| format!("no {member} in the wheel"))?;
        file.read_to_end(&mut bytes).with_context(|| format!("cannot unpack {member}"))?;
        Ok(bytes)
    }
}

/// Fetch with `pip download`. Only a wheel will do, so that no package's own code is run.
pub(super) fn pip_download(package: &Package, dir: &Path) -> Result<()> {
    let output = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--disable-pip-version-check"])
        .args(["--only-binary=:all:", "--retries=2", "--dest"])
        .arg(dir)
        .arg(package.requirement())
        .output()
        .context("cannot start python3; its pip client fetches the packages (Debian: python3-pip)")?;
    if !output.status.success() {
        bail!("pip could not fetch {}: {}", package.requirement(), fault(&String::from_utf8_lossy(&output.stderr)));
    }
    Ok(())
}

/// Why pip failed, in one line. Without a network it warns of each broken connection, and then says that there is no
/// such package, which would mislead.
fn fault(stderr: &str) -> &str {
    if stderr.contains("after connection broken by") {
        return "the package registry cannot be reached";
    }
    stderr.lines().rfind(|line| line.contains("ERROR") || line.contains("No module named")).unwrap_or(stderr.trim())
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn a_broken_connection_is_not_taken_for_a_missing_package() {
        let offline =
            "WARNING: Retrying after connection broken by 'NewConnectionError'\nERROR: No matching distribution";
        assert_eq!(fault(offline), "the package registry cannot be reached");
    }

    #[test]
    fn the_last_error_is_the_one_that_counts() {
        assert_eq!(fault("ERROR: one\nERROR: two\nhint"), "ERROR: two");
        assert_eq!(fault("/usr/bin/python3: No module named pip\n"), "/usr/bin/python3: No module named pip");
        assert_eq!(fault("something else\n"), "something else");
    }
}
