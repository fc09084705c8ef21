//! A note as a PDF.

use super::Page;
use crate::{
    AppError,
    pdf::{Column, Document, Ink, Style},
};

const WORDS: Style = Style { size: 10.5, bold: false, ink: Ink::Text, leading: 16.0 };

pub(super) fn pdf(page: &Page) -> Result<Vec<u8>, AppError> {
    let short = page.sha256.get(..16).unwrap_or_default();
    let footer = format!("{} · SHA-256 {short}…", page.signature());
    let mut d = Document::new(&page.title, &footer)?;
    // A letter that the type has no sign for would be a blank box in a clinical document.
    let sentences = page.sections.iter().flat_map(|(_, s)| s).chain(page.facts.iter().map(|(_, v)| v));
    let quotes = page.evidence.iter().flatten().flat_map(|e| [&e.value, &e.quote, &e.standing]);
    if let Some(c) = sentences.chain(quotes).chain([&page.signer]).find_map(|text| d.missing(text)) {
        return Err(AppError::Form(format!(
            "the PDF's type has no sign for U+{:04X}; DOCX, Markdown and FHIR hold every script",
            u32::from(c)
        )));
    }
    d.paragraph("CLOISTER", Style::SMALL.bold().ink(Ink::Accent));
    d.space(5.0);
    d.paragraph(&page.title, Style::TITLE);
    let facts: Vec<String> = page.facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let (last, first) = if facts.len() > 3 { (facts.last(), &facts[..3]) } else { (None, &facts[..]) };
    d.paragraph(&first.join("  ·  "), Style::BODY.size(11.0).ink(Ink::Quiet));
    if let Some(reason) = last {
        d.paragraph(reason, Style::BODY.ink(Ink::Quiet));
    }
    d.space(4.0);
    for (title, sentences) in &page.sections {
        d.heading(title);
        for sentence in sentences {
            d.point(sentence, WORDS);
        }
    }
    d.need(90.0);
    d.space(24.0);
    d.rule();
    d.space(8.0);
    d.paragraph(&page.signature(), Style::BODY.bold());
    d.paragraph(&page.fixed(), Style::SMALL);
    if let Some(evidence) = &page.evidence {
        // An appendix, on pages of its own.
        d.need(Document::height());
        d.heading("Evidence");
        d.paragraph(
            "Every finding that was decided, with the words of the visit that it rests on and when they were said.",
            Style::SMALL,
        );
        d.space(8.0);
        let column = |heading, share| Column { heading, share, right: false };
        let columns = [
            column("Field", 1.7),
            column("Value", 2.2),
            column("Decision", 1.7),
            column("Words of the visit", 3.4),
            Column { heading: "At", share: 0.7, right: true },
        ];
        let row = |e: &super::Shown| {
            let quote = if e.quote.is_empty() { String::new() } else { format!("“{}”", e.quote) };
            vec![e.field.clone(), e.value.clone(), e.standing.clone(), quote, e.at.clone()]
        };
        d.table(&columns, &evidence.iter().map(row).collect::<Vec<_>>());
    }
    d.finish()
}
