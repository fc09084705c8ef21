//! The report as a PDF.

use super::{calendar, compliance, date, findings, moment, number, period, security_events, who, words, zone};
use crate::{
    AppError,
    dto::LogReportDto,
    pdf::{Column, Document, Ink, Style},
};

/// More types or days than this are left to the Markdown report and the window.
const MOST_ROWS: usize = 400;

/// The whole report, A4.
pub(crate) fn pdf(r: &LogReportDto) -> Result<Vec<u8>, AppError> {
    let footer = match (&r.verdict.head, r.last_seq) {
        (Some(head), Some(_)) => {
            format!("Cloister · log line {} · {}", number(r.verdict.last_seq.unwrap_or(0)), &head[..16.min(head.len())])
        }
        _ => "Cloister".to_owned(),
    };
    let mut d = Document::new("Cloister Security Audit Report", &footer)?;
    d.paragraph("CLOISTER", Style::SMALL.bold().ink(Ink::Accent));
    d.space(5.0);
    d.paragraph("Security Audit Report", Style::TITLE);
    d.paragraph(&format!("Period: {}", period(r)), Style::BODY.size(11.0).ink(Ink::Quiet));
    d.space(18.0);
    let events = if r.open_alerts > 0 { Ink::Danger } else { Ink::Text };
    let standing = if r.compliant { Ink::Good } else { Ink::Danger };
    d.figures(&[
        ("Total Extractions", number(r.extractions), Ink::Text),
        ("Unique Users", number(r.unique_users), Ink::Text),
        ("Security Events", security_events(r), events),
        ("Compliance Status", compliance(r).to_owned(), standing),
    ]);
    d.heading("Details");
    for finding in findings(r) {
        d.point(&finding, Style::BODY);
    }
    if !r.days.is_empty() {
        d.heading("Events by day");
        d.paragraph("Lines of the log; refused or failed ones in red at the foot of each bar.", Style::SMALL);
        d.space(10.0);
        let day = |x: &crate::dto::DayDto| (date(x).get(5..).unwrap_or_default().to_owned(), x.lines, x.refused);
        d.bars(&calendar(r).iter().map(day).collect::<Vec<_>>());
    }
    let alerts = r.alerts.iter().map(|a| {
        let state = match (&a.acknowledged, &a.acknowledged_reason) {
            (Some(at), reason) => {
                format!("{}, {}", words(reason.as_deref().unwrap_or("looked at")), moment(at, r.offset_minutes))
            }
            (None, _) => "Open".to_owned(),
        };
        let count = a.count.map_or_else(String::new, number);
        vec![number(a.seq), moment(&a.time, r.offset_minutes), words(&a.kind), count, state]
    });
    let columns = [right("Line", 1.0), left("When", 2.1), left("Alert", 2.2), right("Count", 1.4), left("State", 3.0)];
    section(&mut d, "Security events", &columns, alerts.collect());
    let people = r.people.iter().map(|p| {
        let numbers = [p.sign_ins, p.failed_sign_ins, p.records, p.extractions, p.exports, p.denied].map(number);
        [who(p.name.as_ref(), &p.user_id), p.role.clone().map(|role| words(&role)).unwrap_or_default()]
            .into_iter()
            .chain(numbers)
            .collect()
    });
    let columns = [
        left("Name", 2.6),
        left("Role", 1.8),
        right("Sign-ins", 1.2),
        right("Failed", 1.1),
        right("Records", 1.2),
        right("Extractions", 1.5),
        right("Exports", 1.2),
        right("Turned away", 1.6),
    ];
    section(&mut d, "People", &columns, people.collect());
    let acts = r.administration.iter().map(|a| {
        let by = who(a.name.as_ref(), &a.user_id);
        vec![number(a.seq), moment(&a.time, r.offset_minutes), words(&a.event_type), by, words(&a.outcome)]
    });
    let columns = [right("Line", 1.0), left("When", 2.1), left("Act", 2.4), left("By", 2.4), left("Outcome", 1.6)];
    section(&mut d, "Administration", &columns, acts.collect());
    if r.not_listed > 0 {
        d.space(6.0);
        d.paragraph(&format!("{} further administrative acts stand in the log.", number(r.not_listed)), Style::SMALL);
    }
    let types = r.event_types.iter();
    let types = types.map(|e| vec![e.group.clone(), words(&e.event_type), number(e.acts), number(e.refused)]);
    let columns = [left("Chapter", 3.0), left("Event", 3.0), right("Acts", 1.2), right("Refused or failed", 1.8)];
    section(&mut d, "Events by type", &columns, types.take(MOST_ROWS).collect());
    d.space(18.0);
    let range = match (r.first_seq, r.last_seq) {
        (Some(first), Some(last)) => format!("lines {} to {}", number(first), number(last)),
        _ => "no lines".to_owned(),
    };
    let made = format!(
        "Made {} by {} from {range} of the audit log. Times are {}. \"Compliant\" means that the log is intact and every \
         alert of the period was looked at; it is no judgement in law.",
        moment(&r.made, r.offset_minutes),
        r.made_by,
        zone(r.offset_minutes),
    );
    d.paragraph(&made, Style::SMALL);
    if let Some(head) = &r.verdict.head {
        d.paragraph(&format!("The log's end: {head}"), Style::SMALL);
    }
    d.finish()
}

const fn left(heading: &'static str, share: f32) -> Column {
    Column { heading, share, right: false }
}

const fn right(heading: &'static str, share: f32) -> Column {
    Column { heading, share, right: true }
}

fn section(d: &mut Document, title: &str, columns: &[Column], rows: Vec<Vec<String>>) {
    d.heading(title);
    if rows.is_empty() {
        d.paragraph("None.", Style::BODY.ink(Ink::Quiet));
    } else {
        d.table(columns, &rows);
    }
}
