//! From the bytes of an audio file to 16 kHz mono samples, block by block.

mod resample;
mod sniff;

use crate::{SpeechError, Warning};
use resample::Resampler;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{
    AudioCodecParameters, AudioDecoder as Codec, AudioDecoderOptions, CODEC_ID_NULL_AUDIO,
};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::common::Limit;
use symphonia::core::errors::Error as DecodeError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatInfo, FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use symphonia_adapter_libopus::OpusDecoder;

/// Samples a second of everything that this crate hands on.
pub const SAMPLE_RATE: u32 = 16_000;

/// Rates that recorders have; a header with another one is taken for damaged.
const RATES: std::ops::RangeInclusive<u32> = 2_000..=768_000;
/// More channels than this are taken for a damaged header.
const MAX_CHANNELS: usize = 64;
/// Packets without a single sample in a row, after which a file is taken for damaged (a demuxer that never ends).
const MAX_BARREN_PACKETS: usize = 10_000;
/// The longest stretch of silence that stands in for one unreadable packet, in seconds.
const MAX_PATCH_S: f64 = 1.0;
/// A jump in the packets' times that is filled with silence: shorter ones are rounding, longer ones are not believed.
const MIN_GAP_S: f64 = 0.05;
const MAX_GAP_S: f64 = 30.0;

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioFormat {
    /// Container and coding, short names: "wave/pcm_s16le".
    pub name: String,
    /// Samples a second before resampling.
    pub sample_rate: u32,
    /// Channels before they are mixed to one.
    pub channels: usize,
}

/// Decodes one audio file, in order, in flat memory.
///
/// Output is 16 kHz mono `f32` within -1..=1. Channels are averaged. Time is exact: sample `n` of the output is the
/// moment `n / 16000` s of the recording, also after damaged stretches (silence stands in for them). Lengths in
/// headers are reported ([`AudioDecoder::promised_s`]) but never relied on.
pub struct AudioDecoder {
    reader: Box<dyn FormatReader>,
    codec: Box<dyn Codec>,
    track: u32,
    format: AudioFormat,
    /// The header's length in seconds, as it stands there.
    header_s: Option<f64>,
    /// The file's size in bytes.
    bytes: u64,
    resampler: Resampler,
    /// Scratch: the samples of one packet, interleaved, then mixed.
    interleaved: Vec<f32>,
    mixed: Vec<f32>,
    block: Vec<f32>,
    given: u64,
    lost_s: f64,
    barren: usize,
    /// Where the next packet should begin, in the track's time base.
    next_pts: Option<i64>,
    first_fault: Option<String>,
    heard_any: bool,
    /// `block` was filled while opening and not handed out yet.
    primed: bool,
    ended: bool,
    warnings: Vec<Warning>,
}

impl AudioDecoder {
    /// Opens audio by its content. `extension` (of the file's name, without the dot) only breaks ties.
    ///
    /// # Errors
    /// Names the fault: empty, a folder, not audio, a format that is not supported, no samples after the header,
    /// damaged beyond the first sample.
    pub fn open(
        source: impl Read + Seek + Send + Sync + 'static,
        extension: Option<&str>,
    ) -> Result<Self, SpeechError> {
        let mut source = Source::new(source)?;
        let head = source.head()?;
        let kind = sniff::sniff(&head);
        match kind {
            sniff::Kind::Container | sniff::Kind::Candidate => {}
            sniff::Kind::Unsupported(name) => return Err(SpeechError::Unsupported(name.into())),
            sniff::Kind::NotAudio(what) => return Err(SpeechError::NotAudio(what)),
        }
        if head.get(4..8) == Some(b"ftyp") {
            match sniff::mp4_sample_entry(&mut source) {
                Some(entry) if matches!(&entry, b"mp4a" | b"alac" | b"Opus") => {}
                Some(entry) => return Err(SpeechError::Unsupported(sniff::mp4_coding_name(entry))),
                None => {
                    return Err(SpeechError::Damaged("its index is missing, as when a recording was cut off".into()));
                }
            }
        }
        source.seek(SeekFrom::Start(0))?;
        let source_bytes = source.bytes;

        let reader = guarded(|| probe(source, extension))?.map_err(|e| match e {
            // The container was recognised, and its header is all there is.
            SpeechError::UnknownFormat if kind == sniff::Kind::Container => SpeechError::NoSamples,
            e => e,
        })?;
        let (track, params) = audio_track(reader.tracks())?;
        let codec = guarded(|| make_codec(&params, reader.format_info()))??;
        let format = AudioFormat {
            name: format!("{}/{}", reader.format_info().short_name, codec.codec_info().short_name),
            sample_rate: params.sample_rate.unwrap_or(0),
            channels: params.channels.as_ref().map_or(0, symphonia::core::audio::Channels::count),
        };
        let mut decoder = Self {
            reader,
            codec,
            track: track.id,
            header_s: duration_s(&track),
            bytes: source_bytes,
            format,
            resampler: Resampler::new(SAMPLE_RATE).map_err(|e| SpeechError::Damaged(e.to_string()))?,
            interleaved: Vec::new(),
            mixed: Vec::new(),
            block: Vec::new(),
            given: 0,
            lost_s: 0.0,
            barren: 0,
            next_pts: None,
            first_fault: None,
            heard_any: false,
            primed: false,
            ended: false,
            warnings: Vec::new(),
        };
        decoder.fill()?;
        if !decoder.heard_any {
            return Err(decoder.first_fault.map_or(SpeechError::NoSamples, SpeechError::Damaged));
        }
        decoder.primed = true;
        Ok(decoder)
    }

