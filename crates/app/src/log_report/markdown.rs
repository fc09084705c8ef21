//! The report as Markdown.

use super::{compliance, date, findings, moment, number, period, security_events, who, words, zone};
use crate::dto::LogReportDto;
use std::fmt::Write;

/// The whole report. The headings and the summary are those that security reviewers know from such reports.
pub(crate) fn markdown(r: &LogReportDto) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_report(r, &mut out);
    out
}

fn write_report(r: &LogReportDto, out: &mut String) -> std::fmt::Result {
    writeln!(out, "# Cloister Security Audit Report\n\nPeriod: {}\n", period(r))?;
    writeln!(out, "## Summary\n")?;
    writeln!(out, "- Total Extractions: {}", number(r.extractions))?;
    writeln!(out, "- Unique Users: {}", number(r.unique_users))?;
    writeln!(out, "- Security Events: {}", security_events(r))?;
    writeln!(out, "- Compliance Status: {}", compliance(r))?;
    writeln!(out, "\n## Details\n")?;
    findings(r).iter().try_for_each(|finding| writeln!(out, "- {finding}"))?;
    table(
        out,
        "Security events",
        &["Line", "When", "Alert", "Count", "State"],
        r.alerts.iter().map(|a| {
            let state = match (&a.acknowledged, &a.acknowledged_reason) {
                (Some(at), reason) => {
                    format!("{}, {}", words(reason.as_deref().unwrap_or("looked at")), moment(at, r.offset_minutes))
                }
                (None, _) => "Open".to_owned(),
            };
            let count = a.count.map_or_else(String::new, number);
            vec![a.seq.to_string(), moment(&a.time, r.offset_minutes), words(&a.kind), count, state]
        }),
    )?;
    table(
        out,
        "People",
        &["Name", "Role", "Sign-ins", "Failed", "Records opened", "Extractions", "Exports", "Turned away"],
        r.people.iter().map(|p| {
            let role = p.role.clone().unwrap_or_default();
            let numbers = [p.sign_ins, p.failed_sign_ins, p.records, p.extractions, p.exports, p.denied].map(number);
            [who(p.name.as_ref(), &p.user_id), role].into_iter().chain(numbers).collect()
        }),
    )?;
    table(
        out,
        "Administration",
        &["Line", "When", "Act", "By", "Outcome"],
        r.administration.iter().map(|a| {
            let by = who(a.name.as_ref(), &a.user_id);
            vec![a.seq.to_string(), moment(&a.time, r.offset_minutes), words(&a.event_type), by, words(&a.outcome)]
        }),
    )?;
    if r.not_listed > 0 {
        writeln!(out, "\n{} further administrative acts stand in the log.", number(r.not_listed))?;
    }
    table(
        out,
        "Events by type",
        &["Chapter", "Event", "Acts", "Refused or failed"],
        r.event_types.iter().map(|e| vec![e.group.clone(), words(&e.event_type), number(e.acts), number(e.refused)]),
    )?;
    table(
        out,
        "Events by day",
        &["Day", "Lines", "Refused or failed", "Failed sign-ins"],
        r.days.iter().map(|d| vec![date(d), number(d.lines), number(d.refused), number(d.failed_sign_ins)]),
    )?;
    let range = match (r.first_seq, r.last_seq) {
        (Some(first), Some(last)) => format!("lines {} to {}", number(first), number(last)),
        _ => "no lines".to_owned(),
    };
    writeln!(
        out,
        "\n---\n\nMade {} by {} from {range} of the audit log. Times are {}. \"Compliant\" means that the log is intact \
         and every alert of the period was looked at; it is no judgement in law.{}",
        moment(&r.made, r.offset_minutes),
        r.made_by,
        zone(r.offset_minutes),
        r.verdict.head.as_ref().map_or_else(String::new, |head| format!(" The log's end: `{head}`.")),
    )
}

fn table(
    out: &mut String,
    title: &str,
    headings: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> std::fmt::Result {
    writeln!(out, "\n### {title}\n")?;
    let mut any = false;
    for row in rows {
        if !any {
            writeln!(out, "| {} |\n|{}", headings.join(" | "), " --- |".repeat(headings.len()))?;
            any = true;
        }
        let cells: Vec<_> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    if any { Ok(()) } else { writeln!(out, "None.") }
}
