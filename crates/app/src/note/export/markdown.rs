//! A note as Markdown (CommonMark, with tables). Whatever was said stays text: no character of it is markup.

use super::Page;
use std::fmt::Write;

pub(super) fn markdown(page: &Page) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_page(page, &mut out);
    out
}

fn write_page(page: &Page, out: &mut String) -> std::fmt::Result {
    writeln!(out, "# {}\n", page.title)?;
    for (name, value) in &page.facts {
        writeln!(out, "- {name}: {}", plain(value))?;
    }
    for (title, sentences) in &page.sections {
        writeln!(out, "\n## {}\n", plain(title))?;
        sentences.iter().try_for_each(|s| writeln!(out, "- {}", plain(s)))?;
    }
    if let Some(evidence) = &page.evidence {
        writeln!(
            out,
            "\n## Evidence\n\n| Field | Value | Decision | Words of the visit | At |\n| --- | --- | --- | --- | --- |"
        )?;
        for e in evidence {
            let cells = [&e.field, &e.value, &e.standing, &e.quote, &e.at].map(|c| plain(c));
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
    }
    writeln!(out, "\n---\n\n{}  \n{}", plain(&page.signature()), page.fixed())
}

/// Text in which nothing is markup, on one line.
pub(super) fn plain(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(text.len() + 8);
    let mut numbered = true;
    for (i, c) in text.chars().enumerate() {
        let markup = matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '$')
            // A list, a heading's underline or a numbered list at the beginning; `!` before a bracket.
            || i == 0 && matches!(c, '-' | '+' | '=' | ':')
            || c == '!'
            || numbered && i > 0 && matches!(c, '.' | ')');
        numbered = numbered && c.is_ascii_digit();
        if markup {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
