//! Rust source split into what the compiler reads and what people read.

/// The same lines twice: once with comments and the insides of literals blanked, once with the comments alone.
pub(super) struct RustCode {
    pub(super) code: Vec<String>,
    pub(super) comments: Vec<String>,
}

/// Split `text`. Lines correspond: line `n` of the source is entry `n - 1` of both lists.
pub(super) fn split(text: &str) -> RustCode {
    let mut scanner = Scanner { rest: text, code: vec![String::new()], comments: vec![String::new()] };
    while !scanner.rest.is_empty() {
        scanner.step();
    }
    RustCode { code: scanner.code, comments: scanner.comments }
}

struct Scanner<'a> {
    rest: &'a str,
    code: Vec<String>,
    comments: Vec<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Code,
    Comment,
    Literal,
}

impl Scanner<'_> {
    fn step(&mut self) {
        let rest = self.rest;
        if rest.starts_with("//") {
            self.advance(rest.find('\n').unwrap_or(rest.len()), Part::Comment);
        } else if rest.starts_with("/*") {
            self.advance(block_comment(rest), Part::Comment);
        } else if let Some(length) = raw_string(rest).filter(|_| !self.in_word()) {
            self.advance(length, Part::Literal);
        } else if rest.starts_with('"') {
            self.advance(quoted(rest, '"'), Part::Literal);
        } else if let Some(length) = character(rest) {
            self.advance(length, Part::Literal);
        } else {
            self.advance(rest.chars().next().map_or(0, char::len_utf8), Part::Code);
        }
    }

    /// Whether the next character continues an identifier, as the `r` of `for"` would.
    fn in_word(&self) -> bool {
        self.code.last().and_then(|line| line.chars().next_back()).is_some_and(is_word)
    }

    fn advance(&mut self, length: usize, part: Part) {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        for c in taken.chars() {
            if c == '\n' {
                self.code.push(String::new());
                self.comments.push(String::new());
                continue;
            }
            if let Some(line) = self.code.last_mut() {
                line.push(if part == Part::Code { c } else { ' ' });
            }
            if let Some(line) = self.comments.last_mut().filter(|_| part == Part::Comment) {
                line.push(c);
            }
        }
    }
}

/// Whether `word` stands in `line` as a word of its own.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Length of a block comment, which may hold others.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    for (at, pair) in text.as_bytes().windows(2).enumerate() {
        match pair {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return at + 2;
        }
    }
    text.len()
}

/// Length of a raw string literal, if one begins here.
fn raw_string(text: &str) -> Option<usize> {
    let after_r = ["r", "br", "cr"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
    let body = after_r.trim_start_matches('#');
    let hashes = "#".repeat(after_r.len() - body.len());
    let inside = body.strip_prefix('"')?;
    let end = format!("\"{hashes}");
    let begun = text.len() - inside.len();
    Some(inside.find(&end).map_or(text.len(), |at| begun + at + end.len()))
}

/// Length of a literal between `quote`s, escapes considered.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// Length of a character literal, if this is one and no lifetime.
fn character(text: &str) -> Option<usize> {
    let mut inside = text.strip_prefix('\'')?.chars();
    let literal = match inside.next()? {
        '\\' => true,
        _ => inside.next() == Some('\''),
    };
    literal.then(|| quoted(text, '\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_are_no_code() {
        let text = "let a = \"unsafe \\\" x\"; // unsafe\nlet b = r#\"unsafe \" unsafe\"#;\n/* a /* unsafe */ b */ f('\"', '\\'');";
        let RustCode { code, comments } = split(text);
        assert_eq!(code.len(), 3);
        assert!(code.iter().all(|line| !has_word(line, "unsafe")), "{code:?}");
        assert!(code[2].contains("f(") && code[2].trim_end().ends_with(");"), "{code:?}");
        assert!(has_word(&comments[0], "unsafe") && has_word(&comments[2], "unsafe"));
        assert_eq!(comments[1], "");
    }

    #[test]
    fn lifetimes_are_code() {
        let RustCode { code, .. } = split("fn f<'a>(x: &'a str) -> &'a str { unsafe { g(x) } } // 'tis done");
        assert!(has_word(&code[0], "unsafe"));
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("unsafe {", "unsafe"));
        assert!(!has_word("allow(unsafe_code)", "unsafe"));
        assert!(!has_word("not_unsafe", "unsafe"));
    }
}
