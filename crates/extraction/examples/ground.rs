//! Grounds answers that were made elsewhere, to study the rules without a model.
//!
//! `ground prompt SCHEMA` prints the fixed part of the prompt and the schema for decoding as one JSON object.
//! `ground answers SCHEMA < ANSWERS` reads JSON Lines `{"id", "text", "answer"}`, or for a document read in windows
//! `{"id", "text", "answers": [{"start", "end", "answer"}]}`, and prints `{"id", "pred", "findings", "status", "reasons"}`.
#![allow(clippy::print_stdout, reason = "a command line")]

use cloister_extraction::ground::{ground, ground_windows};
use cloister_extraction::{prompt, schema::Schema, text::Span};
use serde_json::{Value, json};
use std::io::BufRead;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(mode), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("usage: ground prompt|answers SCHEMA".into());
    };
    let definition: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    let schema = Schema::parse(&definition).map_err(|faults| format!("{faults:?}"))?;
    if mode == "prompt" {
        println!("{}", json!({"instructions": prompt::instructions(&schema), "schema": schema.for_decoding()}));
        return Ok(());
    }
    for line in std::io::stdin().lock().lines() {
        let record: Value = serde_json::from_str(&line?)?;
        let text = record.get("text").and_then(Value::as_str).ok_or("a line without \"text\"")?;
        let grounding = match record.get("answers").and_then(Value::as_array) {
            Some(parts) => ground_windows(&schema, text, &parts.iter().filter_map(window).collect::<Vec<_>>()),
            None => ground(&schema, text, record.get("answer").unwrap_or(&Value::Null)),
        };
        let out = json!({
            "id": record.get("id"),
            "pred": grounding.fields,
            "findings": grounding.findings,
            "status": grounding.status,
            "reasons": grounding.reasons,
        });
        println!("{out}");
    }
    Ok(())
}

/// One window of a document with its answer.
fn window(part: &Value) -> Option<(Span, Value)> {
    let offset = |name: &str| part.get(name)?.as_u64().and_then(|n| usize::try_from(n).ok());
    Some((Span::new(offset("start")?, offset("end")?), part.get("answer")?.clone()))
}
