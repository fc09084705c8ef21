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
    let mut seen = 0;
    for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        let (high, low) = (VALUES[usize::from(pair[0])], VALUES[usize::from(pair[1])]);
        seen |= high | low;
        *byte = (high << 4) | (low & 15);
    }
    (seen < NO_DIGIT).then_some(out)
}

const NO_DIGIT: u8 = 0x80;

/// The value of each character. A table and no branch per digit: a line holds 256 of them, and reading a long log is
/// reading little else.
const VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        values[DIGITS[value] as usize] = value as u8;
        value += 1;
    }
    values
};

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
