//! A CTranslate2 whisper model turned into whisper.cpp's file.
//!
//! CTranslate2 fuses what OpenAI's checkpoint keeps apart: query, key and value in self-attention, key and value in
//! cross-attention. Tensors are written under the checkpoint's names and in its order, so that the result is the file
//! that whisper.cpp's own converter makes of the checkpoint.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::ct2;
use super::ggml::{Tensor, Values, WhisperFile};
use super::npz::{self, Matrix};

/// Vocabularies of at least this size are those of multilingual models.
const MULTILINGUAL_VOCABULARY: usize = 51_865;
/// Weights in 16-bit floats.
const FTYPE_F16: i32 = 1;

/// Files that OpenAI's Whisper package carries beside its code.
pub(super) struct Assets {
    /// `multilingual.tiktoken`
    pub(super) multilingual_tokens: Vec<u8>,
    /// `gpt2.tiktoken`
    pub(super) english_tokens: Vec<u8>,
    /// `mel_filters.npz`
    pub(super) mel_filters: Vec<u8>,
}

/// Convert the model, its matrices and convolutions in 16-bit floats.
pub(super) fn convert(model: &ct2::Model<'_>, assets: &Assets) -> Result<WhisperFile> {
    let dimension = |name: &str, axis: usize| -> Result<usize> {
        let shape = &model.tensor(name)?.shape;
        shape.get(axis).copied().with_context(|| format!("{name} has too few dimensions: {shape:?}"))
    };
    let (vocabulary, state) = (dimension("decoder/embeddings/weight", 0)?, dimension("decoder/embeddings/weight", 1)?);
    let (audio_layers, text_layers) = (model.layers("encoder"), model.layers("decoder"));
    let mels = dimension("encoder/conv1/weight", 1)?;
    Ok(WhisperFile {
        hyper_parameters: [
            i32::try_from(vocabulary)?,
            i32::try_from(dimension("encoder/position_encodings/encodings", 0)?)?,
            i32::try_from(state)?,
            model.integer("encoder/num_heads")?,
            i32::try_from(audio_layers)?,
            i32::try_from(dimension("decoder/position_encodings/encodings", 0)?)?,
            i32::try_from(state)?,
            model.integer("decoder/num_heads")?,
            i32::try_from(text_layers)?,
            i32::try_from(mels)?,
            FTYPE_F16,
        ],
        mel_filters: mel_filters(&assets.mel_filters, mels)?,
        tokens: tokens(assets, vocabulary)?,
        tensors: tensors(model, audio_layers, text_layers)?,
    })
}

fn mel_filters(npz: &[u8], mels: usize) -> Result<Matrix> {
    let mut filters = npz::read(npz, &format!("mel_{mels}"))?;
    // Upstream's files hold no negative zero.
    filters.values.iter_mut().filter(|v| **v == 0.0).for_each(|v| *v = 0.0);
    Ok(filters)
}

/// The byte strings of the tokens: a tiktoken file has one line each, in base64, followed by its rank.
fn tokens(assets: &Assets, vocabulary: usize) -> Result<Vec<Vec<u8>>> {
    let multilingual = vocabulary >= MULTILINGUAL_VOCABULARY;
    let table = if multilingual { &assets.multilingual_tokens } else { &assets.english_tokens };
    let mut tokens = Vec::new();
    for line in str::from_utf8(table)?.lines().filter(|line| !line.is_empty()) {
        let (token, _rank) = line.split_once(' ').context("a line of the token table has no rank")?;
        // The multilingual table marks the one token that stands for no bytes with a lone padding character.
        tokens.push(if token == "=" { Vec::new() } else { BASE64.decode(token)? });
    }
    if !multilingual {
        // GPT-2's vocabulary, as upstream writes it into English files, ends with this token; the table leaves it out.
        tokens.push(b"<|endoftext|>".to_vec());
    }
    ensure!(tokens.len() <= vocabulary, "{} tokens, but the vocabulary has {vocabulary}", tokens.len());
    Ok(tokens)
}

fn tensors(model: &ct2::Model<'_>, audio_layers: usize, text_layers: usize) -> Result<Vec<Tensor>> {
    let mut out = Checkpoint { model, tensors: Vec::new() };
    out.copy("decoder.positional_embedding", "decoder/position_encodings/encodings")?;
    out.copy("encoder.positional_embedding", "encoder/position_encodings/encodings")?;
    out.copy("decoder.token_embedding.weight", "decoder/embeddings/weight")?;
    for i in 0..text_layers {
        let (to, from) = (format!("decoder.blocks.{i}"), format!("decoder/layer_{i}"));
        out.mlp(&to, &from)?;
        out.self_attention(&to, &from)?;
        out.cross_attention(&to, &from)?;
    }
    out.layer_norm("decoder.ln", "decoder/layer_norm")?;
    out.linear("encoder.conv1", "encoder/conv1")?;
    out.linear("encoder.conv2", "encoder/conv2")?;
    for i in 0..audio_layers {
        let (to, from) = (format!("encoder.blocks.{i}"), format!("encoder/layer_{i}"));
        out.mlp(&to, &from)?;
        out.self_attention(&to, &from)?;
    }
    out.layer_norm("encoder.ln_post", "encoder/layer_norm")?;
    Ok(out.tensors)
}

