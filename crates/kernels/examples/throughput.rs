//! How fast products are, by path and number of rows: t(m) / t(1) decides batching and drafting. Beside the time on
//! the clock stands the processor time, which other programs disturb less.
//!
//!     throughput [THREADS]
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use cloister_kernels::{Activations, CpuPath, Format, Matrix, Product, multiply};
use std::time::{Duration, Instant};

fn main() {
    let threads = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(2);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    // As large as a model's weights, so that each round comes from memory: 8960 x 1536, over and over.
    for (format, copies) in [(Format::Q4_K, 64), (Format::Q6_K, 48)] {
        let (rows, columns) = (8960, 1536);
        let size = rows * columns / 256 * format.block_bytes();
        let bytes: Vec<u8> = (0..size * copies).map(|i| (i * 31 % 251) as u8 & 0x37).collect();
        for path in CpuPath::available() {
            let mut first = 0.0;
            for m in [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 64, 256] {
                if m > 16 && path.name() == "scalar" {
                    continue;
                }
                let x = vec![0.5; m * columns];
                let mut out = vec![0.0; m * rows];
                let mut best = Duration::MAX;
                for _ in 0..if path.name() == "scalar" || m > 16 { 1 } else { 5 } {
                    let used = if path.name() == "scalar" || m > 16 { 4 } else { copies };
                    let start = Instant::now();
                    pool.install(|| {
                        for copy in 0..used {
                            let matrix = Matrix::new(format, rows, columns, &bytes[copy * size..][..size]).unwrap();
                            let activations = Activations::new(path, format, columns, &x).unwrap();
                            multiply(path, &mut [Product::new(matrix, &activations, &mut out).unwrap()]);
                        }
                    });
                    best = best.min(start.elapsed() / used as u32);
                }
                let seconds = best.as_secs_f64();
                first = if m == 1 { seconds } else { first };
                println!(
                    "{format:?} {:12} m {m:3}: {:8.3} ms, {:5.2} x m 1, {:6.1} GB/s of weights, {:7.1} G products/s",
                    path.name(),
                    seconds * 1e3,
                    seconds / first,
                    size as f64 / seconds / 1e9,
                    (rows * columns * m) as f64 / seconds / 1e9,
                );
            }
        }
    }
}
