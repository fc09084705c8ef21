//! A transcript as plain text and as subtitles (SubRip; WebVTT, W3C Candidate Recommendation).

use crate::dto::TranscriptDto;
use std::fmt::Write;

/// The spoken words alone, one segment a line; empty when nothing was said.
#[must_use]
pub fn plain(t: &TranscriptDto) -> String {
    t.segments.iter().map(|s| format!("{}\n", s.text.trim())).collect()
}

/// SubRip.
#[must_use]
pub fn srt(t: &TranscriptDto) -> String {
    let mut out = String::new();
    for (i, s) in t.segments.iter().enumerate() {
        let (from, to) = (moment(s.start_s, ','), moment(s.end_s, ','));
        let _ = write!(out, "{}\n{from} --> {to}\n{}\n\n", i + 1, spoken(s.speaker.as_deref(), &s.text));
    }
    out
}

/// WebVTT.
#[must_use]
pub fn vtt(t: &TranscriptDto) -> String {
    let mut out = "WEBVTT\n\n".to_owned();
    for s in &t.segments {
        let (from, to) = (moment(s.start_s, '.'), moment(s.end_s, '.'));
        // A cue's text ends at an empty line and must not hold the arrow of a timing line.
        let text = spoken(s.speaker.as_deref(), &s.text).replace("-->", "→");
        let _ = write!(out, "{from} --> {to}\n{text}\n\n");
    }
    out
}

fn spoken(speaker: Option<&str>, text: &str) -> String {
    let text = text.trim();
    speaker.map_or_else(|| text.to_owned(), |who| format!("{who}: {text}"))
}

fn moment(seconds: f64, point: char) -> String {
    let ms = (seconds.max(0.0) * 1000.0).round() as u64;
    format!("{:02}:{:02}:{:02}{point}{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::SegmentDto;

    fn transcript() -> TranscriptDto {
        let segment = |start_s, end_s, text: &str| SegmentDto {
            start_s,
            end_s,
            speaker: None,
            speaker_source: None,
            text: text.to_owned(),
            words: vec![],
        };
        TranscriptDto {
            id: "trn-1".into(),
            language: "en".into(),
            duration_s: 3700.0,
            model: "m".into(),
            segments: vec![segment(0.0, 1.25, " Good morning. "), segment(3661.5, 3662.0, "a --> b")],
        }
    }

    #[test]
    fn the_three_forms() {
        let t = transcript();
        assert_eq!(plain(&t), "Good morning.\na --> b\n");
        assert_eq!(srt(&t).lines().nth(1), Some("00:00:00,000 --> 00:00:01,250"));
        assert_eq!(vtt(&t).lines().nth(5), Some("01:01:01.500 --> 01:01:02.000"));
        assert_eq!(vtt(&t).matches("-->").count(), 2);
    }
}
