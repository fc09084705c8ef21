//! The half of the network that writes.

use super::encoder::add;
use super::weights::{Linear, Norm, Source};
use crate::model_file::ModelFault;
use cloister_kernels::{
    Attention, AttentionShape, CpuPath, Keys, Rounded, TiledKeys, TiledMatrix, TiledProduct, attend, attend_all, gelu,
    multiply_tiled,
};

/// Tokens that a text may have.
const TEXT_CONTEXT: usize = 448;

/// A stack of transformer blocks that look at the text before and at a sound.
pub(super) struct TextDecoder {
    embedding: TiledMatrix,
    /// [position][width].
    positions: Vec<f32>,
    layers: Vec<Layer>,
    last_norm: Norm,
    width: usize,
    shape: AttentionShape,
}

struct Layer {
    self_norm: Norm,
    query: Linear,
    key: Linear,
    value: Linear,
    out: Linear,
    cross_norm: Norm,
    cross_query: Linear,
    cross_key: Linear,
    cross_value: Linear,
    cross_out: Linear,
    mlp_norm: Norm,
    up: Linear,
    down: Linear,
}

/// A sound that was encoded, and the texts that are written of it side by side.
pub(in crate::whisper) struct Page {
    /// For each layer: what the sound looks like.
    sound: Vec<TiledKeys>,
    /// Never empty. Those beyond the ones in use are kept for their memory.
    texts: Vec<Text>,
}

/// A text so far.
struct Text {
    /// One for each layer.
    keys: Vec<Keys>,
    /// Tokens so far.
    past: usize,
}

/// Tokens to be read on one text of a page.
pub(in crate::whisper) struct Reading<'a> {
    sound: &'a [TiledKeys],
    text: &'a mut Text,
    tokens: &'a [i32],
}

impl Page {
    /// Begins with one empty text.
    pub(in crate::whisper) fn begin(&mut self) {
        self.texts[0].past = 0;
    }

    /// The first text is to read these.
    pub(in crate::whisper) fn reading<'a>(&'a mut self, tokens: &'a [i32]) -> Reading<'a> {
        Reading { sound: &self.sound, text: &mut self.texts[0], tokens }
    }

    /// Each text is to read its own.
    pub(in crate::whisper) fn readings<'a>(
        &'a mut self,
        tokens: impl Iterator<Item = &'a [i32]>,
    ) -> impl Iterator<Item = Reading<'a>> {
        let sound = &self.sound[..];
        self.texts.iter_mut().zip(tokens).map(move |(text, tokens)| Reading { sound, text, tokens })
    }

    /// From now on each text goes on from that of the texts so far which `origins` gives for it.
    pub(in crate::whisper) fn arrange(&mut self, origins: &[usize]) {
        if origins.iter().enumerate().all(|(i, origin)| i == *origin) {
            return;
        }
        let mut before: Vec<Option<Text>> = std::mem::take(&mut self.texts).into_iter().map(Some).collect();
        // The first that goes on from a text takes it over, the others copy it.
        let heirs: Vec<Option<Text>> = origins.iter().map(|o| before.get_mut(*o).and_then(Option::take)).collect();
        let mut free = before.into_iter().flatten();
        for (heir, origin) in heirs.into_iter().zip(origins) {
            let first = origins.iter().position(|o| o == origin).and_then(|first| self.texts.get(first));
            let text = match (heir, first) {
                (Some(text), _) => text,
                (None, Some(first)) => first.copied_into(free.next()),
                (None, None) => continue,
            };
            self.texts.push(text);
        }
        self.texts.extend(free);
    }
}

impl Text {
    fn new(shape: AttentionShape, layers: usize) -> Self {
        Self { keys: (0..layers).map(|_| Keys::new(shape, TEXT_CONTEXT)).collect(), past: 0 }
    }

    /// A copy, in the memory of another where there is one.
    fn copied_into(&self, other: Option<Self>) -> Self {
        let mut text = other.unwrap_or_else(|| {
            let keys = self.keys.iter().map(|keys| Keys::new(keys.shape(), TEXT_CONTEXT)).collect();
            Self { keys, past: 0 }
        });
        for (to, from) in text.keys.iter_mut().zip(&self.keys) {
            to.copy_from(from, self.past);
        }
        text.past = self.past;
        text
    }
}

/// Memory of a step, used again and again.
#[derive(Default)]
pub(super) struct Workspace {
    x: Vec<f32>,
    normed: Vec<f32>,
    query: Vec<f32>,
    key: Vec<f32>,
    value: Vec<f32>,
    wide: Vec<f32>,
    rounded: Rounded,
    logits: Vec<f32>,
}

impl TextDecoder {
    pub(super) fn read(source: &Source<'_>, layers: usize, vocabulary: usize) -> Result<Self, ModelFault> {
        let n = source.width;
        let layer = |i: usize| -> Result<Layer, ModelFault> {
            let name = |part: &str| format!("decoder.blocks.{i}.{part}");
            Ok(Layer {
                self_norm: source.norm(&name("attn_ln"))?,
                query: source.linear(&name("attn.query"), n, n)?,
                key: source.linear(&name("attn.key"), n, n)?,
                value: source.linear(&name("attn.value"), n, n)?,
                out: source.linear(&name("attn.out"), n, n)?,
                cross_norm: source.norm(&name("cross_attn_ln"))?,
                cross_query: source.linear(&name("cross_attn.query"), n, n)?,
                cross_key: source.linear(&name("cross_attn.key"), n, n)?,
                cross_value: source.linear(&name("cross_attn.value"), n, n)?,
                cross_out: source.linear(&name("cross_attn.out"), n, n)?,
                mlp_norm: source.norm(&name("mlp_ln"))?,
                up: source.linear(&name("mlp.0"), 4 * n, n)?,
                down: source.linear(&name("mlp.2"), n, 4 * n)?,
            })
        };
        Ok(Self {
            embedding: source.matrix("decoder.token_embedding.weight", vocabulary, n)?,
            positions: source.vector("decoder.positional_embedding")?,
            layers: (0..layers).map(layer).collect::<Result<_, _>>()?,
            last_norm: source.norm("decoder.ln")?,
            width: n,
            shape: AttentionShape { heads: n / 64, kv_heads: n / 64, head_dim: 64 },
        })
    }

