//! ggml's q8_0: blocks of 32 values, each an `f16` scale and 32 signed bytes (34 bytes in all).

use anyhow::{Result, ensure};
use half::f16;

/// Values per block.
pub(super) const BLOCK: usize = 32;

/// Quantise values, whose count must be a multiple of [`BLOCK`], as ggml's reference code does, to the bit: the scale is
/// the greatest magnitude over 127, the inverse used for rounding is that of the scale before it becomes an `f16`, and
/// halves round away from zero.
pub(super) fn quantise(values: &[f16]) -> Result<Vec<u8>> {
    let (blocks, rest) = values.as_chunks::<BLOCK>();
    ensure!(rest.is_empty(), "{} values do not make whole blocks of {BLOCK}", values.len());
    let mut out = Vec::with_capacity(blocks.len() * (2 + BLOCK));
    for block in blocks {
        let block = block.map(f16::to_f32);
        let scale = block.iter().fold(0.0, |max: f32, v| max.max(v.abs())) / 127.0;
        let inverse = if scale == 0.0 { 0.0 } else { 1.0 / scale };
        out.extend(f16::from_f32(scale).to_le_bytes());
        out.extend(block.map(|v| (v * inverse).round() as i8).map(i8::cast_unsigned));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(first: &[f32]) -> Vec<f16> {
        let mut values = vec![f16::ZERO; BLOCK];
        first.iter().zip(&mut values).for_each(|(&v, slot)| *slot = f16::from_f32(v));
        values
    }

    #[test]
    fn a_block_is_its_scale_and_rounded_quotients() {
        let out = quantise(&block(&[127.0, 0.5, -0.5, 2.5, -126.4])).unwrap();
        assert_eq!(out.len(), 34);
        assert_eq!(out[..2], f16::ONE.to_le_bytes());
        assert_eq!(out[2..8].iter().map(|b| b.cast_signed()).collect::<Vec<_>>(), [127, 1, -1, 3, -126, 0]);
    }

    #[test]
    fn a_block_of_zeros_is_zeros() {
        assert_eq!(quantise(&block(&[])).unwrap(), [0; 34]);
    }

    #[test]
    fn no_value_is_off_by_more_than_half_a_step() {
        let values: Vec<f16> = (0..320_u16).map(|i| f16::from_f32((f32::from(i) * 1.7).sin() * 3.0)).collect();
        let out = quantise(&values).unwrap();
        for (values, block) in values.chunks(BLOCK).zip(out.chunks(34)) {
            let scale = f16::from_le_bytes([block[0], block[1]]).to_f32();
            for (value, &q) in values.iter().zip(&block[2..]) {
                let error = (value.to_f32() - scale * f32::from(q.cast_signed())).abs();
                assert!(error <= scale * 0.56, "{error} against a step of {scale}");
            }
        }
    }

    #[test]
    fn a_broken_block_is_refused() {
        assert!(quantise(&[f16::ONE; 33]).is_err());
    }
}
