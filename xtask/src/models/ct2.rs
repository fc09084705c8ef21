//! CTranslate2's `model.bin` (binary version 6): named tensors of a whisper model.
//!
//! Layout, little-endian: version, spec name, spec revision, variable count; per variable its name, rank (u8),
//! dimensions, element type (u8), byte length and bytes; then aliases, as pairs of names. A string is a u16 length,
//! terminating NUL included, and the bytes.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use half::f16;

use super::reader::Reader;

const BINARY_VERSION: u32 = 6;
const SPEC: &str = "WhisperSpec";

/// A parsed model that borrows its values from the file's bytes.
pub(super) struct Model<'a> {
    tensors: HashMap<String, Tensor<'a>>,
}

/// A dense row-major array.
#[derive(Debug, Clone)]
pub(super) struct Tensor<'a> {
    /// Dimensions, outermost first.
    pub(super) shape: Vec<usize>,
    element: Element,
    bytes: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    F32,
    I8,
    I16,
    I32,
    F16,
}

impl<'a> Model<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut from = Reader(bytes);
        let version = from.u32()?;
        ensure!(version == BINARY_VERSION, "CTranslate2 binary version {version} is not known here");
        let spec = string(&mut from)?;
        ensure!(spec == SPEC, "the model is a {spec}, not a {SPEC}");
        let _revision = from.u32()?;
        let mut tensors = HashMap::new();
        for _ in 0..from.count()? {
            let name = string(&mut from)?;
            let tensor = tensor(&mut from).with_context(|| name.clone())?;
            tensors.insert(name, tensor);
        }
        for _ in 0..from.count()? {
            let alias = string(&mut from)?;
            let name = string(&mut from)?;
            let tensor = tensors.get(&name).with_context(|| format!("{alias} stands for {name}, which is missing"))?;
            tensors.insert(alias, tensor.clone());
        }
        Ok(Self { tensors })
    }

    pub(super) fn tensor(&self, name: &str) -> Result<&Tensor<'a>> {
        self.tensors.get(name).with_context(|| format!("the model has no {name}"))
    }

    /// A scalar stored as an integer of any width.
    pub(super) fn integer(&self, name: &str) -> Result<i32> {
        let tensor = self.tensor(name)?;
        match (tensor.element, tensor.bytes) {
            (Element::I8, &[a]) => Ok(i32::from(a.cast_signed())),
            (Element::I16, &[a, b]) => Ok(i32::from(i16::from_le_bytes([a, b]))),
            (Element::I32, &[a, b, c, d]) => Ok(i32::from_le_bytes([a, b, c, d])),
            _ => bail!("{name} is not a single integer"),
        }
    }

    /// How many layers `stack` ("encoder" or "decoder") has.
    pub(super) fn layers(&self, stack: &str) -> usize {
        (0..).take_while(|i| self.tensors.contains_key(&format!("{stack}/layer_{i}/ffn/linear_0/weight"))).count()
    }
}

impl Tensor<'_> {
    /// The values as 32-bit floats (exact).
    pub(super) fn to_f32(&self) -> Result<Vec<f32>> {
        Ok(match self.element {
            Element::F32 => self.bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
            Element::F16 => self.bytes.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect(),
            other => bail!("{other:?} values where floats are expected"),
        })
    }

    /// The values as 16-bit floats (32-bit ones are rounded to nearest, ties to even).
    pub(super) fn to_f16(&self) -> Result<Vec<f16>> {
        Ok(match self.element {
            Element::F32 => self.bytes.as_chunks().0.iter().map(|&b| f16::from_f32(f32::from_le_bytes(b))).collect(),
            Element::F16 => self.bytes.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b)).collect(),
            other => bail!("{other:?} values where floats are expected"),
        })
    }

    /// Part `index` of `parts` equal parts along the outermost dimension.
    pub(super) fn part(&self, index: usize, parts: usize) -> Result<Self> {
        let (rows, inner) = self.shape.split_first().context("a scalar cannot be split")?;
        ensure!(rows % parts == 0, "{rows} rows cannot be split in {parts}");
        let length = self.bytes.len() / parts;
        let shape = [rows / parts].into_iter().chain(inner.iter().copied()).collect();
        let bytes = &self.bytes[index * length..][..length];
        Ok(Self { shape, element: self.element, bytes })
    }
}

