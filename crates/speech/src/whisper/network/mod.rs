//! The Whisper network (Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022): a sound
//! becomes a page, on which the next token can be asked for. Products are of bytes (see `cloister_kernels`).

mod decoder;
mod encoder;
mod mel;
#[cfg(test)]
mod tests;
mod weights;

use crate::model_file::{ModelFault, ModelFile};
use cloister_kernels::CpuPath;
use decoder::TextDecoder;
pub(super) use decoder::{Page, Reading};
use encoder::Encoder;
use mel::Spectrogram;
use rayon::{ThreadPool, ThreadPoolBuilder};
use weights::Source;

/// Samples of a step of the encoder, 20 ms.
pub(super) const SAMPLES_PER_STEP: usize = 320;
/// Steps the encoder was trained on: 30 s.
pub(super) const AUDIO_CONTEXT: usize = 1500;

/// A loaded model.
pub(super) struct Network {
    path: CpuPath,
    spectrogram: Spectrogram,
    encoder: Encoder,
    decoder: TextDecoder,
    vocabulary: usize,
}

/// Threads and memory of the network at work, used again and again.
pub(super) struct Workspace {
    pool: ThreadPool,
    encoder: encoder::Workspace,
    decoder: decoder::Workspace,
}

impl Workspace {
    /// With so many threads.
    pub(super) fn new(threads: usize) -> Option<Self> {
        Some(Self {
            pool: pool(threads)?,
            encoder: encoder::Workspace::default(),
            decoder: decoder::Workspace::default(),
        })
    }

    /// Uses so many threads from now on, if the system gives them.
    pub(super) fn use_threads(&mut self, threads: usize) {
        if threads != self.pool.current_num_threads()
            && let Some(pool) = pool(threads)
        {
            self.pool = pool;
        }
    }
}

fn pool(threads: usize) -> Option<ThreadPool> {
    ThreadPoolBuilder::new().num_threads(threads.max(1)).build().ok()
}

impl Network {
    pub(super) fn read(file: &ModelFile<'_>, path: CpuPath) -> Result<Self, ModelFault> {
        let source = Source { file, width: file.shape.state };
        Ok(Self {
            path,
            spectrogram: Spectrogram::new(file),
            encoder: Encoder::read(&source, file.shape.audio_layers)?,
            decoder: TextDecoder::read(&source, file.shape.text_layers, file.vocabulary)?,
            vocabulary: file.vocabulary,
        })
    }

    /// An empty page.
    pub(super) fn page(&self) -> Page {
        self.decoder.page()
    }

    /// Hears a sound (16 kHz) of which `steps` steps matter, and begins its page. Gives false when `go_on` did.
    pub(super) fn hear(
        &self,
        samples: &[f32],
        steps: usize,
        page: &mut Page,
        w: &mut Workspace,
        go_on: &mut dyn FnMut() -> bool,
    ) -> bool {
        let with = (self.path, &w.pool);
        let heard = self.encoder.run(with, &self.spectrogram, samples, steps, &mut w.encoder, go_on);
        if heard {
            w.pool.install(|| self.decoder.hear(self.path, &w.encoder.x, page, &mut w.decoder));
        }
        heard
    }

    /// Reads tokens on several texts; gives the logits after the last token of each.
    pub(super) fn read_tokens<'w>(
        &self,
        readings: &mut [Reading<'_>],
        w: &'w mut Workspace,
    ) -> impl Iterator<Item = &'w [f32]> + use<'w> {
        let (pool, decoder) = (&w.pool, &mut w.decoder);
        pool.install(|| self.decoder.read_tokens(self.path, readings, decoder)).chunks_exact(self.vocabulary)
    }
}
