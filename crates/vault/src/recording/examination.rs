use super::{SampleFormat, TAG};
use serde::{Deserialize, Serialize};

/// How a segment's file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentEnd {
    /// With its last frame.
    Closed,
    /// Without one: a crash or a power cut came first.
    Unterminated,
}

/// Where a segment ends, as the store and the log keep it: a file that says otherwise was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentSeal {
    /// Frames up to the last authentic one, that one included.
    pub frames: u32,
    /// The tag of that frame; zeros when there is none.
    pub last_tag: [u8; TAG],
    /// Whether the last frame is flagged as such.
    pub end: SegmentEnd,
}

/// What was found in a segment's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// How its samples lie.
    pub format: SampleFormat,
    /// Places of whole frames, authentic or not.
    pub whole: u32,
    /// Bytes after them: the last frame, or what a crash left.
    pub rest_bytes: u64,
    /// Whole frames that are not authentic, by number from 0.
    pub refused: Vec<u32>,
    /// Samples of all authentic frames, all channels together.
    pub samples: u64,
    /// Where it ends, as far as it is authentic.
    pub seal: SegmentSeal,
}

/// A file beside what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentVerdict {
    /// Every frame is there and authentic.
    Whole,
    /// It ends as it is known to end; frames in between are refused.
    Damaged,
    /// It was longer once.
    CutShort,
    /// Its end is another than the one that is known: the last frame was changed, cut into, or added to.
    Changed,
}

impl Examination {
    /// Whether the file is what `known` says it was when it was closed, or taken in after a crash.
    #[must_use]
    pub fn against(&self, known: &SegmentSeal) -> SegmentVerdict {
        let closed = known.end == SegmentEnd::Closed;
        let whole = known.frames.saturating_sub(closed.into());
        let last_is_gone = closed && self.whole == whole && self.rest_bytes < TAG as u64;
        if self.seal == *known {
            if self.refused.is_empty() { SegmentVerdict::Whole } else { SegmentVerdict::Damaged }
        } else if self.whole < whole || last_is_gone {
            SegmentVerdict::CutShort
        } else {
            SegmentVerdict::Changed
        }
    }
}
