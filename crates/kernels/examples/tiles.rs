//! How fast products of tiles and attention over them are, by path and number of rows.
//!
//!     tiles [THREADS]
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use cloister_kernels::{CpuPath, Rounded, TiledKeys, TiledMatrix, TiledProduct, attend_all, multiply_tiled};
use std::time::{Duration, Instant};

fn best(mut run: impl FnMut()) -> f64 {
    let times = (0..5).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    times.min().unwrap_or(Duration::MAX).as_secs_f64()
}

fn main() {
    let threads = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    for path in CpuPath::available() {
        for (rows, columns) in [(512, 512), (2048, 512), (512, 2048), (51865, 512)] {
            let matrix = TiledMatrix::from_rows(rows, columns, |_, out| {
                out.iter_mut().zip(0..).for_each(|(o, i)| *o = i as f32)
            })
            .unwrap();
            for m in [1, 2, 4, 8, 1500] {
                if m > 8 && (rows > 4096 || path.name() == "scalar") {
                    continue;
                }
                let x = vec![0.5; m * columns];
                let mut rounded = Rounded::default();
                let mut out = vec![0.0; m * rows];
                let rounding = best(|| pool.install(|| rounded.take(path, columns, &x)));
                let product = best(|| {
                    pool.install(|| {
                        multiply_tiled(path, &mut [TiledProduct::new(&matrix, &rounded, None, &mut out).unwrap()]);
                    });
                });
                println!(
                    "{:12} {rows} x {columns}, m {m}: {:.3} ms, {:.1} G products/s; rounding {:.3} ms",
                    path.name(),
                    product * 1e3,
                    (m * rows * columns) as f64 / product / 1e9,
                    rounding * 1e3
                );
            }
        }
        let (heads, positions) = (8, 1500);
        let x: Vec<f32> = (0..positions * heads * 64).map(|i| ((i * 7919) % 1000) as f32 / 500.0 - 1.0).collect();
        let mut keys = TiledKeys::new(heads);
        let packing = best(|| pool.install(|| keys.take(path, &x, &x)));
        for m in [1, 1500] {
            let mut out = vec![0.0; m * heads * 64];
            let took = best(|| pool.install(|| attend_all(path, &keys, &x[..m * heads * 64], &mut out)));
            println!(
                "{:12} attention of {m} rows to {positions}: {:.3} ms; packing {:.3} ms",
                path.name(),
                took * 1e3,
                packing * 1e3
            );
        }
    }
}
