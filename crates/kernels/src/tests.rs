#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use proptest::prelude::*;

/// Bytes of a random matrix. Scales are kept finite and small; everything else may be anything.
fn weights(format: Format, rows: usize, columns: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    let blocks = rows * columns / format.block_len();
    let mut bytes = vec![];
    for _ in 0..blocks {
        let mut block: Vec<u8> = (0..format.block_bytes()).map(|_| next()).collect();
        let halves: &[usize] = match format {
            Format::Q4_K => &[0, 2],
            Format::Q6_K => &[208],
            Format::Q8_0 | Format::Q5_0 => &[0],
        };
        for at in halves {
            // An exponent below 1, the sign and the mantissa as they come; subnormals too.
            block[at + 1] &= 0b1011_0111;
        }
        bytes.extend(block);
    }
    bytes
}

fn values(len: usize, seed: u64) -> Vec<f32> {
    (0..len as u64).map(|i| ((i * 2_654_435_761 + seed * 97) % 20_011) as f32 / 5000.0 - 2.0).collect()
}

fn product(path: CpuPath, matrix: Matrix<'_>, x: &[f32]) -> Vec<f32> {
    let activations = Activations::new(path, matrix.format(), matrix.columns(), x).unwrap();
    let mut out = vec![f32::NAN; activations.rows() * matrix.rows()];
    multiply(path, &mut [Product::new(matrix, &activations, &mut out).unwrap()]);
    out
}

const FORMATS: [Format; 4] = [Format::Q4_K, Format::Q6_K, Format::Q8_0, Format::Q5_0];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(80) })]

    /// The same bits as the scalar path, whatever the shape, on every path of this processor.
    #[test]
    fn every_path_gives_the_same_bits(
        format in prop::sample::select(FORMATS.to_vec()),
        rows in 1usize..70, blocks in 1usize..4, m in 1usize..20, seed in any::<u64>(),
    ) {
        let columns = blocks * format.block_len();
        let bytes = weights(format, rows, columns, seed);
        let matrix = Matrix::new(format, rows, columns, &bytes).unwrap();
        let x = values(m * columns, seed % 1000);
        let paths = CpuPath::available();
        let scalar = product(paths[0], matrix, &x);
        prop_assert!(scalar.iter().all(|x| x.is_finite()));
        for &path in &paths[1..] {
            prop_assert!(product(path, matrix, &x) == scalar, "{}", path.name());
        }
    }

    /// A row's result is the same alone as among others.
    #[test]
    fn rows_do_not_depend_on_each_other(
        format in prop::sample::select(FORMATS.to_vec()), m in 2usize..20, seed in any::<u64>(),
    ) {
        let columns = 2 * format.block_len();
        let bytes = weights(format, 40, columns, seed);
        let matrix = Matrix::new(format, 40, columns, &bytes).unwrap();
        let x = values(m * columns, seed % 1000);
        for path in CpuPath::available() {
            let together = product(path, matrix, &x);
            for (row, x) in x.chunks_exact(columns).enumerate() {
                prop_assert!(product(path, matrix, x) == together[row * 40..][..40]);
            }
        }
    }
}

#[test]
fn products_are_those_of_the_weights_in_full_precision() {
    for format in FORMATS {
        let columns = 3 * format.block_len();
        let bytes = weights(format, 33, columns, 5);
        let matrix = Matrix::new(format, 33, columns, &bytes).unwrap();
        let x = values(columns, 3);
        let result = product(CpuPath::detect(), matrix, &x);
        let mut row = vec![0.0; columns];
        for (i, result) in result.iter().enumerate() {
            matrix.read_row(i, &mut row);
            let exact: f64 = row.iter().zip(&x).map(|(&w, &x)| f64::from(w) * f64::from(x)).sum();
            let size: f64 = row.iter().zip(&x).map(|(&w, &x)| (f64::from(w) * f64::from(x)).abs()).sum();
            // Activations are rounded to bytes.
            assert!((f64::from(*result) - exact).abs() <= 0.01 * size + 1e-9, "{format:?} {result} {exact}");
        }
    }
}

#[test]
fn several_products_in_one_region_are_each_by_itself() {
    let bytes = [weights(Format::Q4_K, 50, 256, 1), weights(Format::Q4_K, 7, 256, 2)];
    let a = Matrix::new(Format::Q4_K, 50, 256, &bytes[0]).unwrap();
    let b = Matrix::new(Format::Q4_K, 7, 256, &bytes[1]).unwrap();
    let x = values(3 * 256, 1);
    let path = CpuPath::detect();
    let activations = Activations::new(path, Format::Q4_K, 256, &x).unwrap();
    let (mut for_a, mut for_b) = (vec![0.0; 150], vec![0.0; 21]);
    multiply(
        path,
        &mut [Product::new(a, &activations, &mut for_a).unwrap(), Product::new(b, &activations, &mut for_b).unwrap()],
    );
    assert_eq!((for_a, for_b), (product(path, a, &x), product(path, b, &x)));
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let bytes = weights(Format::Q4_K, 2, 256, 1);
    assert!(Matrix::new(Format::Q4_K, 2, 256, &bytes).is_ok());
    for (rows, columns) in [(3, 256), (2, 255), (2, 512), (0, 256), (2, 0), (usize::MAX, 256)] {
        assert_eq!(Matrix::new(Format::Q4_K, rows, columns, &bytes).unwrap_err(), MatrixError);
    }
    let path = CpuPath::detect();
    assert!(Activations::new(path, Format::Q4_K, 256, &[0.0; 300]).is_none());
    let matrix = Matrix::new(Format::Q4_K, 2, 256, &bytes).unwrap();
    let short = Activations::new(path, Format::Q8_0, 256, &[0.0; 256]).unwrap();
    assert!(Product::new(matrix, &short, &mut [0.0; 2]).is_none());
    let long = Activations::new(path, Format::Q6_K, 256, &[0.0; 256]).unwrap();
    assert!(Product::new(matrix, &long, &mut [0.0; 3]).is_none());
    assert!(Product::new(matrix, &long, &mut [0.0; 2]).is_some());
}

#[test]
fn zeros_and_extremes_are_no_trouble() {
    let bytes = weights(Format::Q6_K, 4, 256, 9);
    let matrix = Matrix::new(Format::Q6_K, 4, 256, &bytes).unwrap();
    for path in CpuPath::available() {
        assert_eq!(product(path, matrix, &[0.0; 256]), [0.0; 4]);
        let mut spike = [0.0; 256];
        spike[17] = 1e30;
        assert!(product(path, matrix, &spike).iter().all(|x| x.is_finite()));
    }
}

#[test]
fn half_precision_is_read_exactly() {
    for (bits, value) in [
        (0x3c00u16, 1.0f32),
        (0xc000, -2.0),
        (0x7bff, 65504.0),
        (0x0001, 5.960_464_5e-8),
        (0x83ff, -6.097_555e-5),
        (0x0000, 0.0),
        (0x7c00, f32::INFINITY),
    ] {
        assert_eq!(matrix::f16(bits.to_le_bytes()), value, "{bits:04x}");
    }
}

#[test]
fn paths_are_ordered_and_named() {
    let paths = CpuPath::available();
    assert_eq!(paths[0].name(), "scalar");
    assert!(paths.is_sorted() && paths.contains(&CpuPath::detect()));
}
