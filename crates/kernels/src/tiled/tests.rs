#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

fn noise(len: usize, seed: usize) -> Vec<f32> {
    (0..len).map(|i| (((i + 1) * (seed * 2 + 7919)) % 1013) as f32 / 500.0 - 1.0).collect()
}

fn matrix(rows: usize, columns: usize, seed: usize) -> TiledMatrix {
    TiledMatrix::from_rows(rows, columns, |r, out| out.copy_from_slice(&noise(columns, seed + r))).unwrap()
}

fn product(path: CpuPath, matrix: &TiledMatrix, x: &[f32], start: Option<&[f32]>) -> Vec<f32> {
    let mut rounded = Rounded::default();
    rounded.take(path, matrix.columns(), x);
    let mut out = vec![f32::NAN; x.len() / matrix.columns() * matrix.rows()];
    multiply_tiled(path, &mut [TiledProduct::new(matrix, &rounded, start, &mut out).unwrap()]);
    out
}

fn attention(path: CpuPath, heads: usize, positions: usize, rows: usize) -> Vec<f32> {
    let mut keys = TiledKeys::new(heads);
    // What was there before is not seen.
    keys.take(path, &noise((positions + 40) * heads * 64, 9), &noise((positions + 40) * heads * 64, 8));
    keys.take(path, &noise(positions * heads * 64, 1), &noise(positions * heads * 64, 2));
    let queries = noise(rows * heads * 64, 3);
    let mut out = vec![f32::NAN; queries.len()];
    attend_all(path, &keys, &queries, &mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn every_path_gives_the_same_bits_and_rows_do_not_depend_on_each_other(
        rows in 1usize..90, blocks in 1usize..5, m in 1usize..70, seed in 0usize..1000, with_start in any::<bool>(),
    ) {
        let columns = blocks * 32;
        let matrix = matrix(rows, columns, seed);
        let (x, start) = (noise(m * columns, seed + 5), noise(rows, seed + 6));
        let start = with_start.then_some(&start[..]);
        let paths = CpuPath::available();
        let scalar = product(paths[0], &matrix, &x, start);
        prop_assert!(scalar.iter().all(|x| x.is_finite()));
        for &path in &paths[1..] {
            prop_assert!(product(path, &matrix, &x, start) == scalar, "{}", path.name());
        }
        let last = product(CpuPath::detect(), &matrix, &x[(m - 1) * columns..], start);
        prop_assert!(last == scalar[(m - 1) * rows..]);
    }

    #[test]
    fn attention_is_attention_and_the_same_on_every_path(
        heads in 1usize..4, positions in 1usize..120, rows in 1usize..60,
    ) {
        let paths = CpuPath::available();
        let ours = attention(paths[0], heads, positions, rows);
        let (keys, values) = (noise(positions * heads * 64, 1), noise(positions * heads * 64, 2));
        let queries = noise(rows * heads * 64, 3);
        let of = |x: &[f32], row: usize, head: usize| x[(row * heads + head) * 64..][..64].to_vec();
        for (row, head) in [(0, 0), (rows - 1, heads - 1), (rows / 2, heads / 2)] {
            let q = of(&queries, row, head);
            let scores: Vec<f64> = (0..positions).map(|p| {
                let dot: f64 = q.iter().zip(of(&keys, p, head)).map(|(a, b)| f64::from(*a) * f64::from(b)).sum();
                (dot / 8.0).exp()
            }).collect();
            let sum: f64 = scores.iter().sum();
            for (d, ours) in of(&ours, row, head).into_iter().enumerate() {
                let due: f64 = (0..positions).map(|p| scores[p] / sum * f64::from(of(&values, p, head)[d])).sum();
                prop_assert!((f64::from(ours) - due).abs() < 0.03, "{ours} {due}");
            }
        }
        for &path in &paths[1..] {
            prop_assert!(attention(path, heads, positions, rows) == ours, "{}", path.name());
        }
    }
}

#[test]
fn blocks_of_a_file_are_taken_without_loss() {
    let bytes: Vec<u8> = (0..3 * 2 * 34u32).map(|i| if i % 34 == 1 { 0x2c } else { (i * 37 % 251) as u8 }).collect();
    let tiled = TiledMatrix::from_q8_0(3, 64, &bytes).unwrap();
    let file = crate::Matrix::new(crate::Format::Q8_0, 3, 64, &bytes).unwrap();
    let (mut a, mut b) = ([0.0; 64], [0.0; 64]);
    for row in 0..3 {
        tiled.read_row(row, &mut a);
        file.read_row(row, &mut b);
        assert_eq!(a, b);
    }
    assert!(TiledMatrix::from_q8_0(3, 64, &bytes[1..]).is_err());
    assert!(TiledMatrix::from_q8_0(3, 63, &bytes).is_err());
}

#[test]
fn products_are_those_of_the_numbers_rounded_from() {
    let m = matrix(20, 96, 4);
    let x = noise(96, 3);
    let start = noise(20, 1);
    for (r, ours) in product(CpuPath::detect(), &m, &x, Some(&start)).into_iter().enumerate() {
        let exact: f32 = noise(96, 4 + r).iter().zip(&x).map(|(a, b)| a * b).sum::<f32>() + start[r];
        assert!((ours - exact).abs() < 0.15, "{ours} {exact}");
    }
}

#[test]
fn zeros_are_zeros_and_what_does_not_fit_is_refused() {
    let path = CpuPath::detect();
    let m = matrix(5, 32, 1);
    assert_eq!(product(path, &m, &[0.0; 64], None), [0.0; 10]);
    let mut rounded = Rounded::default();
    rounded.take(path, 32, &[1.0; 33]);
    let mut out = [7.0; 5];
    assert!(TiledProduct::new(&m, &rounded, None, &mut out).is_none());
    rounded.take(path, 32, &[1.0; 32]);
    assert!(TiledProduct::new(&m, &rounded, Some(&[0.0; 4]), &mut out).is_none());
    attend_all(path, &TiledKeys::new(1), &[1.0; 64], &mut [0.0; 64]);
    let mut keys = TiledKeys::new(1);
    keys.take(path, &[0.0; 64], &[0.0; 63]);
    let mut out = [7.0; 64];
    attend_all(path, &keys, &[1.0; 64], &mut out);
    assert_eq!(out, [7.0; 64]);
}
