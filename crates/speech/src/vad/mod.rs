//! Where somebody speaks.

mod fft;
mod network;
mod regions;

use network::SpeechDetector;
pub(crate) use regions::{OFF, ON, Region, RegionFinder};

/// Samples that the detector judges at once (32 ms at 16 kHz).
pub(crate) const FRAME: usize = 512;
