//! What this workstation can do, and why not.

use crate::{App, AppError, dto::ProcessProof, manifest};
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
pub(crate) fn examine(app: &App) -> Result<Examination, AppError> {
    let mut checks = vec![processor(), memory(), engine(app)];
    checks.extend(models(app)?);
    checks.push(isolation());
    checks.push(swap());
    checks.push(disk(app.data()));
    checks.push(device());
    Ok(Examination { checks })
}

/// What the kernel says of this process, read back and not assumed.
pub(crate) fn sealing() -> Vec<ProcessProof> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        status.lines().find_map(|l| l.strip_prefix(name)).map(|v| v.trim_start_matches(':').trim().to_owned())
    };
    let seccomp = field("Seccomp").unwrap_or_else(|| "unknown".to_owned());
    let filtered = seccomp == "2";
    let facts = vec![
        format!("Seccomp: {seccomp} ({})", if filtered { "a filter is in force" } else { "no filter" }),
        format!("NoNewPrivs: {}", field("NoNewPrivs").unwrap_or_else(|| "unknown".to_owned())),
    ];
    vec![ProcessProof {
        process: "main".to_owned(),
        state: if filtered { "enforced" } else { "not_enforced" }.to_owned(),
        facts,
    }]
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
            ("AVX-512 VNNI", std::arch::is_x86_feature_detected!("avx512vnni")),
        ];
        let have = |wanted: bool| features.iter().filter(|f| f.1 == wanted).map(|f| f.0).collect::<Vec<_>>().join(", ");
        facts.push(format!("has {}", have(true)));
        if !features[..3].iter().all(|f| f.1) {
            state = "fail";
            facts.push(format!("lacks {}, which the speech engine of this build needs", have(false)));
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

fn engine(app: &App) -> Check {
    let path = &app.engines().options().binary;
    match app.engines().without_model(|e| Ok(e.ready().build.clone())) {
        Ok(build) => Check { name: "engine", state: "ok", facts: vec![format!("{} ({build})", path.display())] },
        Err(e) => Check { name: "engine", state: "fail", facts: vec![format!("{}: {e}", path.display())] },
    }
}

fn models(app: &App) -> Result<Vec<Check>, AppError> {
    let folder = &app.engines().options().models;
    let row = |m: manifest::Model| {
        let r = m.row(folder, false);
        let state = match (r.state.as_str(), r.default) {
            ("present", _) => "ok",
            (_, true) => "fail",
            _ => "warn",
        };
        let facts = vec![format!("{} ({}): {}", r.name, r.task, r.state), format!("sha256 {}", r.sha256)];
        Check { name: "model", state, facts }
    };
    Ok(manifest::models()?.into_iter().map(row).collect())
}

fn isolation() -> Check {
    let proof = sealing().remove(0);
    let enforced = proof.state == "enforced";
    let mut facts = proof.facts;
    if !enforced {
        facts.push("no kernel rule denies network sockets to this process in this version".to_owned());
    }
    Check { name: "isolation", state: if enforced { "ok" } else { "warn" }, facts }
}

/// Swap may hold what was in memory, on disk and in the clear.
fn swap() -> Check {
    let table = std::fs::read_to_string("/proc/swaps").unwrap_or_default();
    let areas: Vec<_> = table.lines().skip(1).filter_map(|l| l.split_whitespace().next()).collect();
    if areas.is_empty() {
        return Check { name: "swap", state: "ok", facts: vec!["none".to_owned()] };
    }
    Check { name: "swap", state: "warn", facts: vec![format!("{}; use encrypted swap or none", areas.join(", "))] }
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

fn device() -> Check {
    Check {
        name: "accelerator",
        state: "ok",
        facts: vec!["none used: this build computes on the processor".to_owned()],
    }
}
