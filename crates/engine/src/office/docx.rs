//! The words of a Word document: paragraphs as lines, cells of a table with tabs between them.

use super::{open, text};
use cloister_engine_client::protocol::Fault;
use quick_xml::{Reader, events::Event};
use std::io::{BufRead, BufReader, Read, Seek};

/// The XML of the body: more is no letter.
const LONGEST_XML: u64 = 256 << 20;
/// The text that is taken as one report.
const LONGEST_TEXT: usize = 32 << 20;
/// Elements within elements; Word itself stays below 100.
const DEEPEST: usize = 1_000;

/// Reads the body's text. Deleted passages, fields' codes and fallback copies of text boxes are left out.
pub(crate) fn read_docx<R: Read + Seek>(source: R) -> Result<String, Fault> {
    let mut archive = open(source)?;
    let part = archive.by_name("word/document.xml").map_err(|_| text("there is no Word document in it"))?;
    let words = body(BufReader::new(part.take(LONGEST_XML)))?;
    if words.trim().is_empty() { Err(text("there is no text in it")) } else { Ok(words) }
}

fn body(xml: impl BufRead) -> Result<String, Fault> {
    let damaged = || text("its text is damaged, or longer than 256 MiB");
    let mut reader = Reader::from_reader(xml);
    let mut out = String::new();
    let mut block = Vec::new();
    let (mut depth, mut in_text, mut fallback) = (0usize, false, 0usize);
    let mut ended = false;
    loop {
        block.clear();
        match reader.read_event_into(&mut block).map_err(|_| damaged())? {
            Event::Start(e) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(text("its parts are nested deeper than a document's are"));
                }
                match e.local_name().as_ref() {
                    "Fallback" => fallback += 1,
                    "t" => in_text = fallback == 0,
                    "tbl" => line_end(&mut out),
                    _ => {}
                }
            }
            Event::Empty(e) if fallback == 0 => match e.local_name().as_ref() {
                "tab" => out.push('\t'),
                "br" | "cr" => out.push('\n'),
                "noBreakHyphen" => out.push('-'),
                "p" => out.push('\n'),
                _ => {}
            },
            Event::End(e) => {
                depth = depth.saturating_sub(1);
                match e.local_name().as_ref() {
                    "Fallback" => fallback = fallback.saturating_sub(1),
                    "t" => in_text = false,
                    "p" if fallback == 0 => out.push('\n'),
                    "tc" if fallback == 0 => {
                        // A cell's last paragraph has ended its line; the next cell goes on in it.
                        if out.ends_with('\n') {
                            out.pop();
                        }
                        out.push('\t');
                    }
                    "tr" if fallback == 0 => {
                        if out.ends_with('\t') {
                            out.pop();
                        }
                        out.push('\n');
                    }
                    "document" => ended = true,
                    _ => {}
                }
            }
            Event::Text(t) if in_text => out.push_str(&t),
            Event::CData(t) if in_text => out.push_str(&t),
            Event::GeneralRef(name) if in_text => out.push(character(&name).ok_or_else(damaged)?),
            Event::Eof => break,
            _ => {}
        }
        if out.len() > LONGEST_TEXT {
            return Err(text("its text is longer than 32 MiB; split it first"));
        }
    }
    if ended { Ok(out.replace('\0', " ")) } else { Err(damaged()) }
}

fn line_end(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// The character of a predefined or numeric reference. Documents cannot define others of their own here.
fn character(name: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = name.resolve_char_ref() {
        return Some(c);
    }
    match name.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};
    use zip::{ZipWriter, write::SimpleFileOptions};

    fn docx(xml: &str) -> Cursor<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
        zip.write_all(xml.as_bytes()).unwrap();
        zip.finish().unwrap()
    }

    fn p(words: &str) -> String {
        format!("<w:p><w:r><w:t xml:space=\"preserve\">{words}</w:t></w:r></w:p>")
    }

    fn document(inner: &str) -> String {
        format!("<w:document xmlns:w=\"w\"><w:body>{inner}</w:body></w:document>")
    }

    #[test]
    fn paragraphs_are_lines_and_cells_stand_side_by_side() {
        let cell = |s: &str| format!("<w:tc>{}</w:tc>", p(s));
        let row = |a, b| format!("<w:tr>{}{}</w:tr>", cell(a), cell(b));
        let table = format!("<w:tbl>{}{}</w:tbl>", row("Drug", "Dose"), row("ASA &lt;old&gt;", "100&#160;mg"));
        let deleted = "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>a</w:t><w:br/><w:t>b</w:t></w:r></w:p>";
        let xml = document(&format!("{}{table}{deleted}", p("Größe 170")));
        assert_eq!(read_docx(docx(&xml)).unwrap(), "Größe 170\nDrug\tDose\nASA <old>\t100\u{a0}mg\na\nb\n");
    }

    #[test]
    fn what_is_no_document_says_so_and_quotes_nothing() {
        let deep = document(&("<w:x>".repeat(5_000) + &"</w:x>".repeat(5_000)));
        let cut = document(&p("Quillfeather"));
        for bad in [docx("<w:document><w:p>"), docx(&deep), docx(&cut[..cut.len() - 20]), docx(&document(""))] {
            let words = read_docx(bad).unwrap_err().to_string();
            assert!(!words.contains("Quillfeather") && !words.is_empty());
        }
        assert!(read_docx(Cursor::new(b"PK\x03\x04 no".to_vec())).is_err());
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_unpacked() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
        for _ in 0..64 {
            zip.write_all(&[b' '; 1 << 20]).unwrap();
        }
        let words = read_docx(zip.finish().unwrap()).unwrap_err().to_string();
        assert!(words.contains("hundreds of times"), "{words}");
    }
}
