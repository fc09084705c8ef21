//! Arithmetic of language and speech models on the processor: products of quantised matrices, straight on the blocks of
//! a GGUF file or laid out in tiles, and attention.
//!
//! Every result has one definition, the scalar one, and the vector paths give the same bits: sums of products are
//! whole numbers within a block, and what is added in floating point is added block after block in the order of the
//! columns. So a row's result depends neither on the processor nor on how many rows share a call.

#![allow(
    clippy::needless_range_loop,
    clippy::excessive_precision,
    reason = "indices run over several arrays at once; constants are printed as their source gives them"
)]

mod activations;
mod attention;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod avx_vnni;
mod choice;
mod elementwise;
mod half;
mod matrix;
mod path;
mod product;
mod scalar;
mod tiled;

pub use activations::Activations;
pub use attention::{Attention, AttentionShape, Keys, attend};
pub use choice::likeliest;
pub use elementwise::{gelu, layer_norm, rms_norm, silu_times};
pub use matrix::{Format, Matrix, MatrixError};
pub use path::CpuPath;
pub use product::{Product, multiply};
pub use tiled::{Rounded, TiledKeys, TiledMatrix, TiledProduct, attend_all, multiply_tiled};

#[cfg(test)]
mod tests;
