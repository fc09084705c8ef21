//! Which instructions to compute with.

/// An instruction set that this processor has. There is no other way to get one than to ask the processor, so that
/// holding one is the proof that its instructions can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CpuPath(Level);

/// Plainest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    /// No vector instructions beyond the platform's baseline.
    Scalar,
    /// AVX2 and F16C (which every processor with AVX2 has).
    Avx2,
    /// The same and AVX-VNNI: Intel's desktop processors since 2021, which have no AVX-512.
    AvxVnni,
    /// AVX-512 F, BW, DQ, VL and VNNI.
    Avx512Vnni,
}

/// Every level, plainest first.
const LEVELS: [Level; 4] = [Level::Scalar, Level::Avx2, Level::AvxVnni, Level::Avx512Vnni];

impl CpuPath {
    /// The best path of this processor. The environment's `CLOISTER_CPU=scalar|avx2|avx-vnni|avx512` asks for one that
    /// is no better than that; another word is as if nothing was asked.
    #[must_use]
    pub fn detect() -> Self {
        let most = match std::env::var("CLOISTER_CPU").as_deref() {
            Ok("scalar") => Level::Scalar,
            Ok("avx2") => Level::Avx2,
            Ok("avx-vnni") => Level::AvxVnni,
            _ => Level::Avx512Vnni,
        };
        Self::available().into_iter().rfind(|path| path.0 <= most).unwrap_or(Self(Level::Scalar))
    }

    /// Every path that this processor can take, plainest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        LEVELS.into_iter().filter(|level| level.is_there()).map(Self).collect()
    }

    /// As provenance records it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            Level::Scalar => "scalar",
            Level::Avx2 => "avx2",
            Level::AvxVnni => "avx-vnni",
            Level::Avx512Vnni => "avx512-vnni",
        }
    }

    pub(crate) const fn level(self) -> Level {
        self.0
    }
}

impl Level {
    /// Whether this processor has its instructions.
    #[cfg(target_arch = "x86_64")]
    fn is_there(self) -> bool {
        use std::arch::is_x86_feature_detected as has;
        let avx2 = || has!("avx2") && has!("f16c");
        match self {
            Self::Scalar => true,
            Self::Avx2 => avx2(),
            Self::AvxVnni => avx2() && has!("avxvnni"),
            Self::Avx512Vnni => {
                let wide = has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl");
                avx2() && wide && has!("avx512vnni")
            }
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_there(self) -> bool {
        self == Self::Scalar
    }
}

/// Runs one body compiled for each path: `$body` must be `#[inline(always)]`, so that it takes on the features of the
/// function it is called from. The compiler vectorises it; it neither reorders nor fuses floating-point operations,
/// so every path gives the same bits.
macro_rules! compiled_for_each_path {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) = $body:path) => {
        $(#[$doc])*
        $vis fn $name(path: $crate::CpuPath, $($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,f16c")]
                fn avx2($($arg: $ty),*) {
                    $body($($arg),*);
                }
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
                fn avx512($($arg: $ty),*) {
                    $body($($arg),*);
                }
                match path.level() {
                    $crate::path::Level::Scalar => $body($($arg),*),
                    // SAFETY: a `CpuPath` of these levels exists only on a processor that has these features.
                    $crate::path::Level::Avx2 | $crate::path::Level::AvxVnni => unsafe { avx2($($arg),*) },
                    // SAFETY: as above.
                    $crate::path::Level::Avx512Vnni => unsafe { avx512($($arg),*) },
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            {
                let _ = path;
                $body($($arg),*);
            }
        }
    };
}
pub(crate) use compiled_for_each_path;