fn tensor<'a>(from: &mut Reader<'a>) -> Result<Tensor<'a>> {
    let rank = from.u8()?;
    let shape = (0..rank).map(|_| from.count()).collect::<Result<Vec<_>>>()?;
    let (element, width) = match from.u8()? {
        0 => (Element::F32, 4),
        1 => (Element::I8, 1),
        2 => (Element::I16, 2),
        3 => (Element::I32, 4),
        4 => (Element::F16, 2),
        other => bail!("element type {other} is not known here"),
    };
    let length = from.count()?;
    let expected = shape.iter().try_fold(width, |n: usize, &d| n.checked_mul(d));
    ensure!(expected == Some(length), "{length} bytes do not fill the shape {shape:?}");
    Ok(Tensor { shape, element, bytes: from.take(length)? })
}

fn string(from: &mut Reader<'_>) -> Result<String> {
    let length = usize::from(from.u16()?);
    let bytes = from.take(length)?.strip_suffix(&[0]).context("a name lacks its end")?;
    Ok(String::from_utf8(bytes.to_vec())?)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Writes the format this module reads.
    pub(crate) fn file(tensors: &[(&str, &[usize], u8, Vec<u8>)], aliases: &[(&str, &str)]) -> Vec<u8> {
        let mut out = BINARY_VERSION.to_le_bytes().to_vec();
        put_string(&mut out, SPEC);
        put_count(&mut out, 3);
        put_count(&mut out, tensors.len());
        for (name, shape, element, bytes) in tensors {
            put_string(&mut out, name);
            out.push(u8::try_from(shape.len()).unwrap());
            shape.iter().for_each(|&d| put_count(&mut out, d));
            out.push(*element);
            put_count(&mut out, bytes.len());
            out.extend(bytes);
        }
        put_count(&mut out, aliases.len());
        for (alias, name) in aliases {
            put_string(&mut out, alias);
            put_string(&mut out, name);
        }
        out
    }

    fn put_count(out: &mut Vec<u8>, n: usize) {
        out.extend(u32::try_from(n).unwrap().to_le_bytes());
    }

    fn put_string(out: &mut Vec<u8>, s: &str) {
        out.extend(u16::try_from(s.len() + 1).unwrap().to_le_bytes());
        out.extend(s.as_bytes());
        out.push(0);
    }

    fn floats(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    #[test]
    fn reads_tensors_scalars_and_aliases() {
        let bytes = file(
            &[("w", &[2, 2], 0, floats(&[1.0, 2.0, 3.0, 4.0])), ("heads", &[], 2, 6_i16.to_le_bytes().to_vec())],
            &[("tied", "w")],
        );
        let model = Model::parse(&bytes).unwrap();
        let tied = model.tensor("tied").unwrap();
        assert_eq!((tied.shape.as_slice(), tied.to_f32().unwrap()), ([2, 2].as_slice(), vec![1.0, 2.0, 3.0, 4.0]));
        let second = tied.part(1, 2).unwrap();
        assert_eq!((second.shape.as_slice(), second.to_f32().unwrap()), ([1, 2].as_slice(), vec![3.0, 4.0]));
        assert_eq!(model.integer("heads").unwrap(), 6);
        assert!(model.integer("w").is_err());
        assert!(model.tensor("absent").is_err());
    }

    #[test]
    fn a_file_cut_anywhere_is_refused() {
        let bytes = file(&[("w", &[1, 2], 4, vec![0, 60, 0, 64])], &[("a", "w")]);
        assert!(Model::parse(&bytes).is_ok());
        for end in 0..bytes.len() {
            assert!(Model::parse(&bytes[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_shape_that_its_bytes_do_not_fill_is_refused() {
        assert!(Model::parse(&file(&[("w", &[3, 2], 4, vec![0; 4])], &[])).is_err());
        assert!(Model::parse(&file(&[("w", &[usize::from(u16::MAX); 5], 4, vec![0; 4])], &[])).is_err());
    }
}
