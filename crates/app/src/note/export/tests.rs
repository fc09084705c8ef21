//! Whatever a person says or writes stays text in every form: nothing of it becomes markup, nothing is lost.

use super::{Page, Shown, docx, markdown};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use quick_xml::{Reader, events::Event as Xml};
use std::io::{Cursor, Read};

fn page(sentences: &[String]) -> Page {
    let shown = |s: &String| Shown {
        field: "Symptoms".into(),
        value: s.clone(),
        standing: "accepted".into(),
        quote: s.clone(),
        at: "0:04".into(),
    };
    Page {
        title: "Visit note".into(),
        facts: vec![("Patient", sentences.first().cloned().unwrap_or_default())],
        sections: vec![("Plan".into(), sentences.to_vec())],
        signer: "ada <admin> & co".into(),
        signed: "2026-11-24 09:12 UTC".into(),
        sha256: "a".repeat(64),
        evidence: Some(sentences.iter().map(shown).collect()),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// List points and table cells as a reader of Markdown sees them.
fn read_markdown(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut points, mut cells) = (Vec::new(), Vec::new());
    let mut open: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Item | Tag::TableCell) => open = Some(String::new()),
            Event::End(TagEnd::Item) => points.extend(open.take()),
            Event::End(TagEnd::TableCell) => cells.extend(open.take()),
            Event::Text(t) => open.iter_mut().for_each(|o| o.push_str(&t)),
            Event::Start(
                Tag::Heading { .. } | Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::List(None) | Tag::Paragraph,
            )
            | Event::End(_)
            | Event::Rule
            | Event::HardBreak => {}
            other => panic!("{other:?} in {text}"),
        }
    }
    (points, cells)
}

/// The text of each `w:t`.
fn read_docx(bytes: &[u8]) -> Vec<String> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut texts = Vec::new();
    for i in 0..zip.len() {
        let mut xml = String::new();
        zip.by_index(i).unwrap().read_to_string(&mut xml).unwrap();
        let mut reader = Reader::from_str(&xml);
        let mut open: Option<String> = None;
        loop {
            match reader.read_event().unwrap() {
                Xml::Start(e) if e.name().as_ref() == "w:t" => open = Some(String::new()),
                Xml::End(e) if e.name().as_ref() == "w:t" => texts.extend(open.take()),
                Xml::Text(t) => open.iter_mut().for_each(|o| o.push_str(&t)),
                Xml::GeneralRef(r) => {
                    let c = match r.as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        other => panic!("{other}"),
                    };
                    open.iter_mut().for_each(|o| o.push(c));
                }
                Xml::Eof => break,
                _ => {}
            }
        }
    }
    texts
}

proptest! {
    #[test]
    fn no_text_becomes_markup(sentences in prop::collection::vec("[a-zé0-9 *_`\\[\\]<>#|~&!().+=:\\-\\\\$\"'/@\u{202e}漢]{1,40}", 1..5)) {
        let sentences: Vec<String> = sentences.iter().map(|s| one_line(s)).filter(|s| !s.is_empty()).collect();
        prop_assume!(!sentences.is_empty());
        let (points, cells) = read_markdown(&markdown::markdown(&page(&sentences)));
        prop_assert_eq!(&points[1..], &sentences[..]);
        for s in &sentences {
            prop_assert!(cells.contains(s), "{s:?} in {cells:?}");
        }
    }

    #[test]
    fn no_text_breaks_a_word_document(sentences in prop::collection::vec("\\PC{0,40}|.{0,40}", 1..5)) {
        let texts = read_docx(&docx::docx(&page(&sentences)).unwrap());
        for s in &sentences {
            let spaced = s.chars().map(|c| if matches!(c, '\t' | '\n' | '\r') { ' ' } else { c });
            let kept: String = spaced.filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect();
            prop_assert!(texts.contains(&kept), "{s:?} in {texts:?}");
        }
    }
}

#[test]
fn signs_at_the_beginning_are_no_list() {
    let said: Vec<String> =
        ["1. Rest.", "- no", "+1", "= same", "# 4711", "2) go", "![x](y)", "<b>bold</b>", "a | b", "https://x.org"]
            .map(str::to_owned)
            .to_vec();
    let (points, _) = read_markdown(&markdown::markdown(&page(&said)));
    assert_eq!(points[1..], said[..]);
}
