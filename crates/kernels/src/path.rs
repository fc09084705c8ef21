//! Which instructions to compute with.

/// The instruction sets that the products are written for, plainest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CpuPath {
    /// No vector instructions beyond the platform's baseline.
    Scalar,
    /// AVX2.
    Avx2,
    /// AVX-512 with byte and word operations and VNNI.
    Avx512Vnni,
}

impl CpuPath {
    /// The best path of this processor. `CLOISTER_CPU=scalar|avx2|avx512` asks for a lesser one; a path that the
    /// processor does not have, or another word, is as if nothing was asked.
    #[must_use]
    pub fn detect() -> Self {
        let best = Self::best();
        let asked = match std::env::var("CLOISTER_CPU").as_deref() {
            Ok("scalar") => Self::Scalar,
            Ok("avx2") => Self::Avx2,
            _ => best,
        };
        asked.min(best)
    }

    /// Every path that this processor can take, plainest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        [Self::Scalar, Self::Avx2, Self::Avx512Vnni].into_iter().filter(|path| *path <= Self::best()).collect()
    }

    /// As provenance records it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
            Self::Avx512Vnni => "avx512-vnni",
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn best() -> Self {
        if !std::arch::is_x86_feature_detected!("avx2") {
            Self::Scalar
        } else if std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512vl")
            && std::arch::is_x86_feature_detected!("avx512dq")
            && std::arch::is_x86_feature_detected!("avx512vnni")
        {
            Self::Avx512Vnni
        } else {
            Self::Avx2
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn best() -> Self {
        Self::Scalar
    }
}
