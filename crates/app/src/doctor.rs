//! What this workstation can do, and why not.

use crate::{App, AppError, commands, directory::Asked, dto::ProcessProof, manifest, operational, sealing};
use serde::Serialize;
use std::path::Path;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    name: &'static str,
    /// `ok`, `warn` or `fail`.
    state: &'static str,
    facts: Vec<String>,
}

/// Everything that was looked at.
#[derive(Debug, Serialize)]
pub(crate) struct Examination {
    checks: Vec<Check>,
}

/// Looks at processor, memory, models, engine, isolation, swap and disk.
pub(crate) fn examine(app: &App, probe: bool) -> Result<Examination, AppError> {
    let (engine, accelerator) = engine(app);
    let mut checks = vec![processor(), memory(), engine];
    checks.extend(models(app)?);
    // Asked first, so that what keeps its process in shows below.
    checks.extend(directory(app));
    checks.push(isolation(app));
    if probe {
        checks.push(probes(app));
    }
    checks.push(swap());
    checks.push(disk(app.data()));
    checks.push(messages(app.data()));
    checks.push(accelerator);
    Ok(Examination { checks })
}

fn processor() -> Check {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut facts = vec![format!("{threads} threads")];
    let mut state = "ok";
    #[cfg(target_arch = "x86_64")]
    {
        let features = [
            ("AVX2", std::arch::is_x86_feature_detected!("avx2")),
            ("FMA", std::arch::is_x86_feature_detected!("fma")),
            ("F16C", std::arch::is_x86_feature_detected!("f16c")),
            ("AVX-VNNI", std::arch::is_x86_feature_detected!("avxvnni")),
            ("AVX-512 VNNI", std::arch::is_x86_feature_detected!("avx512vnni")),
        ];
        let have = |wanted: bool| features.iter().filter(|f| f.1 == wanted).map(|f| f.0).collect::<Vec<_>>().join(", ");
        facts.push(format!("has {}", have(true)));
        if !features[..3].iter().all(|f| f.1) {
            state = "warn";
            facts.push(format!("lacks {}: speech and reports take many times as long", have(false)));
        }
    }
    Check { name: "processor", state, facts }
}

fn memory() -> Check {
    let info = rustix::system::sysinfo();
    let total = info.totalram.saturating_mul(u64::from(info.mem_unit));
    let gib = total as f64 / f64::from(1 << 30);
    let enough = gib >= 3.5;
    Check {
        name: "memory",
        state: if enough { "ok" } else { "warn" },
        facts: vec![format!("{gib:.1} GiB{}", if enough { "" } else { "; the language model wants 4" })],
    }
}

/// The engine, and what it says of an accelerator: whether its build can use one is its affair.
fn engine(app: &App) -> (Check, Check) {
    let path = &app.engines().options().binary;
    let (engine, mut device) = match app.engines().without_model(|e| Ok(e.ready().clone())) {
        Ok(ready) => {
            let facts =
                vec![format!("{} ({})", path.display(), ready.build), format!("reads reports with {}", ready.cpu_path)];
            (Check { name: "engine", state: "ok", facts }, format!("where reports are read: {}", ready.device))
        }
        Err(e) => {
            let facts = vec![format!("{}: {e}", path.display())];
            (Check { name: "engine", state: "fail", facts }, "not known without the engine".to_owned())
        }
    };
    if Path::new("/proc/driver/nvidia").exists() {
        device.push_str("; an NVIDIA card is there");
    }
    (engine, Check { name: "accelerator", state: "ok", facts: vec![device] })
}

fn models(app: &App) -> Result<Vec<Check>, AppError> {
    let folders = app.model_folders();
    let row = |m: manifest::Model| {
        let r = m.row(&folders, false);
        let state = match (r.state.as_str(), r.default) {
            ("present", _) => "ok",
            (_, true) => "fail",
            _ => "warn",
        };
        let facts = vec![format!("{} ({}): {}", r.name, r.task, r.state), format!("sha256 {}", r.sha256)];
        Check { name: "model", state, facts }
    };
    Ok(app.known_models()?.into_iter().map(row).collect())
}

/// What keeps this process and an engine in, read back from the kernel.
fn isolation(app: &App) -> Check {
    let mut proofs = app.proofs();
    match app.engines().without_model(|e| Ok(e.seal().cloned())) {
        Ok(seal) => proofs.extend(seal.map(|seal| app.proof("engine", &seal))),
        Err(e) => {
            return Check { name: "isolation", state: "fail", facts: vec![format!("engine: {e}")] };
        }
    }
    let state = match proofs.iter().find(|p| p.state != "enforced") {
        None => "ok",
        Some(_) if proofs.iter().any(|p| p.state == "not_enforced") => "fail",
        Some(_) => "warn",
    };
    let line = |p: ProcessProof| p.facts.into_iter().map(move |fact| format!("{}: {fact}", p.process));
    Check { name: "isolation", state, facts: proofs.into_iter().flat_map(line).collect() }
}