    /// The next samples (16 kHz mono, at most about a second), or `None` at the end of what can be read.
    ///
    /// # Errors
    /// When the source fails to read. Damage in the audio is no error here: see [`AudioDecoder::warnings`].
    pub fn next_block(&mut self) -> Result<Option<&[f32]>, SpeechError> {
        if !std::mem::take(&mut self.primed) {
            self.fill()?;
        }
        self.given += self.block.len() as u64;
        Ok(if self.block.is_empty() { None } else { Some(&self.block) })
    }

    /// Seconds of audio handed out so far; after the end, the length of the recording.
    #[must_use]
    pub fn decoded_s(&self) -> f64 {
        self.given as f64 / f64::from(SAMPLE_RATE)
    }

    /// The length that the header gives, in seconds, cut to what the file's size allows where that is known.
    /// Good for a progress bar, no more.
    #[must_use]
    pub fn promised_s(&self) -> Option<f64> {
        let params = self.codec.codec_params();
        // Only uncompressed audio says how many bytes a second must take.
        let bytes_a_second = match (params.bits_per_coded_sample.or(params.bits_per_sample), params.sample_rate) {
            (Some(bits), Some(rate)) if self.format.name.contains("/pcm") => {
                u64::from(bits) * u64::from(rate) * self.format.channels as u64 / 8
            }
            _ => 0,
        };
        let most = if bytes_a_second > 0 { self.bytes as f64 / bytes_a_second as f64 } else { f64::INFINITY };
        self.header_s.map(|s| s.min(most))
    }

    /// What the file turned out to be.
    #[must_use]
    pub const fn format(&self) -> &AudioFormat {
        &self.format
    }

    /// Whether damage was met so far.
    #[must_use]
    pub const fn is_damaged(&self) -> bool {
        self.lost_s > 0.0 || self.first_fault.is_some()
    }

    /// What is wrong with the audio; complete once [`AudioDecoder::next_block`] gave `None`.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Decodes packets into `block` until it holds something or the audio ends.
    fn fill(&mut self) -> Result<(), SpeechError> {
        self.block.clear();
        while self.block.is_empty() && !self.ended {
            match guarded(|| self.reader.next_packet()) {
                Ok(Ok(Some(packet))) if packet.track_id == self.track => {
                    self.bridge_gap(&packet)?;
                    self.decode(&packet)?;
                }
                Ok(Ok(Some(_))) => self.count_barren(),
                Ok(Ok(None)) => self.end(false)?,
                // The next stream of a chained Ogg file.
                Ok(Err(DecodeError::ResetRequired)) => self.next_stream()?,
                Ok(Err(DecodeError::IoError(e))) if e.kind() == std::io::ErrorKind::UnexpectedEof => self.end(false)?,
                Ok(Err(DecodeError::IoError(e))) => return Err(SpeechError::Read(e)),
                Ok(Err(e)) => {
                    self.first_fault.get_or_insert_with(|| e.to_string());
                    self.end(true)?;
                }
                Err(panic) => {
                    self.first_fault.get_or_insert_with(|| panic.to_string());
                    self.end(true)?;
                }
            }
        }
        Ok(())
    }

    fn decode(&mut self, packet: &Packet) -> Result<(), SpeechError> {
        let decoded = guarded(|| match self.codec.decode(packet) {
            Ok(buffer) => {
                let spec = (buffer.spec().rate(), buffer.spec().channels().count());
                buffer.copy_to_vec_interleaved(&mut self.interleaved);
                Ok(spec)
            }
            Err(e) => Err(e),
        });
        match decoded {
            Ok(Ok((rate, channels))) if !self.interleaved.is_empty() => self.take(rate, channels),
            Ok(Ok(_)) => {
                self.count_barren();
                Ok(())
            }
            Ok(Err(DecodeError::ResetRequired)) => self.next_stream(),
            Ok(Err(e)) => {
                self.first_fault.get_or_insert_with(|| e.to_string());
                self.patch(packet)
            }
            // The codec's state is unknown after a panic: go no further with it.
            Err(panic) => {
                self.first_fault.get_or_insert_with(|| panic.to_string());
                self.end(true)
            }
        }
    }