/// Collects tensors under the names of OpenAI's checkpoint (`to`) from those of CTranslate2 (`from`).
struct Checkpoint<'m> {
    model: &'m ct2::Model<'m>,
    tensors: Vec<Tensor>,
}

impl Checkpoint<'_> {
    fn copy(&mut self, to: &str, from: &str) -> Result<()> {
        let tensor = self.model.tensor(from)?.clone();
        self.push(to.to_owned(), &tensor)
    }

    fn layer_norm(&mut self, to: &str, from: &str) -> Result<()> {
        self.copy(&format!("{to}.weight"), &format!("{from}/gamma"))?;
        self.copy(&format!("{to}.bias"), &format!("{from}/beta"))
    }

    fn linear(&mut self, to: &str, from: &str) -> Result<()> {
        self.copy(&format!("{to}.weight"), &format!("{from}/weight"))?;
        self.copy(&format!("{to}.bias"), &format!("{from}/bias"))
    }

    fn mlp(&mut self, to: &str, from: &str) -> Result<()> {
        self.layer_norm(&format!("{to}.mlp_ln"), &format!("{from}/ffn/layer_norm"))?;
        self.linear(&format!("{to}.mlp.0"), &format!("{from}/ffn/linear_0"))?;
        self.linear(&format!("{to}.mlp.2"), &format!("{from}/ffn/linear_1"))
    }

    fn self_attention(&mut self, to: &str, from: &str) -> Result<()> {
        let from = format!("{from}/self_attention");
        self.layer_norm(&format!("{to}.attn_ln"), &format!("{from}/layer_norm"))?;
        self.fused(&format!("{to}.attn"), &format!("{from}/linear_0"), &["query", "key", "value"])?;
        self.linear(&format!("{to}.attn.out"), &format!("{from}/linear_1"))
    }

    fn cross_attention(&mut self, to: &str, from: &str) -> Result<()> {
        let from = format!("{from}/attention");
        self.layer_norm(&format!("{to}.cross_attn_ln"), &format!("{from}/layer_norm"))?;
        self.linear(&format!("{to}.cross_attn.query"), &format!("{from}/linear_0"))?;
        self.fused(&format!("{to}.cross_attn"), &format!("{from}/linear_1"), &["key", "value"])?;
        self.linear(&format!("{to}.cross_attn.out"), &format!("{from}/linear_2"))
    }

    /// A linear layer whose rows are several layers, one after the other. Whisper's key has no bias of its own: the
    /// fused layer holds zeros there.
    fn fused(&mut self, to: &str, from: &str, parts: &[&str]) -> Result<()> {
        let weight = self.model.tensor(&format!("{from}/weight"))?;
        let bias = self.model.tensor(&format!("{from}/bias"))?;
        for (i, part) in parts.iter().enumerate() {
            self.push(format!("{to}.{part}.weight"), &weight.part(i, parts.len())?)?;
            let bias = bias.part(i, parts.len())?;
            if *part == "key" {
                ensure!(bias.to_f32()?.iter().all(|v| *v == 0.0), "{from} has a bias for its key");
            } else {
                self.push(format!("{to}.{part}.bias"), &bias)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, name: String, tensor: &ct2::Tensor<'_>) -> Result<()> {
        let mut shape = tensor.shape.clone();
        let convolution_bias = matches!(name.as_str(), "encoder.conv1.bias" | "encoder.conv2.bias");
        // whisper.cpp adds these to a (channels, time) activation.
        if convolution_bias {
            shape.push(1);
        }
        let wide = shape.len() < 2 || convolution_bias || name.ends_with("positional_embedding");
        let values = if wide { Values::F32(tensor.to_f32()?) } else { Values::F16(tensor.to_f16()?) };
        self.tensors.push(Tensor { name, shape, values });
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use half::f16;

    use super::*;

    const STATE: usize = 32;

    /// A model of one encoder and one decoder layer, each tensor filled with one value of its own.
    pub(crate) fn small_ct2(key_bias: f32) -> Vec<u8> {
        let mut tensors: Vec<(String, Vec<usize>, u8, Vec<u8>)> = Vec::new();
        let mut add = |name: &str, shape: &[usize], value: f32| {
            let bytes = f16::from_f32(value).to_le_bytes().repeat(shape.iter().product());
            tensors.push((name.to_owned(), shape.to_vec(), 4, bytes));
        };
        add("decoder/embeddings/weight", &[4, STATE], 0.25);
        for (stack, attentions) in [("encoder", &["self_attention"][..]), ("decoder", &["self_attention", "attention"])]
        {
            add(&format!("{stack}/position_encodings/encodings"), &[2, STATE], 1.0);
            let layer = format!("{stack}/layer_0");
            for norm in [format!("{stack}/layer_norm"), format!("{layer}/ffn/layer_norm")] {
                add(&format!("{norm}/gamma"), &[STATE], 1.0);
                add(&format!("{norm}/beta"), &[STATE], 0.0);
            }
            for linear in ["ffn/linear_0", "ffn/linear_1"] {
                add(&format!("{layer}/{linear}/weight"), &[STATE, STATE], 2.0);
                add(&format!("{layer}/{linear}/bias"), &[STATE], 0.5);
            }
            for attention in attentions {
                let at = format!("{layer}/{attention}");
                add(&format!("{at}/layer_norm/gamma"), &[STATE], 1.0);
                add(&format!("{at}/layer_norm/beta"), &[STATE], 0.0);
                let widths: &[usize] = if *attention == "attention" { &[1, 2, 1] } else { &[3, 1] };
                for (i, width) in widths.iter().enumerate() {
                    let bias = if *width > 1 { key_bias } else { 0.5 };
                    add(&format!("{at}/linear_{i}/weight"), &[width * STATE, STATE], 3.0);
                    add(&format!("{at}/linear_{i}/bias"), &[width * STATE], bias);
                }
            }
        }
        for conv in ["conv1", "conv2"] {
            add(&format!("encoder/{conv}/weight"), &[STATE, 2, 3], 4.0);
            add(&format!("encoder/{conv}/bias"), &[STATE], 0.5);
        }
        for stack in ["encoder", "decoder"] {
            tensors.push((format!("{stack}/num_heads"), vec![], 1, vec![2]));
        }
        let borrowed: Vec<_> = tensors.iter().map(|(n, s, e, b)| (n.as_str(), s.as_slice(), *e, b.clone())).collect();
        ct2::tests::file(&borrowed, &[])
    }

    pub(crate) fn small_assets() -> Assets {
        let filters = Matrix { rows: 2, columns: 2, values: vec![-0.0, 1.0, 0.5, 0.0] };
        Assets {
            multilingual_tokens: Vec::new(),
            english_tokens: b"YQ== 0\n= 1\nYmM= 2\n\n".to_vec(),
            mel_filters: npz::tests::file("mel_2", &filters),
        }
    }

    #[test]
    fn names_order_shapes_and_widths_are_those_of_the_checkpoint() {
        let bytes = small_ct2(0.0);
        let file = convert(&ct2::Model::parse(&bytes).unwrap(), &small_assets()).unwrap();
        assert_eq!(file.hyper_parameters, [4, 2, 32, 2, 1, 2, 32, 2, 1, 2, 1]);
        assert_eq!(file.tokens, [b"a".to_vec(), Vec::new(), b"bc".to_vec(), b"<|endoftext|>".to_vec()]);
        assert!(file.mel_filters.values.iter().all(|v| v.is_sign_positive()));
        let names: Vec<&str> = file.tensors.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names.len(), 3 + 3 * 2 + 9 + 9 + 2 + 4 + 3 * 2 + 9 + 2);
        assert_eq!(
            names[11..18],
            [
                "decoder.blocks.0.attn.query.weight",
                "decoder.blocks.0.attn.query.bias",
                "decoder.blocks.0.attn.key.weight",
                "decoder.blocks.0.attn.value.weight",
                "decoder.blocks.0.attn.value.bias",
                "decoder.blocks.0.attn.out.weight",
                "decoder.blocks.0.attn.out.bias",
            ]
        );
        let find = |name: &str| file.tensors.iter().find(|t| t.name == name).unwrap();
        assert_eq!(find("encoder.conv1.bias").shape, [STATE, 1]);
        assert_eq!(find("encoder.conv1.bias").values, Values::F32(vec![0.5; STATE]));
        assert_eq!(find("decoder.blocks.0.cross_attn.value.weight").shape, [STATE, STATE]);
        assert_eq!(find("encoder.conv2.weight").values, Values::F16(vec![f16::from_f32(4.0); STATE * 6]));
        assert!(matches!(find("encoder.positional_embedding").values, Values::F32(_)));
    }

    #[test]
    fn a_bias_of_the_key_is_refused() {
        let bytes = small_ct2(0.5);
        assert!(convert(&ct2::Model::parse(&bytes).unwrap(), &small_assets()).is_err());
    }
}
