/// Why a GGUF file is refused. Texts hold names from the file's header only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GgufError {
    /// The first four bytes are not `GGUF`.
    #[error("not a GGUF file")]
    NotGguf,
    /// A version whose layout is another one.
    #[error("GGUF version {version} (2 and 3 can be read)")]
    Version {
        /// As the file says.
        version: u32,
    },
    /// Written on a big-endian machine.
    #[error("a big-endian GGUF file; little-endian ones can be read")]
    BigEndian,
    /// The file ends before what its header promises.
    #[error("the file ends inside its {what}")]
    Truncated {
        /// What was being read.
        what: String,
    },
    /// A count that could not fit in the file.
    #[error("the file claims {count} {what}, more than its size can hold")]
    Count {
        /// Of what.
        what: &'static str,
        /// As claimed.
        count: u64,
    },
    /// A string longer than this kind of string may be.
    #[error("a {what} of {len} bytes")]
    TooLong {
        /// Which string.
        what: &'static str,
        /// Its claimed length.
        len: u64,
    },
    /// A string that is not UTF-8.
    #[error("a {what} that is not UTF-8")]
    NotUtf8 {
        /// Which string.
        what: &'static str,
    },
    /// A metadata type outside the format.
    #[error("the metadata value {key} has the unknown type {code}")]
    UnknownValueType {
        /// Its key.
        key: String,
        /// The type's number.
        code: u32,
    },
    /// A boolean other than 0 or 1.
    #[error("the metadata value {key} is neither true nor false")]
    NotBoolean {
        /// Its key.
        key: String,
    },
    /// An array of arrays: allowed by the format, used by no model.
    #[error("the metadata value {key} is an array of arrays")]
    NestedArray {
        /// Its key.
        key: String,
    },
    /// A key given twice.
    #[error("the metadata key {key} is given twice")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// A tensor name given twice.
    #[error("the tensor {name} is described twice")]
    DuplicateTensor {
        /// The name.
        name: String,
    },
    /// `general.alignment` is not a power of two between 8 and 65536.
    #[error("an impossible alignment")]
    Alignment,
    /// A tensor type that is unknown, or known and obsolete.
    #[error("the tensor {name} has the unknown type {code}")]
    UnknownTensorType {
        /// Its name.
        name: String,
        /// The type's number.
        code: u32,
    },
    /// No dimension, more than four, a zero one, a product beyond 64 bits, or rows that are not whole blocks.
    #[error("the tensor {name} has an impossible shape")]
    Shape {
        /// Its name.
        name: String,
    },
    /// An offset that is not a multiple of the alignment.
    #[error("the tensor {name} starts at the unaligned offset {offset}")]
    Misaligned {
        /// Its name.
        name: String,
        /// Relative to the data section.
        offset: u64,
    },
    /// Two tensors share bytes.
    #[error("the tensors {first} and {second} overlap")]
    Overlap {
        /// The one that starts first.
        first: String,
        /// The other.
        second: String,
    },
    /// A metadata value that the model needs is not there.
    #[error("the metadata value {key} is missing")]
    Missing {
        /// Its key.
        key: String,
    },
    /// A metadata value is there and something else.
    #[error("the metadata value {key} is not {expected}")]
    WrongType {
        /// Its key.
        key: String,
        /// What it should be.
        expected: &'static str,
    },
}