/// Whether the institution's directory can be reached, where there is one, and when its certificates end.
fn directory(app: &App) -> Option<Check> {
    let settings = match commands::directory::examined(app)? {
        Ok(settings) => settings,
        Err(e) => return Some(Check { name: "directory", state: "fail", facts: vec![e.to_string()] }),
    };
    let mut facts = settings.servers.iter().map(ToString::to_string).collect::<Vec<_>>();
    let vault = app.vault().ok()?;
    let steps = match app.directory(&vault) {
        Some(Asked::Client(client)) => client.test(None, None),
        Some(Asked::Absent(absent)) => Err(absent.0),
        None => return None,
    };
    let steps = match steps {
        Ok(steps) => steps,
        Err(fault) => {
            facts.push(fault.to_string());
            return Some(Check { name: "directory", state: "fail", facts });
        }
    };
    let mut state = "ok";
    for step in steps.into_iter().map(commands::directory::step) {
        let about = step.facts.get("server").map_or(String::new(), |server| format!(" ({server})"));
        match step.state.as_str() {
            "failed" => {
                state = "fail";
                facts.push(format!("{}{about}: {}", step.step, step.words.unwrap_or_default()));
            }
            "warned" if state == "ok" => state = "warn",
            _ => {}
        }
        if let Some(days) = step.facts.get("days") {
            facts.push(format!("the certificate{about} ends in {days} days"));
        }
    }
    Some(Check { name: "directory", state, facts })
}

/// Every way out that is known, tried from within.
fn probes(app: &App) -> Check {
    let (state, facts) = match sealing::probe(app) {
        Ok((tried, open)) if open.is_empty() => ("ok", vec![format!("{tried} ways out tried, none open")]),
        Ok((tried, open)) => {
            let mut facts = vec![format!("{tried} ways out tried, {} not refused", open.len())];
            facts.extend(open);
            ("fail", facts)
        }
        Err(e) => ("fail", vec![e.to_string()]),
    };
    Check { name: "probe", state, facts }
}

/// Swap may hold what was in memory, on disk and in the clear.
fn swap() -> Check {
    let table = std::fs::read_to_string("/proc/swaps").unwrap_or_default();
    let areas: Vec<_> = table.lines().skip(1).filter_map(|l| l.split_whitespace().next()).collect();
    let open: Vec<_> = areas.iter().filter(|area| !is_encrypted(area) && !area.starts_with("/dev/zram")).collect();
    match (areas.is_empty(), open.is_empty()) {
        (true, _) => Check { name: "swap", state: "ok", facts: vec!["none".to_owned()] },
        (_, true) => {
            Check { name: "swap", state: "ok", facts: vec![format!("{}: not on disk in the clear", areas.join(", "))] }
        }
        _ => Check {
            name: "swap",
            state: "warn",
            facts: vec![format!(
                "{}: what is in memory may be written there in the clear; use encrypted swap or none",
                areas.join(", ")
            )],
        },
    }
}

/// Whether a block device is a dm-crypt mapping: its UUID in sysfs begins with `CRYPT-`.
fn is_encrypted(device: &str) -> bool {
    let name = std::fs::canonicalize(device).ok();
    let name = name.as_deref().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    std::fs::read_to_string(format!("/sys/block/{name}/dm/uuid")).is_ok_and(|uuid| uuid.starts_with("CRYPT-"))
}

fn disk(data: &Path) -> Check {
    let place = data.ancestors().find(|p| p.exists()).unwrap_or(Path::new("/"));
    match rustix::fs::statvfs(place) {
        Ok(s) => {
            let free = s.f_bavail.saturating_mul(s.f_frsize) as f64 / f64::from(1 << 30);
            let state = if free >= 5.0 { "ok" } else { "warn" };
            Check { name: "disk", state, facts: vec![format!("{free:.1} GiB free at {}", place.display())] }
        }
        Err(e) => Check { name: "disk", state: "warn", facts: vec![format!("{}: {e}", place.display())] },
    }
}

/// Where to look for an incident.
fn messages(data: &Path) -> Check {
    let folder = operational::folder(data);
    let (files, bytes) = operational::extent(&folder);
    let facts = vec![format!("{}: {files} files, {} KiB", folder.display(), bytes.div_ceil(1024))];
    Check { name: "messages", state: "ok", facts }
}
