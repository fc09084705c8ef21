//! Two-dimensional 32-bit float arrays out of NumPy's `.npz` (a zip of `.npy` files; NEP 1).

use std::io::{Cursor, Read};

use anyhow::{Context, Result, ensure};
use zip::ZipArchive;

use super::reader::Reader;

/// A dense row-major matrix.
#[derive(Debug, PartialEq)]
pub(super) struct Matrix {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) values: Vec<f32>,
}

/// The array called `name` in the archive `npz`.
pub(super) fn read(npz: &[u8], name: &str) -> Result<Matrix> {
    let mut archive = ZipArchive::new(Cursor::new(npz)).context("not an .npz file")?;
    let mut npy = Vec::new();
    let member = format!("{name}.npy");
    archive.by_name(&member).with_context(|| format!("no {member}"))?.read_to_end(&mut npy)?;
    parse(&npy).with_context(|| member)
}

fn parse(npy: &[u8]) -> Result<Matrix> {
    let mut from = Reader(npy);
    ensure!(from.take(6)? == b"\x93NUMPY", "not an .npy file");
    let [major, _minor] = [from.u8()?, from.u8()?];
    let length = if major == 1 { usize::from(from.u16()?) } else { from.count()? };
    let header = str::from_utf8(from.take(length)?)?;
    ensure!(header.contains("'<f4'") && header.contains("'fortran_order': False"), "unexpected layout: {header}");
    let shape = header.split_once("'shape': (").and_then(|(_, rest)| rest.split_once(')')).context("no shape")?.0;
    let shape = shape.split(',').map(|n| n.trim().parse()).collect::<Result<Vec<usize>, _>>()?;
    let &[rows, columns] = shape.as_slice() else { anyhow::bail!("the shape {shape:?} is not that of a matrix") };
    let (values, rest) = from.0.as_chunks();
    ensure!(rest.is_empty() && Some(values.len()) == rows.checked_mul(columns), "the values do not fill the shape");
    Ok(Matrix { rows, columns, values: values.iter().map(|&b| f32::from_le_bytes(b)).collect() })
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// An archive of one matrix.
    pub(crate) fn file(name: &str, matrix: &Matrix) -> Vec<u8> {
        let shape = (matrix.rows, matrix.columns);
        let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape:?}, }}\n");
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(format!("{name}.npy"), SimpleFileOptions::default()).unwrap();
        zip.write_all(b"\x93NUMPY\x01\x00").unwrap();
        zip.write_all(&u16::try_from(header.len()).unwrap().to_le_bytes()).unwrap();
        zip.write_all(header.as_bytes()).unwrap();
        matrix.values.iter().for_each(|v| zip.write_all(&v.to_le_bytes()).unwrap());
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn reads_a_matrix_by_name() {
        let matrix = Matrix { rows: 2, columns: 3, values: vec![0.5, -1.0, 2.0, 3.0, 4.0, 1e-9] };
        let npz = file("mel_2", &matrix);
        assert_eq!(read(&npz, "mel_2").unwrap(), matrix);
        assert!(read(&npz, "mel_80").is_err());
    }

    #[test]
    fn values_that_do_not_fill_the_shape_are_refused() {
        let short = Matrix { rows: 2, columns: 3, values: vec![0.0; 5] };
        assert!(read(&file("m", &short), "m").is_err());
    }
}
