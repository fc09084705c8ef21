//! GGUF model files: a reader of the header that trusts nothing it reads.
//!
//! GGUF (versions 2 and 3) is a header of typed metadata and tensor descriptions, then the tensors' bytes:
//! <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>. A model file comes from outside, so every count,
//! length, offset and shape is checked against the bytes that are there before anything is sized by it, and every
//! refusal names what was wrong. Strings are borrowed from the file: a header costs little more than its index.

mod cursor;
mod error;
mod tensor;
mod value;

pub use error::GgufError;
pub use tensor::{TensorInfo, TensorType};
pub use value::{Array, Value};

use cursor::Cursor;
use std::collections::HashMap;
use std::ops::Range;

/// Where tensors start when the file does not say: a multiple of this many bytes.
const DEFAULT_ALIGNMENT: u64 = 32;
/// Metadata keys and tensor names beyond these lengths (bytes) do not occur in real files.
const MAX_KEY_BYTES: usize = 1024;
const MAX_TENSOR_NAME_BYTES: usize = 256;
/// Fewest bytes that one metadata entry (length, type, one byte of value) or tensor description (length, rank,
/// type, offset) can take. A count that cannot fit in what is left of the file is a lie.
const MIN_ENTRY_BYTES: u64 = 8 + 4 + 1;
const MIN_TENSOR_BYTES: u64 = 8 + 4 + 4 + 8;

/// The header of a GGUF file: metadata by key, tensors by name.
#[derive(Debug)]
pub struct Header<'a> {
    version: u32,
    metadata: HashMap<&'a str, Value<'a>>,
    tensors: HashMap<&'a str, TensorInfo>,
}

impl<'a> Header<'a> {
    /// Reads and checks the header of `file`, the whole file's bytes. No tensor data is touched, but every tensor
    /// is known to lie inside the file, aligned, and apart from the others.
    ///
    /// # Errors
    /// The first thing found wrong.
    pub fn read(file: &'a [u8]) -> Result<Self, GgufError> {
        let mut at = Cursor::new(file);
        let version = read_magic_and_version(&mut at)?;
        let tensor_count = at.u64("tensor count")?;
        let metadata_count = at.u64("metadata count")?;
        let metadata = read_metadata(&mut at, metadata_count)?;
        let alignment = alignment(&metadata)?;
        let mut tensors = read_tensors(&mut at, tensor_count)?;
        place_tensors(&mut tensors, at.position(), alignment, file.len() as u64)?;
        Ok(Self { version, metadata, tensors })
    }

    /// The format's version, 2 or 3.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// A metadata value.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.metadata.get(key)
    }

    /// The tensor of this name.
    #[must_use]
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.get(name)
    }

    /// Every tensor, in no particular order.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &TensorInfo)> {
        self.tensors.iter().map(|(name, info)| (*name, info))
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// When it is missing or not a string.
    pub fn str(&self, key: &'static str) -> Result<&'a str, GgufError> {
        self.required(key)?.as_str().ok_or(GgufError::WrongType { key: key.to_owned(), expected: "a string" })
    }

    /// A whole number that must be there and fit `u32`.
    ///
    /// # Errors
    /// When it is missing, not a number, negative or too large.
    pub fn u32(&self, key: &str) -> Result<u32, GgufError> {
        self.required(key)?
            .as_u32()
            .ok_or_else(|| GgufError::WrongType { key: key.to_owned(), expected: "a whole number" })
    }

    /// A finite number that must be there.
    ///
    /// # Errors
    /// When it is missing, not a float, or not finite.
    pub fn f32(&self, key: &str) -> Result<f32, GgufError> {
        self.required(key)?
            .as_f32()
            .ok_or_else(|| GgufError::WrongType { key: key.to_owned(), expected: "a finite number" })
    }

    /// An array that must be there.
    ///
    /// # Errors
    /// When it is missing or not an array.
    pub fn array(&self, key: &str) -> Result<&Array<'a>, GgufError> {
        match self.required(key)? {
            Value::Array(array) => Ok(array),
            _ => Err(GgufError::WrongType { key: key.to_owned(), expected: "an array" }),
        }
    }

    fn required(&self, key: &str) -> Result<&Value<'a>, GgufError> {
        self.metadata.get(key).ok_or_else(|| GgufError::Missing { key: key.to_owned() })
    }
}

