//! The TypeScript types about datasets and runs are generated from the Rust ones. `UPDATE_BINDINGS=1` writes them anew.

use cloister_app::research_dto::*;
use std::path::Path;
use ts_rs::{Config, TS};

#[test]
fn the_windows_research_types_are_those_of_rust() {
    let config = Config::default();
    let mut text = "// Generated from crates/app/src/research_dto.rs by ts-rs (crates/app/tests/research_bindings.rs). Do not edit.\n\n\
        import type { ExtractionDto, JsonValue } from \"./bindings.gen\";\n"
        .to_owned();
    macro_rules! types {
        ($($t:ty),+ $(,)?) => {$(
            text.push('\n');
            if let Some(docs) = <$t>::docs() {
                text.push_str(&docs);
            }
            text.push_str("export ");
            text.push_str(&<$t>::decl(&config));
            text.push('\n');
        )+};
    }
    types![
        FileFormat,
        SkippedRow,
        Duplicate,
        Preview,
        CountsDto,
        BatchDto,
        ResultRowDto,
        ResultPageDto,
        DecisionDto,
        ResultDetailDto,
        TrialResultDto,
        TrialDto,
        SchemaChange,
        Scores,
        Interval,
        FieldScore,
        Miss,
        Evaluation,
        Comparison,
    ];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/ipc/research.gen.ts");
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        kept == text,
        "ui/src/ipc/research.gen.ts is not up to date: run UPDATE_BINDINGS=1 cargo nextest run bindings"
    );
}
