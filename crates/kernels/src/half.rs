//! Half precision (IEEE 754 binary16), in which keys and values are kept: half the memory to hold and to read.

/// The smallest normal half and the largest finite one.
const SMALLEST: f32 = 6.103_515_6e-5;
const LARGEST: f32 = 65504.0;

/// The nearest half, ties to even. What is smaller than any normal half becomes zero, what is larger than all of them
/// the largest, and what is no number the largest too: so a half is always finite and never subnormal, and every way
/// of reading it gives the same bits at the same speed.
#[inline]
pub(crate) fn narrow(x: f32) -> u16 {
    let magnitude = if x.abs() <= LARGEST { x.abs() } else { LARGEST };
    let bits = magnitude.to_bits().wrapping_sub(112 << 23);
    // Half of the last place that stays, less one where that place is even.
    let rounded = bits.wrapping_add(0xfff + (bits >> 13 & 1)) >> 13;
    let rounded = if rounded < 0x7bff { rounded } else { 0x7bff };
    let half = if magnitude < SMALLEST { 0 } else { rounded };
    (half | x.to_bits() >> 16 & 0x8000) as u16
}

/// Single precision again, exactly.
#[inline(always)]
pub(crate) fn widen(half: u16) -> f32 {
    /// 2 to the power 112: the difference between the two formats' exponents.
    const POWER: f32 = 5.192_296_9e33;
    let bits = u32::from(half);
    let magnitude = f32::from_bits((bits & 0x7fff) << 13) * POWER;
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
}

/// How an instruction set widens several at once.
pub(crate) trait Widen {
    fn widen<const N: usize>(from: &[u16; N]) -> [f32; N];
}

/// One after the other, or as the compiler sees fit.
pub(crate) struct Plain;

impl Widen for Plain {
    #[inline(always)]
    fn widen<const N: usize>(from: &[u16; N]) -> [f32; N] {
        std::array::from_fn(|i| widen(from[i]))
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx512, F16c};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Widen, widen};
    use std::arch::x86_64::*;

    /// Eight at a time. Only for bodies that are compiled for AVX2 and F16C and run where the processor has them.
    pub(crate) struct F16c;

    /// Sixteen at a time. Only for bodies that are compiled for AVX-512 F and run where the processor has it.
    pub(crate) struct Avx512;

    impl Widen for F16c {
        #[inline(always)]
        fn widen<const N: usize>(from: &[u16; N]) -> [f32; N] {
            #[target_feature(enable = "avx2,f16c")]
            #[inline]
            fn eight(from: &[u16; 8], to: &mut [f32; 8]) {
                // SAFETY: eight halves can be read there and eight floats written.
                unsafe { _mm256_storeu_ps(to.as_mut_ptr(), _mm256_cvtph_ps(_mm_loadu_si128(from.as_ptr().cast()))) }
            }
            let mut out = [0.0; N];
            let (from, rest) = from.as_chunks::<8>();
            let (to, last) = out.as_chunks_mut::<8>();
            for (from, to) in from.iter().zip(to) {
                // SAFETY: as this type says, it is used only where the processor has these features.
                unsafe { eight(from, to) };
            }
            last.iter_mut().zip(rest).for_each(|(to, &half)| *to = widen(half));
            out
        }
    }

    impl Widen for Avx512 {
        #[inline(always)]
        fn widen<const N: usize>(from: &[u16; N]) -> [f32; N] {
            #[target_feature(enable = "avx512f")]
            #[inline]
            fn sixteen(from: &[u16; 16], to: &mut [f32; 16]) {
                // SAFETY: sixteen halves can be read there and sixteen floats written.
                unsafe { _mm512_storeu_ps(to.as_mut_ptr(), _mm512_cvtph_ps(_mm256_loadu_si256(from.as_ptr().cast()))) }
            }
            let mut out = [0.0; N];
            let (from, rest) = from.as_chunks::<16>();
            let (to, last) = out.as_chunks_mut::<16>();
            for (from, to) in from.iter().zip(to) {
                // SAFETY: as this type says, it is used only where the processor has these features.
                unsafe { sixteen(from, to) };
            }
            last.iter_mut().zip(rest).for_each(|(to, &half)| *to = widen(half));
            out
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::f16;

    #[test]
    fn every_half_that_is_kept_comes_back() {
        for half in 0..=u16::MAX {
            let exponent = half >> 10 & 0x1f;
            if exponent == 0x1f || (exponent == 0 && half & 0x3ff != 0) {
                continue;
            }
            let wide = widen(half);
            assert_eq!(wide.to_bits(), f16(half.to_le_bytes()).to_bits(), "{half:04x}");
            assert_eq!(narrow(wide), half, "{half:04x}");
        }
    }

    #[test]
    fn the_nearest_half_is_kept() {
        for (x, expected) in [
            (1.000_5f32, 1.000_976_6f32),
            (1.000_488_3, 1.0),
            (-2049.0, -2048.0),
            (2051.0, 2052.0),
            (65519.0, 65504.0),
            (1e30, 65504.0),
            (f32::NEG_INFINITY, -65504.0),
            (5e-5, 0.0),
            (0.0, 0.0),
        ] {
            assert_eq!(widen(narrow(x)), expected, "{x}");
        }
        assert!(widen(narrow(f32::NAN)).is_finite());
    }

    #[test]
    fn every_way_of_widening_gives_the_same_bits() {
        let halves: [u16; 83] = std::array::from_fn(|i| narrow((i as f32 - 40.0) * 13.37));
        let plain = Plain::widen(&halves);
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("f16c") && std::arch::is_x86_feature_detected!("avx2") {
                assert_eq!(F16c::widen(&halves), plain);
            }
            if std::arch::is_x86_feature_detected!("avx512f") {
                assert_eq!(Avx512::widen(&halves), plain);
            }
        }
        assert_eq!(plain[41], widen(halves[41]));
    }
}
