//! Listens to sounds in which nobody says a word, and fails when it writes one: `wordless MODEL [MINUTES] [THREADS]`.
//! Digital silence, white noise, mains hum, and babble: many voices' rhythm and resonances without any speech.
#![allow(clippy::print_stdout)]

use cloister_speech::{AudioDecoder, Options, Recogniser, SAMPLE_RATE};
use std::f32::consts::TAU;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [model, rest @ ..] = &args[..] else { return Err("usage: wordless MODEL [MINUTES] [THREADS]".into()) };
    let minutes: usize = rest.first().map_or(Ok(60), |n| n.parse())?;
    let threads = rest.get(1).map_or(Ok(2), |n| n.parse())?;
    let mut recogniser = Recogniser::load(&std::fs::read(model)?, threads)?;
    let samples = minutes * 60 * SAMPLE_RATE as usize;
    let mut words = 0;
    for (name, sound) in [
        ("silence", silence as fn() -> Box<dyn Iterator<Item = f32>>),
        ("white noise", white),
        ("mains hum", hum),
        ("babble", babble),
    ] {
        let started = Instant::now();
        let mut audio = AudioDecoder::open(Cursor::new(wave(sound().take(samples))), None)?;
        let mut written = 0;
        let heard = recogniser.transcribe(&mut audio, &Options::default(), &mut |event| {
            if let cloister_speech::Event::Segment(segment) = event {
                written += segment.words.len();
                println!("  {:.1} s: {}", segment.start_s, segment.text.expose("nobody said it"));
            }
            ControlFlow::Continue(())
        })?;
        let took = started.elapsed().as_secs_f64();
        println!("{name}: {written} words in {:.0} s ({took:.1} s of work)", heard.duration_s);
        words += written;
    }
    if words > 0 { Err(format!("{words} words that nobody said").into()) } else { Ok(()) }
}

fn silence() -> Box<dyn Iterator<Item = f32>> {
    Box::new(std::iter::repeat(0.0))
}

fn white() -> Box<dyn Iterator<Item = f32>> {
    Box::new(noise(1).map(|s| s * 0.2))
}

/// 50 Hz and its first harmonics over a faint hiss.
fn hum() -> Box<dyn Iterator<Item = f32>> {
    let tone = |i: usize, hz: f32| (TAU * hz * (i % SAMPLE_RATE as usize) as f32 / SAMPLE_RATE as f32).sin();
    let wave = move |i: usize| 0.1 * tone(i, 50.0) + 0.05 * tone(i, 100.0) + 0.03 * tone(i, 150.0);
    Box::new(noise(2).enumerate().map(move |(i, n)| wave(i) + 0.002 * n))
}

/// Twelve voices: noise through two wandering resonances each, swelling and fading some four times a second.
fn babble() -> Box<dyn Iterator<Item = f32>> {
    let mut voices: Vec<Voice> = (0..12).map(Voice::new).collect();
    Box::new(std::iter::repeat_with(move || voices.iter_mut().map(Voice::next).sum::<f32>() * 0.05))
}

struct Voice {
    noise: Box<dyn Iterator<Item = f32>>,
    at: usize,
    rate_hz: f32,
    phase: f32,
    low: [f32; 2],
    high: [f32; 2],
}

impl Voice {
    fn new(number: u64) -> Self {
        let phase = number as f32 * 0.61;
        let rate_hz = 3.1 + number as f32 * 0.17;
        Self { noise: Box::new(noise(number + 3)), at: 0, rate_hz, phase, low: [0.0; 2], high: [0.0; 2] }
    }

    fn next(&mut self) -> f32 {
        let t = self.at as f32 / SAMPLE_RATE as f32;
        // One day's worth of samples does not fit an f32's precision; the period of all wanderings is ten minutes.
        self.at = (self.at + 1) % (600 * SAMPLE_RATE as usize);
        let swell = (TAU * (self.rate_hz * t + self.phase)).sin().max(0.0).powi(2);
        let first = 500.0 + 200.0 * (TAU * (1.3 * t + self.phase)).sin();
        let second = 1500.0 + 500.0 * (TAU * (0.9 * t + 2.0 * self.phase)).sin();
        let n = self.noise.next().unwrap_or(0.0);
        swell * (resonate(&mut self.low, n, first) + 0.5 * resonate(&mut self.high, n, second))
    }
}

/// A two-pole resonator of about 80 Hz width.
fn resonate(state: &mut [f32; 2], input: f32, hz: f32) -> f32 {
    let radius = 0.985;
    let out =
        0.03 * input + 2.0 * radius * (TAU * hz / SAMPLE_RATE as f32).cos() * state[0] - radius * radius * state[1];
    *state = [out, state[0]];
    out
}

fn noise(seed: u64) -> impl Iterator<Item = f32> {
    let mut state = 0x2545_f491_4f6c_dd1d ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    })
}

/// 16 kHz mono, 16 bits.
fn wave(samples: impl Iterator<Item = f32>) -> Vec<u8> {
    let data: Vec<u8> = samples.flat_map(|s| ((s.clamp(-1.0, 1.0) * 32767.0) as i16).to_le_bytes()).collect();
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(SAMPLE_RATE.to_le_bytes());
    file.extend((SAMPLE_RATE * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}
