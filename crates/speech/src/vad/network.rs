//! Silero VAD 6.2 (<https://github.com/snakers4/silero-vad>, MIT): how likely 32 ms of sound hold speech.
//!
//! Spectrum (4 windows of 256 samples) → four convolutions over time → one LSTM cell → one output. Written out here
//! because it is small and streams: whisper.cpp's runner wants a file path and the whole recording at once.

use super::FRAME;
use super::fft::{BINS, Spectrum};
use std::sync::LazyLock;

static FILE: &[u8] = include_bytes!("../../assets/silero-vad-6.2.safetensors");
/// Where the numbers begin: after the length of the header and the header.
const DATA: usize = 8 + 1208;

/// Samples of the frame before that each frame is judged with.
const CONTEXT: usize = 64;
const WINDOW: usize = 256;
const HOP: usize = 128;
const WIDTH: usize = 128;

/// Judges sound frame by frame, remembering what came before.
pub(crate) struct SpeechDetector {
    spectrum: Spectrum,
    context: [f32; CONTEXT],
    hidden: [f32; WIDTH],
    cell: [f32; WIDTH],
}

impl SpeechDetector {
    /// A detector at the beginning of a recording.
    pub(crate) fn new() -> Self {
        Self { spectrum: Spectrum::new(), context: [0.0; CONTEXT], hidden: [0.0; WIDTH], cell: [0.0; WIDTH] }
    }

    /// The probability, 0 to 1, that somebody speaks in the next 512 samples (16 kHz).
    pub(crate) fn probability(&mut self, frame: &[f32; FRAME]) -> f32 {
        let net = &*NETWORK;
        let mut input = [0.0f32; CONTEXT + FRAME + CONTEXT];
        input[..CONTEXT].copy_from_slice(&self.context);
        input[CONTEXT..CONTEXT + FRAME].copy_from_slice(frame);
        // Mirrored at the end, the last sample not repeated.
        for i in 0..CONTEXT {
            input[CONTEXT + FRAME + i] = input[CONTEXT + FRAME - 2 - i];
        }
        self.context.copy_from_slice(&frame[FRAME - CONTEXT..]);

        // Rows are moments, with a row of zeros before and after, so that a convolution is one product per window.
        let mut spectra = [0.0f32; 6 * BINS];
        for t in 0..4 {
            self.spectrum.magnitudes(&input[t * HOP..t * HOP + WINDOW], &mut spectra[(t + 1) * BINS..(t + 2) * BINS]);
        }
        let mut a = [0.0f32; 6 * 128];
        for t in 0..4 {
            net.conv1.apply(&spectra[t * BINS..(t + 3) * BINS], &mut a[(t + 1) * 128..(t + 2) * 128]);
        }
        let mut b = [0.0f32; 4 * 64];
        for t in 0..2 {
            net.conv2.apply(&a[2 * t * 128..(2 * t + 3) * 128], &mut b[(t + 1) * 64..(t + 2) * 64]);
        }
        let mut c = [0.0f32; 3 * 64];
        net.conv3.apply(&b[..3 * 64], &mut c[64..128]);
        let mut d = [0.0f32; WIDTH];
        net.conv4.apply(&c, &mut d);
        self.remember(net, &d);
        let sum: f32 = self.hidden.iter().zip(&net.output).map(|(h, w)| h.max(0.0) * w).sum();
        sigmoid(sum + net.output_bias)
    }

    /// One step of the LSTM cell; gates in the order input, forget, candidate, output.
    fn remember(&mut self, net: &Network, input: &[f32; WIDTH]) {
        let mut gates = net.gate_bias;
        accumulate(&mut gates, &net.gates_from_input, input);
        accumulate(&mut gates, &net.gates_from_hidden, &self.hidden);
        for i in 0..WIDTH {
            let keep = sigmoid(gates[WIDTH + i]) * self.cell[i];
            self.cell[i] = keep + sigmoid(gates[i]) * gates[2 * WIDTH + i].tanh();
            self.hidden[i] = sigmoid(gates[3 * WIDTH + i]) * self.cell[i].tanh();
        }
    }
}

impl std::fmt::Debug for SpeechDetector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SpeechDetector")
    }
}

