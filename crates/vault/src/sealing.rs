//! Sealing a key to a public key: HPKE (RFC 9180) in base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
//! AES-256-GCM, one message per encapsulation and no AAD (everything is bound in `info`).

use crate::{SealedKey, VaultError, encoding::Bytes, secret::Key};
use cloister_domain::Entropy;
use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::AesGcm256, kdf::HkdfSha256, kem::X25519HkdfSha256,
    rand_core,
};
use std::convert::Infallible;
use zeroize::Zeroizing;

pub(crate) type PrivateKey = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;
type PublicKey = <X25519HkdfSha256 as hpke::Kem>::PublicKey;

/// 32 secret bytes from which a pair is derived (RFC 9180, section 7.1.3, DeriveKeyPair).
pub(crate) struct PairSeed(pub(crate) Key);

impl PairSeed {
    pub(crate) fn into_private(self) -> PrivateKey {
        X25519HkdfSha256::derive_keypair(self.0.expose()).0
    }

    pub(crate) fn public(&self) -> Bytes<32> {
        Bytes(X25519HkdfSha256::derive_keypair(self.0.expose()).1.to_bytes().into())
    }
}

/// Seals `key` to the holder of the private half of `to`.
pub(crate) fn seal(
    to: &Bytes<32>,
    info: &[u8],
    version: u32,
    key: &Key,
    entropy: &dyn Entropy,
) -> Result<SealedKey, VaultError> {
    let public = PublicKey::from_bytes(&to.0).map_err(|_| VaultError::Crypto("sealing to a public key"))?;
    let mut drawn = Drawn::new(entropy)?;
    let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        info,
        key.expose(),
        &[],
        &mut drawn,
    )
    .map_err(|_| VaultError::Crypto("sealing to a public key"))?;
    if drawn.short {
        return Err(VaultError::Crypto("sealing to a public key"));
    }
    SealedKey::new(version, &encapsulated.to_bytes(), &ciphertext).ok_or(VaultError::Crypto("sealing to a public key"))
}

/// Opens what [`seal`] sealed to this private key under the same `info`.
pub(crate) fn open(private: &PrivateKey, info: &[u8], sealed: &SealedKey) -> Result<Key, VaultError> {
    let (encapsulated, ciphertext) = sealed.parts();
    let encapsulated =
        <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| VaultError::WrappedKey)?;
    let plaintext = hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        private,
        &encapsulated,
        info,
        ciphertext,
        &[],
    )
    .map(Zeroizing::new)
    .map_err(|_| VaultError::WrappedKey)?;
    Key::from_slice(&plaintext).ok_or(VaultError::WrappedKey)
}

/// Randomness drawn beforehand. HPKE's generator trait cannot fail, ours can; an encapsulation needs the 32 bytes
/// of one ephemeral key and no more, and asking for more is remembered as a failure.
struct Drawn {
    bytes: Zeroizing<[u8; 32]>,
    used: usize,
    short: bool,
}

impl Drawn {
    fn new(entropy: &dyn Entropy) -> Result<Self, VaultError> {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut_slice()).map_err(VaultError::Entropy)?;
        Ok(Self { bytes, used: 0, short: false })
    }
}

impl rand_core::TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut out = [0; 4];
        self.try_fill_bytes(&mut out)?;
        Ok(u32::from_le_bytes(out))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut out = [0; 8];
        self.try_fill_bytes(&mut out)?;
        Ok(u64::from_le_bytes(out))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        match self.bytes.get(self.used..self.used.saturating_add(out.len())) {
            Some(bytes) => {
                out.copy_from_slice(bytes);
                self.used += out.len();
            }
            None => self.short = true,
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Drawn {}

#[cfg(test)]
mod tests {
    use super::{Drawn, Key, PairSeed, open, seal};
    use crate::{
        VaultError,
        testing::{Dry, Seeded},
    };
    use cloister_domain::Entropy;
    use hpke::{
        Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::AesGcm128, kdf::HkdfSha256,
        kem::X25519HkdfSha256,
    };

    struct Given(Vec<u8>);
    impl Entropy for Given {
        fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
            out.copy_from_slice(&self.0);
            Ok(())
        }
    }

    fn hex(text: &str) -> Vec<u8> {
        hex::decode(text).unwrap()
    }

    /// RFC 9180, appendix A.1.1: our KEM and KDF with AES-128-GCM (the RFC prints no vector with AES-256-GCM for this
    /// KEM), with the ephemeral key drawn through our own generator.
    #[test]
    fn the_rfc_vector() {
        let recipient = PairSeed(
            Key::from_slice(&hex("6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037")).unwrap(),
        );
        assert_eq!(
            hex::encode(recipient.public().0),
            "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d"
        );
        let private = recipient.into_private();

        let info = hex("4f6465206f6e2061204772656369616e2055726e");
        let (plaintext, aad) =
            (hex("4265617574792069732074727574682c20747275746820626561757479"), hex("436f756e742d30"));
        let mut drawn =
            Drawn::new(&Given(hex("7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234"))).unwrap();
        let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<AesGcm128, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &X25519HkdfSha256::sk_to_pk(&private),
            &info,
            &plaintext,
            &aad,
            &mut drawn,
        )
        .unwrap();
        assert!(!drawn.short);
        assert_eq!(
            hex::encode(encapsulated.to_bytes()),
            "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
        );
        assert_eq!(
            hex::encode(&ciphertext),
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
        );
        let again = <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(&encapsulated.to_bytes()).unwrap();
        let opened = hpke::single_shot_open::<AesGcm128, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &private,
            &again,
            &info,
            &ciphertext,
            &aad,
        );
        assert_eq!(opened.unwrap(), plaintext);
    }

    #[test]
    fn a_sealed_key_opens_for_its_holder_and_purpose_only() {
        let entropy = Seeded::new(1);
        let (mine, yours) = (PairSeed(Key::random(&entropy).unwrap()), PairSeed(Key::random(&entropy).unwrap()));
        let key = Key::random(&entropy).unwrap();
        let sealed = seal(&mine.public(), b"purpose", 1, &key, &entropy).unwrap();
        let again = seal(&mine.public(), b"purpose", 1, &key, &entropy).unwrap();
        assert_ne!(sealed, again, "each sealing has its own ephemeral key");
        let mine = mine.into_private();
        assert_eq!(open(&mine, b"purpose", &sealed).unwrap().expose(), key.expose());
        assert!(matches!(open(&mine, b"another", &sealed), Err(VaultError::WrappedKey)));
        assert!(matches!(open(&yours.into_private(), b"purpose", &sealed), Err(VaultError::WrappedKey)));
    }

    #[test]
    fn without_randomness_nothing_is_sealed() {
        let pair = PairSeed(Key::from_slice(&[7; 32]).unwrap());
        let key = Key::from_slice(&[8; 32]).unwrap();
        assert!(matches!(seal(&pair.public(), b"", 1, &key, &Dry), Err(VaultError::Entropy(_))));
    }

    #[test]
    fn a_low_order_public_key_is_refused() {
        let key = Key::from_slice(&[8; 32]).unwrap();
        assert!(seal(&crate::encoding::Bytes([0; 32]), b"", 1, &key, &Seeded::new(1)).is_err());
    }
}