    /// Mixes and resamples one packet's samples.
    fn take(&mut self, rate: u32, channels: usize) -> Result<(), SpeechError> {
        if !RATES.contains(&rate) || channels == 0 || channels > MAX_CHANNELS {
            return Err(SpeechError::ImpossibleHeader { rate, channels });
        }
        self.barren = 0;
        self.heard_any = true;
        (self.format.sample_rate, self.format.channels) = (rate, channels);
        if self.resampler.rate() != rate {
            self.flush()?;
            self.resampler = Resampler::new(rate).map_err(|e| SpeechError::Damaged(e.to_string()))?;
        }
        self.mixed.clear();
        let share = 1.0 / channels as f32;
        self.mixed.extend(
            self.interleaved.chunks_exact(channels).map(|frame| frame.iter().map(|s| sane(*s)).sum::<f32>() * share),
        );
        self.resampler.push(&self.mixed, &mut self.block).map_err(|e| SpeechError::Damaged(e.to_string()))
    }

    /// Puts silence where a packet could not be read, so that what follows keeps its moment.
    fn patch(&mut self, packet: &Packet) -> Result<(), SpeechError> {
        self.count_barren();
        let lost_s = self.in_seconds(packet.dur.get()).min(MAX_PATCH_S);
        self.silence(lost_s)
    }

    /// Puts silence where the demuxer skipped damaged bytes and the packet's own time tells how much is missing.
    fn bridge_gap(&mut self, packet: &Packet) -> Result<(), SpeechError> {
        let begins = packet.pts.get();
        let missing = self.next_pts.map_or(0, |expected| begins.saturating_sub(expected));
        self.next_pts = Some(begins.saturating_add_unsigned(packet.block_dur().get()));
        let lost_s = self.in_seconds(u64::try_from(missing).unwrap_or(0));
        if (MIN_GAP_S..=MAX_GAP_S).contains(&lost_s) { self.silence(lost_s) } else { Ok(()) }
    }

    fn silence(&mut self, seconds: f64) -> Result<(), SpeechError> {
        // Before the first good packet neither rate nor place is certain: nothing to keep in step with.
        if !self.heard_any {
            return Ok(());
        }
        self.lost_s += seconds;
        self.mixed.clear();
        self.mixed.resize((seconds * f64::from(self.resampler.rate())).round() as usize, 0.0);
        self.resampler.push(&self.mixed, &mut self.block).map_err(|e| SpeechError::Damaged(e.to_string()))
    }

    /// A length in the track's time base, in seconds; 0 when the track has none.
    fn in_seconds(&self, ticks: u64) -> f64 {
        let track = self.reader.tracks().iter().find(|t| t.id == self.track);
        let time = track.and_then(|t| t.time_base).and_then(|base| base.calc_duration(ticks.into()));
        time.map_or(0.0, |t| t.as_secs_f64())
    }

    /// Goes on with the next stream of a chained file.
    fn next_stream(&mut self) -> Result<(), SpeechError> {
        self.count_barren();
        let Ok((track, params)) = audio_track(self.reader.tracks()).map(|(t, p)| (t.id, p)) else {
            return self.end(true);
        };
        match guarded(|| make_codec(&params, self.reader.format_info())) {
            Ok(Ok(codec)) => {
                self.track = track;
                self.codec = codec;
                self.next_pts = None;
                Ok(())
            }
            _ => self.end(true),
        }
    }

    fn count_barren(&mut self) {
        self.barren += 1;
        if self.barren > MAX_BARREN_PACKETS {
            self.first_fault.get_or_insert_with(|| "packets without audio".into());
            self.ended = true;
        }
    }

    fn flush(&mut self) -> Result<(), SpeechError> {
        self.resampler.finish(&mut self.block).map_err(|e| SpeechError::Damaged(e.to_string()))
    }