    pub(super) fn page(&self) -> Page {
        let heads = self.shape.heads;
        Page {
            sound: self.layers.iter().map(|_| TiledKeys::new(heads)).collect(),
            texts: vec![Text::new(self.shape, self.layers.len())],
        }
    }

    /// Takes an encoded sound ([step][width]) onto a page, and begins with one empty text.
    pub(super) fn hear(&self, path: CpuPath, encoded: &[f32], page: &mut Page, w: &mut Workspace) {
        page.begin();
        w.rounded.take(path, self.width, encoded);
        for (layer, sound) in self.layers.iter().zip(&mut page.sound) {
            let products =
                [layer.cross_key.product(&w.rounded, &mut w.key), layer.cross_value.product(&w.rounded, &mut w.value)];
            multiply_tiled(path, &mut products.into_iter().flatten().collect::<Vec<_>>());
            sound.take(path, &w.key, &w.value);
        }
    }

    /// Reads tokens on several texts, each from its own end on, and gives the logits after the last token of each text:
    /// [text][vocabulary]. A text's logits do not depend on the others.
    pub(super) fn read_tokens<'w>(
        &self,
        path: CpuPath,
        readings: &mut [Reading<'_>],
        w: &'w mut Workspace,
    ) -> &'w [f32] {
        let n = self.width;
        let rows: usize = readings.iter().map(|r| r.tokens.len()).sum();
        w.x.resize(rows * n, 0.0);
        let mut xs = w.x.chunks_exact_mut(n);
        for Reading { text, tokens, .. } in readings.iter() {
            for (i, (token, x)) in tokens.iter().zip(&mut xs).enumerate() {
                let token = usize::try_from(*token).unwrap_or(0).min(self.embedding.rows() - 1);
                self.embedding.read_row(token, x);
                let position = (text.past + i).min(TEXT_CONTEXT - 1);
                add(x, &self.positions[position * n..][..n]);
            }
        }
        for (number, layer) in self.layers.iter().enumerate() {
            layer.self_norm.apply(path, &w.x, &mut w.normed);
            w.rounded.take(path, n, &w.normed);
            let products = [
                layer.query.product(&w.rounded, &mut w.query),
                layer.key.product(&w.rounded, &mut w.key),
                layer.value.product(&w.rounded, &mut w.value),
            ];
            multiply_tiled(path, &mut products.into_iter().flatten().collect::<Vec<_>>());
            let mut at = 0;
            for Reading { text, tokens, .. } in readings.iter_mut() {
                let own = at..at + tokens.len() * n;
                let keys = &mut text.keys[number];
                keys.write(text.past, &w.key[own.clone()], &w.value[own.clone()]);
                let seen = (text.past + tokens.len()).min(TEXT_CONTEXT);
                let (queries, out) = (&w.query[own.clone()], &mut w.normed[own.clone()]);
                attend(path, self.shape, &mut [Attention { queries, runs: vec![(&*keys, seen)], out }]);
                at = own.end;
            }
            w.rounded.take(path, n, &w.normed);
            layer.out.apply(path, &w.rounded, &mut w.value);
            add(&mut w.x, &w.value);

            layer.cross_norm.apply(path, &w.x, &mut w.normed);
            w.rounded.take(path, n, &w.normed);
            layer.cross_query.apply(path, &w.rounded, &mut w.query);
            let mut at = 0;
            for Reading { sound, tokens, .. } in readings.iter() {
                let own = at..at + tokens.len() * n;
                attend_all(path, &sound[number], &w.query[own.clone()], &mut w.normed[own.clone()]);
                at = own.end;
            }
            w.rounded.take(path, n, &w.normed);
            layer.cross_out.apply(path, &w.rounded, &mut w.value);
            add(&mut w.x, &w.value);

            layer.mlp_norm.apply(path, &w.x, &mut w.normed);
            w.rounded.take(path, n, &w.normed);
            layer.up.apply(path, &w.rounded, &mut w.wide);
            gelu(path, &mut w.wide);
            w.rounded.take(path, 4 * n, &w.wide);
            layer.down.apply(path, &w.rounded, &mut w.value);
            add(&mut w.x, &w.value);
        }
        // Only the last token of each text is asked about.
        w.value.clear();
        let mut at = 0;
        for Reading { text, tokens, .. } in readings.iter_mut() {
            at += tokens.len();
            text.past = (text.past + tokens.len()).min(TEXT_CONTEXT);
            w.value.extend_from_slice(&w.x[(at - 1) * n..at * n]);
        }
        self.last_norm.apply(path, &w.value, &mut w.normed);
        w.rounded.take(path, n, &w.normed);
        w.logits.resize(readings.len() * self.embedding.rows(), 0.0);
        if let Some(product) = TiledProduct::new(&self.embedding, &w.rounded, None, &mut w.logits) {
            multiply_tiled(path, &mut [product]);
        }
        &w.logits
    }
}
