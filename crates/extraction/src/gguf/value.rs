//! Typed metadata values.

use super::{GgufError, cursor::Cursor};

/// Longest metadata string, in bytes: chat templates run to some tens of kilobytes, vocabularies are arrays.
const MAX_STRING_BYTES: usize = 1 << 20;

/// A metadata value. Whole numbers and floats are widened to 64 bits.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// u8, u16, u32, u64.
    Unsigned(u64),
    /// i8, i16, i32, i64.
    Signed(i64),
    /// f32, f64.
    Float(f64),
    /// One byte, 0 or 1.
    Bool(bool),
    /// UTF-8.
    Str(&'a str),
    /// Values of one type.
    Array(Array<'a>),
}

/// An array of metadata values, by what their type widens to.
#[derive(Debug, Clone, PartialEq)]
pub enum Array<'a> {
    /// Unsigned whole numbers.
    Unsigned(Vec<u64>),
    /// Signed whole numbers.
    Signed(Vec<i64>),
    /// Floats.
    Float(Vec<f64>),
    /// Booleans.
    Bool(Vec<bool>),
    /// Strings, borrowed from the file.
    Str(Vec<&'a str>),
}

impl<'a> Value<'a> {
    pub(super) fn read(at: &mut Cursor<'a>, key: &str) -> Result<Self, GgufError> {
        let code = at.u32("metadata value type")?;
        Ok(match code {
            ARRAY => Self::Array(Array::read(at, key)?),
            STRING => Self::Str(at.string(MAX_STRING_BYTES, "metadata string")?),
            _ => Scalar::of(code, key)?.read(at, key)?,
        })
    }

    /// The text, if it is one.
    #[must_use]
    pub const fn as_str(&self) -> Option<&'a str> {
        match self {
            Self::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The whole number, if it is one that fits.
    #[must_use]
    pub fn as_u32(&self) -> Option<u32> {
        match self {
            Self::Unsigned(n) => u32::try_from(*n).ok(),
            Self::Signed(n) => u32::try_from(*n).ok(),
            _ => None,
        }
    }

    /// The float, if it is a finite one.
    #[must_use]
    pub fn as_f32(&self) -> Option<f32> {
        match self {
            Self::Float(x) => Some(*x as f32).filter(|x| x.is_finite()),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(*b),
            _ => None,
        }
    }
}

impl<'a> Array<'a> {
    fn read(at: &mut Cursor<'a>, key: &str) -> Result<Self, GgufError> {
        const WHAT: &str = "array values";
        let code = at.u32("array type")?;
        let count = at.u64("array length")?;
        if code == ARRAY {
            return Err(GgufError::NestedArray { key: key.to_owned() });
        }
        if code == STRING {
            // A string takes its eight-byte length at least, so this list is at most twice the size of the file.
            at.check_count(count, 8, WHAT)?;
            return (0..count)
                .map(|_| at.string(MAX_STRING_BYTES, "metadata string"))
                .collect::<Result<_, _>>()
                .map(Self::Str);
        }
        let scalar = Scalar::of(code, key)?;
        at.check_count(count, scalar.width(), WHAT)?;
        let mut array = match scalar {
            Scalar::U8 | Scalar::U16 | Scalar::U32 | Scalar::U64 => Self::Unsigned(vec![]),
            Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::I64 => Self::Signed(vec![]),
            Scalar::F32 | Scalar::F64 => Self::Float(vec![]),
            Scalar::Bool => Self::Bool(vec![]),
        };
        for _ in 0..count {
            match (&mut array, scalar.read(at, key)?) {
                (Self::Unsigned(list), Value::Unsigned(n)) => list.push(n),
                (Self::Signed(list), Value::Signed(n)) => list.push(n),
                (Self::Float(list), Value::Float(x)) => list.push(x),
                (Self::Bool(list), Value::Bool(b)) => list.push(b),
                _ => return Err(GgufError::UnknownValueType { key: key.to_owned(), code }),
            }
        }
        Ok(array)
    }

    /// The strings, if it holds strings.
    #[must_use]
    pub fn as_strs(&self) -> Option<&[&'a str]> {
        match self {
            Self::Str(list) => Some(list),
            _ => None,
        }
    }

    /// The value at `index` as a whole number.
    #[must_use]
    pub fn u32_at(&self, index: usize) -> Option<u32> {
        match self {
            Self::Unsigned(list) => u32::try_from(*list.get(index)?).ok(),
            Self::Signed(list) => u32::try_from(*list.get(index)?).ok(),
            _ => None,
        }
    }

    /// How many values.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Unsigned(list) => list.len(),
            Self::Signed(list) => list.len(),
            Self::Float(list) => list.len(),
            Self::Bool(list) => list.len(),
            Self::Str(list) => list.len(),
        }
    }

    /// No values.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

const STRING: u32 = 8;
const ARRAY: u32 = 9;

/// The value types of fixed width.
#[derive(Clone, Copy)]
enum Scalar {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    U64,
    I64,
    F64,
}

impl Scalar {
    fn of(code: u32, key: &str) -> Result<Self, GgufError> {
        Ok(match code {
            0 => Self::U8,
            1 => Self::I8,
            2 => Self::U16,
            3 => Self::I16,
            4 => Self::U32,
            5 => Self::I32,
            6 => Self::F32,
            7 => Self::Bool,
            10 => Self::U64,
            11 => Self::I64,
            12 => Self::F64,
            _ => return Err(GgufError::UnknownValueType { key: key.to_owned(), code }),
        })
    }

    const fn width(self) -> u64 {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    fn read<'a>(self, at: &mut Cursor<'a>, key: &str) -> Result<Value<'a>, GgufError> {
        const WHAT: &str = "metadata value";
        Ok(match self {
            Self::U8 => Value::Unsigned(u8::from_le_bytes(at.array(WHAT)?).into()),
            Self::U16 => Value::Unsigned(u16::from_le_bytes(at.array(WHAT)?).into()),
            Self::U32 => Value::Unsigned(u32::from_le_bytes(at.array(WHAT)?).into()),
            Self::U64 => Value::Unsigned(u64::from_le_bytes(at.array(WHAT)?)),
            Self::I8 => Value::Signed(i8::from_le_bytes(at.array(WHAT)?).into()),
            Self::I16 => Value::Signed(i16::from_le_bytes(at.array(WHAT)?).into()),
            Self::I32 => Value::Signed(i32::from_le_bytes(at.array(WHAT)?).into()),
            Self::I64 => Value::Signed(i64::from_le_bytes(at.array(WHAT)?)),
            Self::F32 => Value::Float(f32::from_le_bytes(at.array(WHAT)?).into()),
            Self::F64 => Value::Float(f64::from_le_bytes(at.array(WHAT)?)),
            Self::Bool => match at.array::<1>(WHAT)? {
                [0] => Value::Bool(false),
                [1] => Value::Bool(true),
                _ => return Err(GgufError::NotBoolean { key: key.to_owned() }),
            },
        })
    }
}
