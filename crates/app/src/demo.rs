//! The bundled samples: a spoken visit and six reports of our own writing.

/// A clinic visit of two synthetic voices, Ogg Vorbis.
pub const VISIT_AUDIO: &[u8] = include_bytes!("../assets/demo/visit.ogg");
/// What to extract from the visit.
pub const VISIT_SCHEMA: &str = include_str!("../assets/demo/visit.schema.json");
/// Six reports, JSON Lines, with gold labels.
pub const REPORTS: &str = include_str!("../assets/demo/reports.jsonl");
/// What to extract from the reports.
pub const REPORT_SCHEMA: &str = include_str!("../assets/demo/report.schema.json");
