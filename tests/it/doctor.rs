//! What the workstation says of itself.

use cloister_testkit::Workstation;

#[test]
fn doctor_needs_no_vault_and_says_what_is_there() {
    let station = Workstation::bare().unwrap();
    let out = station.cloister(["doctor"]).anonymous().run().unwrap().succeeded().unwrap();
    let said = out.stdout.to_lowercase();
    for topic in ["processor", "memory", "engine", "model", "isolation", "swap", "disk", "messages", "accelerator"] {
        assert!(said.contains(topic), "nothing about {topic}:\n{}", out.stdout);
    }
    assert!(!station.data().join("keyring.json").exists());
    let json = station.cloister(["doctor", "--json"]).anonymous().run().unwrap().succeeded().unwrap().json().unwrap();
    for check in json["checks"].as_array().unwrap() {
        assert!(["ok", "warn", "fail"].contains(&check["state"].as_str().unwrap()), "{check}");
        assert!(!check["facts"].as_array().unwrap().is_empty(), "{check}");
    }
}

#[test]
fn the_arithmetic_asked_for_is_the_one_in_use() {
    let station = Workstation::bare().unwrap();
    let engine = |asked: Option<&str>| {
        let doctor = station.cloister(["doctor", "--json"]).anonymous();
        let doctor = asked.into_iter().fold(doctor, |doctor, path| doctor.env("CLOISTER_CPU", path));
        let said = doctor.run().unwrap().succeeded().unwrap().json().unwrap();
        let engine = said["checks"].as_array().unwrap().iter().find(|c| c["name"] == "engine").unwrap();
        engine["facts"].to_string()
    };
    assert!(engine(Some("scalar")).contains("reads reports with scalar"));
    let best = engine(None);
    let with = |path: &str| best.contains(&format!("reads reports with {path}"));
    assert!(with("avx512-vnni") || with("avx-vnni") || with("avx2") || with("scalar"), "{best}");
    if !with("scalar") {
        assert!(engine(Some("avx2")).contains("reads reports with avx2"));
    }
    if std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default().contains(" avx_vnni ") {
        assert!(engine(Some("avx-vnni")).contains("reads reports with avx-vnni"));
    }
}

#[test]
fn the_kernel_keeps_the_command_line_and_the_engine_in() {
    let station = Workstation::bare().unwrap();
    // Debian 12's kernel has version 2 of Landlock; newer ones more.
    for newest in ["2", "99"] {
        let doctor = station.cloister(["doctor", "--probe", "--json"]).anonymous().env("CLOISTER_LANDLOCK", newest);
        let examined = doctor.run().unwrap().succeeded().unwrap().json().unwrap();
        let check = |name: &str| {
            let checks = examined["checks"].as_array().unwrap();
            checks.iter().find(|c| c["name"] == name).unwrap().clone()
        };
        assert_eq!(check("isolation")["state"], "ok", "{examined}");
        let facts = check("isolation")["facts"].to_string();
        for fact in [
            "cli: seccomp: filter in force",
            "engine: seccomp: filter in force",
            "sockets AF_UNIX only",
            "no sockets",
            "no file may be opened",
            "cli: core dumps: off; memory closed to other programs",
            "engine: core dumps: off; memory closed to other programs",
        ] {
            assert!(facts.contains(fact), "no word of \"{fact}\": {facts}");
        }
        assert_eq!(facts.contains("Landlock: version 2, no file may be opened"), newest == "2", "{facts}");
        let probe = check("probe");
        assert_eq!(probe["state"], "ok", "{probe}");
        let tried: u32 = probe["facts"][0].as_str().unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!(tried >= 60, "only {tried} ways out were tried");
    }
}
