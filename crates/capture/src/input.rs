//! A microphone: what the system's callback brings, at our rate.

use crate::{Device, Input, RATE, SoundError, resample::Resampler, system::fault};
use cpal::{
    ErrorKind, FromSample, SampleFormat, SizedSample, Stream, StreamConfig,
    traits::{DeviceTrait, StreamTrait},
};
use rtrb::{Consumer, Producer, RingBuffer};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Sound is kept so long for a reader that is busy with the disk.
const HELD_S: usize = 10;
/// Nothing for so long, and the device is taken for gone. Some systems need more than a second to begin.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often a waiting reader looks.
const LOOK: Duration = Duration::from_millis(10);

/// What callback and reader share.
#[derive(Default)]
struct Shared {
    lost: AtomicBool,
    overruns: AtomicU64,
}

pub(crate) struct Microphone {
    device: Device,
    from: Consumer<f32>,
    shared: Arc<Shared>,
    resampler: Resampler,
    heard: Instant,
    over: bool,
    /// Kept because dropping it ends the sound.
    stream: Option<Stream>,
}

impl Drop for Microphone {
    /// Closing a device waits for the system's sound thread, which for one that is gone may never come back: that one
    /// is left to a thread of its own, so that what was heard can be closed and another device found.
    fn drop(&mut self) {
        let stream = self.stream.take();
        if self.over {
            thread::spawn(move || drop(stream));
        }
    }
}

impl Microphone {
    pub(crate) fn open(source: &cpal::Device, device: Device) -> Result<Box<dyn Input>, SoundError> {
        let offered = source.default_input_config().map_err(|e| fault(&e))?;
        let config = StreamConfig::from(offered);
        let (to, from) = RingBuffer::new(config.sample_rate as usize * HELD_S);
        let shared = Arc::new(Shared::default());
        let build = match offered.sample_format() {
            SampleFormat::F32 => stream::<f32>,
            SampleFormat::F64 => stream::<f64>,
            SampleFormat::I8 => stream::<i8>,
            SampleFormat::I16 => stream::<i16>,
            SampleFormat::I32 => stream::<i32>,
            SampleFormat::U8 => stream::<u8>,
            SampleFormat::U16 => stream::<u16>,
            SampleFormat::U32 => stream::<u32>,
            _ => return Err(SoundError::Format),
        };
        let resampler = Resampler::new(config.sample_rate, RATE)?;
        let stream = build(source, config, to, &shared)?;
        stream.play().map_err(|e| fault(&e))?;
        Ok(Box::new(Self { device, from, shared, resampler, heard: Instant::now(), over: false, stream: Some(stream) }))
    }
}

fn stream<T>(
    source: &cpal::Device,
    config: StreamConfig,
    mut to: Producer<f32>,
    shared: &Arc<Shared>,
) -> Result<Stream, SoundError>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let channels = usize::from(config.channels.max(1));
    let (data, errors) = (Arc::clone(shared), Arc::clone(shared));
    // Runs on the system's sound thread: it must neither wait nor allocate.
    let hear = move |block: &[T], _: &cpal::InputCallbackInfo| {
        for moment in block.chunks_exact(channels) {
            let sum: f32 = moment.iter().map(|s| f32::from_sample_(*s)).sum();
            if to.push(sum / channels as f32).is_err() {
                data.overruns.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
    };
    let fail = move |e: cpal::Error| match e.kind() {
        ErrorKind::Xrun => {
            errors.overruns.fetch_add(1, Ordering::Relaxed);
        }
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
        _ => errors.lost.store(true, Ordering::Relaxed),
    };
    source.build_input_stream::<T, _, _>(config, hear, fail, None).map_err(|e| fault(&e))
}

impl Input for Microphone {
    fn device(&self) -> &Device {
        &self.device
    }

    fn read(&mut self, out: &mut Vec<i16>, wait: Duration) -> Result<(), SoundError> {
        let until = Instant::now() + wait;
        loop {
            let ready = self.from.slots();
            if ready > 0 {
                self.heard = Instant::now();
                if let Ok(chunk) = self.from.read_chunk(ready) {
                    let (one, two) = chunk.as_slices();
                    for part in [one, two] {
                        self.resampler.push(part, |samples| out.extend(samples.iter().map(|s| to_16_bits(*s))));
                    }
                    chunk.commit_all();
                }
                return Ok(());
            }
            if self.over || self.shared.lost.load(Ordering::Relaxed) || self.heard.elapsed() > PATIENCE {
                self.over = true;
                return Err(SoundError::Lost);
            }
            if Instant::now() >= until {
                return Ok(());
            }
            thread::sleep(LOOK);
        }
    }

    fn overruns(&self) -> u64 {
        self.shared.overruns.load(Ordering::Relaxed)
    }
}

/// A float cast saturates, and NaN becomes 0.
pub(crate) fn to_16_bits(sample: f32) -> i16 {
    (sample * 32_768.0).round() as i16
}