/// A convolution over three moments with rectified output; weights `[moment × channel][output]`.
struct Convolution {
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Convolution {
    /// `offset` of weights stored `[output][channel][moment]`, followed by the biases.
    fn read(offset: usize, outputs: usize, channels: usize) -> Self {
        let stored = numbers(offset, outputs * channels * 3);
        let mut weights = vec![0.0; stored.len()];
        for o in 0..outputs {
            for c in 0..channels {
                for t in 0..3 {
                    weights[(t * channels + c) * outputs + o] = stored[(o * channels + c) * 3 + t];
                }
            }
        }
        Self { weights, bias: numbers(offset + stored.len() * 4, outputs) }
    }

    fn apply(&self, window: &[f32], out: &mut [f32]) {
        out.copy_from_slice(&self.bias);
        accumulate(out, &self.weights, window);
        for v in out {
            *v = v.max(0.0);
        }
    }
}

struct Network {
    conv1: Convolution,
    conv2: Convolution,
    conv3: Convolution,
    conv4: Convolution,
    gates_from_input: Vec<f32>,
    gates_from_hidden: Vec<f32>,
    gate_bias: [f32; 4 * WIDTH],
    output: Vec<f32>,
    output_bias: f32,
}

/// The weights, laid out for [`accumulate`]. Offsets are those of the file's header; a test compares them with it.
static NETWORK: LazyLock<Network> = LazyLock::new(|| {
    let transposed = |offset| {
        let stored = numbers(offset, 4 * WIDTH * WIDTH);
        (0..stored.len()).map(|i| stored[(i % (4 * WIDTH)) * WIDTH + i / (4 * WIDTH)]).collect()
    };
    let (bias_in, bias_hidden) = (numbers(1_233_920, 4 * WIDTH), numbers(1_235_968, 4 * WIDTH));
    Network {
        conv1: Convolution::read(264_192, 128, BINS),
        conv2: Convolution::read(462_848, 64, 128),
        conv3: Convolution::read(561_408, 64, 64),
        conv4: Convolution::read(610_816, 128, 64),
        gates_from_input: transposed(709_632),
        gates_from_hidden: transposed(971_776),
        gate_bias: std::array::from_fn(|i| bias_in[i] + bias_hidden[i]),
        output: numbers(1_238_016, WIDTH),
        output_bias: numbers(1_238_528, 1)[0],
    }
});

fn numbers(offset: usize, count: usize) -> Vec<f32> {
    let bytes = &FILE[DATA + offset..DATA + offset + count * 4];
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

/// `out[o] += Σ weights[i][o] · input[i]`, four inputs at a time so that sums stay in registers.
fn accumulate(out: &mut [f32], weights: &[f32], input: &[f32]) {
    let n = out.len();
    for (rows, x) in weights.chunks(4 * n).zip(input.chunks(4)) {
        if let [x0, x1, x2, x3] = *x {
            let (r0, rest) = rows.split_at(n);
            let (r1, rest) = rest.split_at(n);
            let (r2, r3) = rest.split_at(n);
            for ((((o, a), b), c), d) in out.iter_mut().zip(r0).zip(r1).zip(r2).zip(r3) {
                *o += (a * x0 + b * x1) + (c * x2 + d * x3);
            }
        } else {
            for (row, x) in rows.chunks(n).zip(x) {
                for (o, w) in out.iter_mut().zip(row) {
                    *o += w * x;
                }
            }
        }
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_offsets_are_those_of_the_files_header() {
        let length = u64::from_le_bytes(FILE[..8].try_into().unwrap()) as usize;
        assert_eq!(8 + length, DATA);
        let header: serde_json::Value = serde_json::from_slice(&FILE[8..DATA]).unwrap();
        for (name, offset, shape) in [
            ("conv1.weight", 264_192, vec![128, 129, 3]),
            ("conv1.bias", 264_192 + 128 * 129 * 3 * 4, vec![128]),
            ("conv2.weight", 462_848, vec![64, 128, 3]),
            ("conv3.weight", 561_408, vec![64, 64, 3]),
            ("conv4.weight", 610_816, vec![128, 64, 3]),
            ("conv4.bias", 610_816 + 128 * 64 * 3 * 4, vec![128]),
            ("lstm_cell.weight_ih", 709_632, vec![512, 128]),
            ("lstm_cell.weight_hh", 971_776, vec![512, 128]),
            ("lstm_cell.bias_ih", 1_233_920, vec![512]),
            ("lstm_cell.bias_hh", 1_235_968, vec![512]),
            ("final_conv.weight", 1_238_016, vec![1, 128, 1]),
            ("final_conv.bias", 1_238_528, vec![1]),
        ] {
            assert_eq!(header[name]["data_offsets"][0], offset, "{name}");
            assert_eq!(header[name]["shape"], serde_json::json!(shape), "{name}");
            assert_eq!(header[name]["dtype"], "F32");
        }
    }

    /// The file's own window is the one that [`Spectrum`] computes.
    #[test]
    fn the_spectrum_is_the_one_the_network_was_trained_on() {
        let basis = numbers(0, 258 * WINDOW);
        let samples: Vec<f32> = (0..WINDOW).map(|n| (n as f32 * 0.31).sin() + 0.2 * (n as f32 * 1.7).cos()).collect();
        let mut ours = [0.0; BINS];
        Spectrum::new().magnitudes(&samples, &mut ours);
        for (k, ours) in ours.iter().enumerate() {
            let dot = |row: usize| -> f32 { basis[row * WINDOW..].iter().zip(&samples).map(|(w, s)| w * s).sum() };
            let theirs = dot(k).hypot(dot(k + BINS));
            assert!((theirs - ours).abs() < 1e-3, "bin {k}: {theirs} and {ours}");
        }
    }

    #[test]
    fn silence_and_steady_tones_are_not_speech() {
        let mut detector = SpeechDetector::new();
        for i in 0..200 {
            let tone: [f32; FRAME] =
                std::array::from_fn(|n| 0.1 * (std::f32::consts::TAU * 50.0 * (i * FRAME + n) as f32 / 16_000.0).sin());
            let frame = if i < 100 { [0.0; FRAME] } else { tone };
            let p = detector.probability(&frame);
            assert!((0.0..0.5).contains(&p), "frame {i}: {p}");
        }
    }
}
