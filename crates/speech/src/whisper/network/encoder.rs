//! The half of the network that hears.

use super::mel::Spectrogram;
use super::weights::{Linear, Norm, Source};
use crate::model_file::ModelFault;
use cloister_kernels::{CpuPath, Rounded, TiledKeys, attend_all, gelu, multiply_tiled};
use rayon::ThreadPool;

/// Two convolutions and a stack of transformer blocks: a vector for each 20 ms of sound.
pub(super) struct Encoder {
    conv1: Linear,
    conv2: Linear,
    /// [step][width].
    positions: Vec<f32>,
    layers: Vec<Layer>,
    last_norm: Norm,
    width: usize,
}

struct Layer {
    attention_norm: Norm,
    query: Linear,
    key: Linear,
    value: Linear,
    out: Linear,
    mlp_norm: Norm,
    up: Linear,
    down: Linear,
}

/// Memory of one encoder run, used again and again.
#[derive(Default)]
pub(super) struct Workspace {
    /// The spectrogram with an empty frame at both ends.
    mel: Vec<f32>,
    wide: Vec<f32>,
    normed: Vec<f32>,
    query: Vec<f32>,
    key: Vec<f32>,
    value: Vec<f32>,
    rounded: Rounded,
    keys: Option<TiledKeys>,
    /// The result: [step][width].
    pub(super) x: Vec<f32>,
}

impl Encoder {
    pub(super) fn read(source: &Source<'_>, layers: usize) -> Result<Self, ModelFault> {
        let n = source.width;
        let layer = |i: usize| -> Result<Layer, ModelFault> {
            let name = |part: &str| format!("encoder.blocks.{i}.{part}");
            Ok(Layer {
                attention_norm: source.norm(&name("attn_ln"))?,
                query: source.linear(&name("attn.query"), n, n)?,
                key: source.linear(&name("attn.key"), n, n)?,
                value: source.linear(&name("attn.value"), n, n)?,
                out: source.linear(&name("attn.out"), n, n)?,
                mlp_norm: source.norm(&name("mlp_ln"))?,
                up: source.linear(&name("mlp.0"), 4 * n, n)?,
                down: source.linear(&name("mlp.2"), n, 4 * n)?,
            })
        };
        Ok(Self {
            conv1: source.convolution("encoder.conv1", source.file.mels)?,
            conv2: source.convolution("encoder.conv2", n)?,
            positions: source.vector("encoder.positional_embedding")?,
            layers: (0..layers).map(layer).collect::<Result<_, _>>()?,
            last_norm: source.norm("encoder.ln_post")?,
            width: n,
        })
    }

    /// Encodes the first `steps` steps (20 ms each, at most 1500) of a sound into `w.x`, on the threads of `pool`. `go_on`
    /// is asked between layers; false ends the work, and the result is worthless.
    pub(super) fn run(
        &self,
        (path, pool): (CpuPath, &ThreadPool),
        spectrogram: &Spectrogram,
        samples: &[f32],
        steps: usize,
        w: &mut Workspace,
        go_on: &mut dyn FnMut() -> bool,
    ) -> bool {
        pool.install(|| self.convolve(path, spectrogram, samples, steps, w));
        for layer in &self.layers {
            if !go_on() {
                return false;
            }
            pool.install(|| layer.run(path, self.width, w));
        }
        self.last_norm.apply(path, &w.x, &mut w.normed);
        std::mem::swap(&mut w.x, &mut w.normed);
        true
    }

    /// Spectrogram and convolutions, with each step's place added.
    fn convolve(&self, path: CpuPath, spectrogram: &Spectrogram, samples: &[f32], steps: usize, w: &mut Workspace) {
        let (n, bands) = (self.width, spectrogram.bands);
        // Rows are moments, with a row of zeros before and after, so that a convolution is one product per window.
        w.mel.clear();
        w.mel.resize(bands, 0.0);
        spectrogram.append(samples, 2 * steps, &mut w.mel);
        let columns = self.conv1.matrix.columns();
        w.mel.resize((2 * steps + 1) * bands + columns, 0.0);
        w.rounded.take_windows(path, columns, bands, 2 * steps, &w.mel);
        self.conv1.apply(path, &w.rounded, &mut w.value);
        gelu(path, &mut w.value);
        w.wide.clear();
        w.wide.resize(n, 0.0);
        w.wide.extend_from_slice(&w.value);
        w.wide.resize((2 * steps + 2) * n, 0.0);
        w.rounded.take_windows(path, 3 * n, 2 * n, steps, &w.wide);
        self.conv2.apply(path, &w.rounded, &mut w.x);
        gelu(path, &mut w.x);
        add(&mut w.x, &self.positions);
    }
}

impl Layer {
    fn run(&self, path: CpuPath, n: usize, w: &mut Workspace) {
        let keys = w.keys.get_or_insert_with(|| TiledKeys::new(n / 64));
        self.attention_norm.apply(path, &w.x, &mut w.normed);
        w.rounded.take(path, n, &w.normed);
        let products = [
            self.query.product(&w.rounded, &mut w.query),
            self.key.product(&w.rounded, &mut w.key),
            self.value.product(&w.rounded, &mut w.value),
        ];
        multiply_tiled(path, &mut products.into_iter().flatten().collect::<Vec<_>>());
        keys.take(path, &w.key, &w.value);
        attend_all(path, keys, &w.query, &mut w.normed);
        w.rounded.take(path, n, &w.normed);
        self.out.apply(path, &w.rounded, &mut w.value);
        add(&mut w.x, &w.value);

        self.mlp_norm.apply(path, &w.x, &mut w.normed);
        w.rounded.take(path, n, &w.normed);
        self.up.apply(path, &w.rounded, &mut w.wide);
        gelu(path, &mut w.wide);
        w.rounded.take(path, 4 * n, &w.wide);
        self.down.apply(path, &w.rounded, &mut w.value);
        add(&mut w.x, &w.value);
    }
}

pub(super) fn add(x: &mut [f32], y: &[f32]) {
    for (x, y) in x.iter_mut().zip(y) {
        *x += y;
    }
}
