//! Where in a JSON text the model is writing, and whether it goes in circles.

/// Follows JSON on one line byte by byte. The grammar has made sure that the bytes are JSON; this only keeps its place.
#[derive(Default)]
pub(super) struct Cursor {
    bytes: Vec<u8>,
    frames: Vec<Frame>,
    /// Start of the string being written, its quote excluded.
    string: Option<usize>,
    escaped: bool,
    /// Start of the number or word being written.
    scalar: Option<usize>,
    /// Up to here the text is a container's start or a whole value: closing it there adds nothing.
    safe: usize,
}

enum Frame {
    Object { value_next: bool },
    Array(Items),
}

/// The items of an array so far.
struct Items {
    /// Start of the item being written.
    start: usize,
    seen: Vec<std::ops::Range<usize>>,
    /// How many items in a row had been seen before, and how many were their neighbour's equals.
    stale: usize,
    same: usize,
    /// End of the last item that was new.
    keep: usize,
}

/// An array loops when this many items in a row were all seen in it before …
const STALE_ITEMS: usize = 4;
/// … or equal the item before them.
const SAME_ITEMS: usize = 2;
/// A string loops when its end repeats one stretch at least this often over at least this many bytes.
const REPEATS: usize = 4;
const REPEATED_BYTES: usize = 48;
/// Longest stretch looked for.
const LONGEST_PERIOD: usize = 100;
/// No number or word in a record is longer.
const LONGEST_SCALAR: usize = 40;

/// Text that goes in circles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loop {
    /// An array's items: what follows `keep` repeats what comes before.
    Items { keep: usize },
    /// A string's content, in the same way.
    Text { keep: usize },
    /// A number without end.
    Scalar,
}

impl Cursor {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut cursor = Self::default();
        cursor.push(bytes);
        cursor
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) const fn safe(&self) -> usize {
        self.safe
    }

    pub(super) const fn in_string(&self) -> bool {
        self.string.is_some()
    }

    /// The content so far of the string being written, if it is a value.
    pub(super) fn open_text(&self) -> Option<&str> {
        let is_key = matches!(self.frames.last(), Some(Frame::Object { value_next: false }));
        let content = self.bytes.get(self.string.filter(|_| !is_key)?..)?;
        std::str::from_utf8(content).ok()
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.bytes.push(byte);
            self.step(byte);
        }
    }

    fn step(&mut self, byte: u8) {
        let end = self.bytes.len();
        if self.string.is_some() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.string = None;
                    if !matches!(self.frames.last(), Some(Frame::Object { value_next: false })) {
                        self.value_ends(end);
                    }
                }
                _ => {}
            }
            return;
        }
        if self.scalar.is_some() && matches!(byte, b',' | b']' | b'}') {
            self.scalar = None;
            self.value_ends(end - 1);
        }
        match byte {
            b'"' => self.string = Some(end),
            // A space stands between items, and is no part of one.
            b' ' => {
                if let Some(Frame::Array(items)) = self.frames.last_mut()
                    && items.start + 1 == end
                {
                    items.start = end;
                }
            }
            b':' => {
                if let Some(Frame::Object { value_next }) = self.frames.last_mut() {
                    *value_next = true;
                }
            }
            b'{' => {
                self.frames.push(Frame::Object { value_next: false });
                self.safe = end;
            }
            b'[' => {
                self.frames.push(Frame::Array(Items { start: end, seen: vec![], stale: 0, same: 0, keep: end }));
                self.safe = end;
            }
            b'}' | b']' => {
                self.frames.pop();
                self.value_ends(end);
            }
            b',' => {
                if let Some(Frame::Array(items)) = self.frames.last_mut() {
                    items.start = end;
                }
            }
            _ => {
                self.scalar.get_or_insert(end - 1);
            }
        }
    }

    fn value_ends(&mut self, end: usize) {
        self.safe = end;
        match self.frames.last_mut() {
            Some(Frame::Object { value_next }) => *value_next = false,
            Some(Frame::Array(items)) => items.end(&self.bytes, end),
            None => {}
        }
    }

    /// Whether what is being written goes in circles.
    pub(super) fn looping(&self) -> Option<Loop> {
        for frame in &self.frames {
            if let Frame::Array(items) = frame
                && (items.stale >= STALE_ITEMS || items.same >= SAME_ITEMS)
            {
                return Some(Loop::Items { keep: items.keep });
            }
        }
        if self.scalar.is_some_and(|start| self.bytes.len() - start > LONGEST_SCALAR) {
            return Some(Loop::Scalar);
        }
        let start = self.string?;
        let keep = first_period_end(&self.bytes[start..])?;
        Some(Loop::Text { keep: start + whole_characters(&self.bytes[start..], keep) })
    }
}

impl Items {
    fn end(&mut self, bytes: &[u8], end: usize) {
        let item = self.start..end;
        let known = self.seen.iter().any(|s| bytes[s.clone()] == bytes[item.clone()]);
        let same = self.seen.last().is_some_and(|s| bytes[s.clone()] == bytes[item.clone()]);
        self.same = if same { self.same + 1 } else { 0 };
        if known {
            self.stale += 1;
        } else {
            self.stale = 0;
            self.keep = end;
        }
        self.seen.push(item);
    }
}

