//! Lower-case hexadecimal, read strictly: one digest has one spelling.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

pub(crate) fn push(bytes: &[u8], out: &mut Vec<u8>) {
    for b in bytes {
        out.push(DIGITS[usize::from(b >> 4)]);
        out.push(DIGITS[usize::from(b & 15)]);
    }
}

/// `None` unless `text` is exactly `2 N` lower-case digits.
pub(crate) fn read<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
    }
    Some(out)
}

const fn digit(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_lower_case_of_the_right_length_is_read() {
        let mut text = Vec::new();
        super::push(&[0x0f, 0xa0], &mut text);
        assert_eq!(text, b"0fa0");
        assert_eq!(super::read::<2>(b"0fa0"), Some([0x0f, 0xa0]));
        assert_eq!(super::read::<2>(b"0FA0"), None);
        assert_eq!(super::read::<2>(b"0fa"), None);
        assert_eq!(super::read::<2>(b"0fg0"), None);
    }
}