fn read_magic_and_version(at: &mut Cursor<'_>) -> Result<u32, GgufError> {
    if at.bytes(4, "magic").map_err(|_| GgufError::NotGguf)? != b"GGUF" {
        return Err(GgufError::NotGguf);
    }
    match at.u32("version")? {
        version @ (2 | 3) => Ok(version),
        version if matches!(version.swap_bytes(), 1..=3) => Err(GgufError::BigEndian),
        version => Err(GgufError::Version { version }),
    }
}

fn read_metadata<'a>(at: &mut Cursor<'a>, count: u64) -> Result<HashMap<&'a str, Value<'a>>, GgufError> {
    at.check_count(count, MIN_ENTRY_BYTES, "metadata entries")?;
    let mut metadata = HashMap::new();
    for _ in 0..count {
        let key = at.string(MAX_KEY_BYTES, "metadata key")?;
        let value = Value::read(at, key)?;
        if metadata.insert(key, value).is_some() {
            return Err(GgufError::DuplicateKey { key: key.to_owned() });
        }
    }
    Ok(metadata)
}

fn alignment(metadata: &HashMap<&str, Value<'_>>) -> Result<u64, GgufError> {
    let Some(value) = metadata.get("general.alignment") else { return Ok(DEFAULT_ALIGNMENT) };
    // The format asks for a multiple of 8; ggml itself for a power of two. 64 KiB is beyond any page or vector.
    match value.as_u32() {
        Some(a) if (8..=65_536).contains(&a) && a.is_power_of_two() => Ok(u64::from(a)),
        _ => Err(GgufError::Alignment),
    }
}

fn read_tensors<'a>(at: &mut Cursor<'a>, count: u64) -> Result<HashMap<&'a str, TensorInfo>, GgufError> {
    at.check_count(count, MIN_TENSOR_BYTES, "tensors")?;
    let mut tensors = HashMap::new();
    for _ in 0..count {
        let name = at.string(MAX_TENSOR_NAME_BYTES, "tensor name")?;
        let info = TensorInfo::read(at, name)?;
        if tensors.insert(name, info).is_some() {
            return Err(GgufError::DuplicateTensor { name: name.to_owned() });
        }
    }
    Ok(tensors)
}

/// Turns offsets relative to the data section into ranges of the file, and checks them.
fn place_tensors(
    tensors: &mut HashMap<&str, TensorInfo>,
    header_end: u64,
    alignment: u64,
    file_len: u64,
) -> Result<(), GgufError> {
    let data_start = header_end.next_multiple_of(alignment);
    let mut placed: Vec<(Range<u64>, &str)> = Vec::with_capacity(tensors.len());
    for (&name, info) in tensors.iter_mut() {
        if !info.offset.is_multiple_of(alignment) {
            return Err(GgufError::Misaligned { name: name.to_owned(), offset: info.offset });
        }
        let range = data_start
            .checked_add(info.offset)
            .and_then(|start| Some(start..start.checked_add(info.byte_len)?))
            .filter(|range| range.end <= file_len)
            .ok_or_else(|| GgufError::Truncated { what: format!("tensor {name}") })?;
        info.range = range.start as usize..range.end as usize;
        placed.push((range, name));
    }
    placed.sort_unstable_by_key(|(range, _)| range.start);
    for pair in placed.windows(2) {
        if let [(first, a), (second, b)] = pair
            && first.end > second.start
        {
            return Err(GgufError::Overlap { first: (*a).to_owned(), second: (*b).to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
