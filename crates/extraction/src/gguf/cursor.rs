//! Little-endian reads that stop at the end of the file.

use super::GgufError;

pub(super) struct Cursor<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(file: &'a [u8]) -> Self {
        Self { file, at: 0 }
    }

    pub(super) const fn position(&self) -> u64 {
        self.at as u64
    }

    /// Refuses a count of things of at least `min_bytes` each that the rest of the file cannot hold.
    pub(super) fn check_count(&self, count: u64, min_bytes: u64, what: &'static str) -> Result<(), GgufError> {
        let left = (self.file.len() - self.at) as u64;
        match count.checked_mul(min_bytes) {
            Some(bytes) if bytes <= left => Ok(()),
            _ => Err(GgufError::Count { what, count }),
        }
    }

    pub(super) fn bytes(&mut self, len: usize, what: &str) -> Result<&'a [u8], GgufError> {
        let end = self.at.checked_add(len);
        let bytes = end
            .and_then(|end| self.file.get(self.at..end))
            .ok_or_else(|| GgufError::Truncated { what: what.to_owned() })?;
        self.at += len;
        Ok(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], GgufError> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N, what)?);
        Ok(array)
    }

    pub(super) fn u32(&mut self, what: &str) -> Result<u32, GgufError> {
        Ok(u32::from_le_bytes(self.array(what)?))
    }

    pub(super) fn u64(&mut self, what: &str) -> Result<u64, GgufError> {
        Ok(u64::from_le_bytes(self.array(what)?))
    }

    /// A length and that many bytes of UTF-8.
    pub(super) fn string(&mut self, max_bytes: usize, what: &'static str) -> Result<&'a str, GgufError> {
        let len = self.u64(what)?;
        let len = usize::try_from(len).ok().filter(|&len| len <= max_bytes).ok_or(GgufError::TooLong { what, len })?;
        std::str::from_utf8(self.bytes(len, what)?).map_err(|_| GgufError::NotUtf8 { what })
    }
}