/// If `text` ends in one stretch repeated over and over, where its first copy ends.
fn first_period_end(text: &[u8]) -> Option<usize> {
    for period in 1..=LONGEST_PERIOD {
        let needed = (period * REPEATS).max(REPEATED_BYTES);
        if text.len() < needed {
            return None;
        }
        let repeated = text.iter().rev().zip(text.iter().rev().skip(period)).take_while(|(a, b)| a == b).count();
        if repeated + period >= needed {
            return Some(text.len() - repeated);
        }
    }
    None
}

/// The longest start of a string's content, at most `end` bytes, that cuts neither a character nor an escape.
fn whole_characters(content: &[u8], end: usize) -> usize {
    let mut whole = 0;
    let mut at = 0;
    while at < end {
        at += match content[at] {
            b'\\' => 2,
            0x00..=0x7f => 1,
            0x80..=0xdf => 2,
            0xe0..=0xef => 3,
            _ => 4,
        };
        if at <= end {
            whole = at;
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn looping(text: &str) -> Option<Loop> {
        Cursor::of(text.as_bytes()).looping()
    }

    #[test]
    fn the_safe_point_is_behind_the_last_whole_value() {
        for (text, safe) in [
            ("{", "{"),
            ("{\"a\":[\"x\",\"y", "{\"a\":[\"x\""),
            ("{\"a\":[\"x\",", "{\"a\":[\"x\""),
            ("{\"a\":12", "{"),
            ("{\"a\":12,\"b\":tr", "{\"a\":12"),
            ("{\"a\":{\"n\":\"q\\\"\",\"d", "{\"a\":{\"n\":\"q\\\"\""),
            ("{\"a\":[{\"n\":\"q\"}", "{\"a\":[{\"n\":\"q\"}"),
            ("{\"a\":\"[,{\"}", "{\"a\":\"[,{\"}"),
        ] {
            assert_eq!(&text[..Cursor::of(text.as_bytes()).safe()], safe, "{text}");
        }
    }

    #[test]
    fn spaces_between_values_are_no_part_of_them() {
        let text = "{\"a\": [\"x\", \"y\", \"y\", \"y\"";
        assert_eq!(looping(text), Some(Loop::Items { keep: 15 }));
        assert_eq!(looping("[1, 1, 1, "), Some(Loop::Items { keep: 2 }));
        for (text, safe) in
            [("{\"a\": 12, \"b\": tr", "{\"a\": 12"), ("{\"a\": ", "{"), ("{\"a\": [\"x\", ", "{\"a\": [\"x\"")]
        {
            assert_eq!(&text[..Cursor::of(text.as_bytes()).safe()], safe, "{text}");
        }
    }

    #[test]
    fn an_open_value_is_known_and_a_key_is_none() {
        let open = |text: &str| Cursor::of(text.as_bytes()).open_text().map(str::to_owned);
        assert_eq!(open("{\"a\":[\"x\",\"yé"), Some("yé".to_owned()));
        assert_eq!(open("{\"a\":\""), Some(String::new()));
        assert_eq!(open("{\"a"), None);
        assert_eq!(open("{\"a\":\"b\",\"c"), None);
        assert_eq!(open("{\"a\":\"b\""), None);
    }

    #[test]
    fn repeated_items_are_a_loop_and_a_few_equal_ones_are_none() {
        assert_eq!(looping("{\"a\":[\"x\",\"y\",\"y\",\"z\",\"x\""), None);
        assert_eq!(looping("{\"a\":[\"x\",\"y\",\"y\",\"y\""), Some(Loop::Items { keep: 13 }));
        assert_eq!(looping("[\"x\",\"y\",\"x\",\"y\",\"x\",\"y\""), Some(Loop::Items { keep: 8 }));
        assert_eq!(looping("[{\"n\":1},{\"n\":1},{\"n\":1}"), Some(Loop::Items { keep: 8 }));
        assert_eq!(looping("[1,1,1,"), Some(Loop::Items { keep: 2 }));
        assert_eq!(looping("{\"a\":[\"x\",\"x\",\"x\"],"), None, "the array has ended");
    }

    #[test]
    fn a_repeating_text_is_a_loop_cut_after_its_first_round() {
        let text = format!("[\"start {}", "no pain, ".repeat(8));
        let Some(Loop::Text { keep }) = looping(&text) else { unreachable!("a loop") };
        assert_eq!(&text[..keep], "[\"start no pain,");
        assert_eq!(looping("[\"no pain, no cough, no pain, no fever, no pain, no chills, no pain"), None);
        let text = format!("[\"{}", "\\n".repeat(40));
        let Some(Loop::Text { keep }) = looping(&text) else { unreachable!("a loop") };
        assert_eq!(&text[..keep], "[\"\\n");
        let text = format!("[\"{}", "é".repeat(40));
        let Some(Loop::Text { keep }) = looping(&text) else { unreachable!("a loop") };
        assert_eq!(&text[..keep], "[\"é");
        assert_eq!(looping(&format!("[0.{}", "3".repeat(50))), Some(Loop::Scalar));
    }
}
