//! Sound files made on the spot: 16 kHz mono 16-bit WAV.

const RATE: u32 = 16_000;

/// Seconds of nothing.
#[must_use]
pub fn silence(seconds: u32) -> Vec<u8> {
    wav(&vec![0; (seconds * RATE) as usize])
}

/// Seconds of white noise about 30 dB below full scale, the same each time.
#[must_use]
pub fn noise(seconds: u32) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let samples: Vec<i16> = (0..seconds * RATE)
        .map(|_| {
            // xorshift64 (Marsaglia 2003)
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            i16::try_from((state % 2048) as i32 - 1024).unwrap_or(0)
        })
        .collect();
    wav(&samples)
}

/// Samples as a WAV file: a 44-byte header, then the samples, little-endian.
#[must_use]
pub fn wav(samples: &[i16]) -> Vec<u8> {
    let data_bytes = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX - 36);
    let mut file = Vec::with_capacity(44 + samples.len() * 2);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + data_bytes).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16_u32.to_le_bytes());
    file.extend_from_slice(&1_u16.to_le_bytes()); // PCM
    file.extend_from_slice(&1_u16.to_le_bytes()); // channels
    file.extend_from_slice(&RATE.to_le_bytes());
    file.extend_from_slice(&(RATE * 2).to_le_bytes()); // bytes a second
    file.extend_from_slice(&2_u16.to_le_bytes()); // bytes a frame
    file.extend_from_slice(&16_u16.to_le_bytes()); // bits a sample
    file.extend_from_slice(b"data");
    file.extend_from_slice(&data_bytes.to_le_bytes());
    for sample in samples {
        file.extend_from_slice(&sample.to_le_bytes());
    }
    file
}

#[cfg(test)]
mod tests {
    use super::{noise, silence};

    #[test]
    fn a_second_has_the_length_that_its_header_says() {
        let file = silence(1);
        assert_eq!(file.len(), 44 + 32_000);
        assert_eq!(u32::from_le_bytes(file[40..44].try_into().unwrap()), 32_000);
    }

    #[test]
    fn noise_is_not_silence_and_always_the_same() {
        assert_eq!(noise(1), noise(1));
        assert_ne!(noise(1), silence(1));
    }
}
