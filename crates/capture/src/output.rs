//! A loudspeaker.

use crate::{Output, RATE, SoundError, resample::Resampler, system::fault};
use cpal::{
    ErrorKind, FromSample, SampleFormat, SizedSample, Stream, StreamConfig,
    traits::{DeviceTrait, StreamTrait},
};
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// So much lies ready in the ring, in seconds.
const READY_S: usize = 1;

#[derive(Default)]
struct Shared {
    lost: AtomicBool,
    /// Samples at the device's rate.
    played: AtomicU64,
}

pub(crate) struct Loudspeaker {
    to: Producer<f32>,
    shared: Arc<Shared>,
    resampler: Resampler,
    rate: u32,
    capacity: usize,
    ready: Vec<f32>,
    _stream: Stream,
}

impl Loudspeaker {
    pub(crate) fn open(target: &cpal::Device) -> Result<Box<dyn Output>, SoundError> {
        let offered = target.default_output_config().map_err(|e| fault(&e))?;
        let config = StreamConfig::from(offered);
        let rate = config.sample_rate;
        let capacity = rate as usize * READY_S;
        let (to, from) = RingBuffer::new(capacity);
        let shared = Arc::new(Shared::default());
        let build = match offered.sample_format() {
            SampleFormat::F32 => stream::<f32>,
            SampleFormat::I16 => stream::<i16>,
            SampleFormat::I32 => stream::<i32>,
            SampleFormat::U8 => stream::<u8>,
            SampleFormat::U16 => stream::<u16>,
            _ => return Err(SoundError::Format),
        };
        let stream = build(target, config, from, &shared)?;
        stream.play().map_err(|e| fault(&e))?;
        let resampler = Resampler::new(RATE, rate)?;
        Ok(Box::new(Self { to, shared, resampler, rate, capacity, ready: Vec::new(), _stream: stream }))
    }
}

fn stream<T>(
    target: &cpal::Device,
    config: StreamConfig,
    mut from: Consumer<f32>,
    shared: &Arc<Shared>,
) -> Result<Stream, SoundError>
where
    T: SizedSample + FromSample<f32>,
{
    let channels = usize::from(config.channels.max(1));
    let (data, errors) = (Arc::clone(shared), Arc::clone(shared));
    let speak = move |block: &mut [T], _: &cpal::OutputCallbackInfo| {
        let mut played = 0;
        for moment in block.chunks_exact_mut(channels) {
            let sample = from.pop().inspect(|_| played += 1).unwrap_or(0.0);
            moment.fill(T::from_sample_(sample));
        }
        data.played.fetch_add(played, Ordering::Relaxed);
    };
    let fail = move |e: cpal::Error| {
        if !matches!(e.kind(), ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied) {
            errors.lost.store(true, Ordering::Relaxed);
        }
    };
    target.build_output_stream::<T, _, _>(config, speak, fail, None).map_err(|e| fault(&e))
}

impl Output for Loudspeaker {
    fn write(&mut self, samples: &[i16]) -> Result<usize, SoundError> {
        if self.shared.lost.load(Ordering::Relaxed) {
            return Err(SoundError::Lost);
        }
        // Room for what these samples become, and for what the filter still holds back.
        let free = self.to.slots().saturating_sub(4096);
        let fits = (free as u64 * u64::from(RATE) / u64::from(self.rate)) as usize;
        let taken = fits.min(samples.len());
        let input: Vec<f32> = samples[..taken].iter().map(|s| f32::from(*s) / 32_768.0).collect();
        let ready = &mut self.ready;
        self.resampler.push(&input, |out| ready.extend_from_slice(out));
        let now = self.ready.len().min(self.to.slots());
        for sample in self.ready.drain(..now) {
            let _ = self.to.push(sample);
        }
        Ok(taken)
    }

    fn played(&self) -> u64 {
        self.shared.played.load(Ordering::Relaxed) * u64::from(RATE) / u64::from(self.rate)
    }

    fn is_drained(&self) -> bool {
        self.to.slots() == self.capacity
    }
}