    /// Closes the audio: the rest of the resampler, then what there is to warn of.
    fn end(&mut self, damaged: bool) -> Result<(), SpeechError> {
        self.ended = true;
        self.flush()?;
        let read_s = (self.given + self.block.len() as u64) as f64 / f64::from(SAMPLE_RATE);
        if self.lost_s >= MIN_GAP_S {
            self.warnings.push(Warning::DamagedParts { lost_s: self.lost_s });
        }
        if damaged {
            self.warnings.push(Warning::StoppedAtDamage { read_s });
        } else if let Some(promised_s) = self.header_s
            && read_s + 0.5 < promised_s * 0.98
        {
            self.warnings.push(Warning::EndsEarly { read_s, promised_s });
        }
        Ok(())
    }
}

impl std::fmt::Debug for AudioDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AudioDecoder").field("format", &self.format).field("given", &self.given).finish_non_exhaustive()
    }
}

fn probe(
    source: Source<impl Read + Seek + Send + Sync + 'static>,
    extension: Option<&str>,
) -> Result<Box<dyn FormatReader>, SpeechError> {
    let mut hint = Hint::new();
    if let Some(extension) = extension {
        hint.with_extension(extension);
    }
    let stream = MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default());
    // Names and pictures in tags are of no use here and may be huge.
    let tags =
        MetadataOptions::default().limit_tag_bytes(Limit::Maximum(64 * 1024)).limit_visual_bytes(Limit::Maximum(0));
    symphonia::default::get_probe().probe(&hint, stream, FormatOptions::default(), tags).map_err(|e| match e {
        DecodeError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => SpeechError::UnknownFormat,
        DecodeError::IoError(e) => SpeechError::Read(e),
        DecodeError::Unsupported(_) => SpeechError::UnknownFormat,
        e => SpeechError::Damaged(e.to_string()),
    })
}

/// The track to decode: the first audio track with a known coding.
fn audio_track(tracks: &[Track]) -> Result<(Track, AudioCodecParameters), SpeechError> {
    let audio = |t: &Track| match &t.codec_params {
        Some(CodecParameters::Audio(p)) if p.codec != CODEC_ID_NULL_AUDIO => Some(p.clone()),
        _ => None,
    };
    tracks.iter().find_map(|t| Some((t.clone(), audio(t)?))).ok_or_else(|| {
        let has_audio = tracks.iter().any(|t| t.track_type() == Some(TrackType::Audio));
        if has_audio { SpeechError::Unsupported("this audio coding".into()) } else { SpeechError::NoSamples }
    })
}

/// Symphonia's own codecs, and Opus by libopus.
static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<OpusDecoder>();
    codecs
});

fn make_codec(params: &AudioCodecParameters, container: &FormatInfo) -> Result<Box<dyn Codec>, SpeechError> {
    let mut params = params.clone();
    // The Ogg reader cuts off the samples before an Opus stream's beginning; the decoder would do it a second time.
    if params.codec == CODEC_ID_OPUS && container.short_name == "ogg" {
        params.extra_data = None;
    }
    CODECS.make_audio_decoder(&params, &AudioDecoderOptions::default()).map_err(|e| match e {
        DecodeError::Unsupported(what) => SpeechError::Unsupported(format!("this audio coding ({what})")),
        e => SpeechError::Damaged(e.to_string()),
    })
}

fn duration_s(track: &Track) -> Option<f64> {
    let seconds = track.time_base?.calc_duration(track.duration?)?.as_secs_f64();
    (seconds.is_finite() && seconds > 0.0).then_some(seconds)
}

/// A sample as a recorder can have made it.
fn sane(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 }
}

/// Runs third-party decoding; a panic in it becomes an error.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, SpeechError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| SpeechError::Damaged("the decoder gave up".into()))
}

/// The bytes of a file, with their number.
struct Source<S> {
    inner: S,
    bytes: u64,
}

impl<S: Read + Seek> Source<S> {
    fn new(mut inner: S) -> Result<Self, SpeechError> {
        let bytes = inner.seek(SeekFrom::End(0)).map_err(read_error)?;
        inner.seek(SeekFrom::Start(0)).map_err(read_error)?;
        Ok(Self { inner, bytes })
    }

    /// The first bytes, at most 4 KiB, from the start.
    fn head(&mut self) -> Result<Vec<u8>, SpeechError> {
        let mut head = Vec::new();
        self.inner.by_ref().take(4096).read_to_end(&mut head).map_err(read_error)?;
        if head.is_empty() { Err(SpeechError::Empty) } else { Ok(head) }
    }
}

fn read_error(e: std::io::Error) -> SpeechError {
    if e.kind() == std::io::ErrorKind::IsADirectory { SpeechError::Folder } else { SpeechError::Read(e) }
}

impl<S: Read> Read for Source<S> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read(buf)
    }
}

impl<S: Seek> Seek for Source<S> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}

impl<S: Read + Seek + Send + Sync> MediaSource for Source<S> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.bytes)
    }
}
