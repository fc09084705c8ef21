//! TLS with the institution's certificate authority and no other, and one name that the certificate must have.

use cloister_directory_client::{Authorities, Fault, Server, Settings};
use cloister_domain::Timestamp;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use std::sync::{Arc, Mutex, PoisonError};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Who is trusted.
pub(crate) struct Trust {
    provider: Arc<CryptoProvider>,
    verifier: Arc<WebPkiServerVerifier>,
    /// When the last of the authorities ends.
    authority_ends: Timestamp,
}

impl Trust {
    /// Reads the authorities of the settings. One that has ended is not trusted: a verifier of chains looks at the dates
    /// of certificates and not at those of the anchor.
    pub(crate) fn new(settings: &Settings, now: Timestamp) -> Result<Self, Fault> {
        let mut roots = RootCertStore::empty();
        let mut authority_ends = None;
        let authorities = Authorities::read(&settings.ca).map_err(|_| Fault::CertificateUnknownCa)?;
        let mut ended = false;
        for der in authorities.iter() {
            let Some(ends) = ends(der) else { continue };
            if ends <= now {
                ended = true;
            } else if roots.add(CertificateDer::from(der.to_vec())).is_ok() {
                authority_ends = authority_ends.max(Some(ends));
            }
        }
        let Some(authority_ends) = authority_ends else {
            return Err(if ended { Fault::CaExpired } else { Fault::CertificateUnknownCa });
        };
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
        let verifier = verifier.map_err(|_| Fault::CertificateUnknownCa)?;
        Ok(Self { provider, verifier, authority_ends })
    }

    /// What a connection to `server` is made with, and where the certificate that it shows is noted.
    pub(crate) fn config(&self, server: &Server) -> Result<(Arc<ClientConfig>, Arc<Shown>), Fault> {
        let name = match &server.name {
            Some(name) => ServerName::try_from(name.clone()).map_err(|_| Fault::CertificateName)?,
            None => ServerName::IpAddress(server.address.ip().into()),
        };
        let shown = Arc::new(Shown {
            verifier: Arc::clone(&self.verifier),
            name,
            authority_ends: self.authority_ends,
            found: Mutex::new(None),
        });
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(|_| Fault::TlsFailed)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&shown) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        config.enable_sni = server.name.is_some();
        // Each connection proves the server anew.
        config.resumption = rustls::client::Resumption::disabled();
        Ok((Arc::new(config), shown))
    }
}

/// The usual verification of a chain, for one name, with what it found kept.
#[derive(Debug)]
pub(crate) struct Shown {
    verifier: Arc<WebPkiServerVerifier>,
    name: ServerName<'static>,
    authority_ends: Timestamp,
    found: Mutex<Option<Result<Timestamp, Fault>>>,
}

impl Shown {
    /// When the first certificate of the chain ends, the authority's included; or why the chain was refused. `None`
    /// before any was shown.
    pub(crate) fn found(&self) -> Option<Result<Timestamp, Fault>> {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServerCertVerifier for Shown {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _asked_for: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The settings' name, whatever the connection was opened for.
        let verified = self.verifier.verify_server_cert(end_entity, intermediates, &self.name, ocsp_response, now);
        let chain = std::iter::once(end_entity).chain(intermediates).filter_map(|c| ends(c));
        let found = match &verified {
            Ok(_) => Ok(chain.fold(self.authority_ends, Timestamp::min)),
            Err(Error::InvalidCertificate(why)) => Err(of_certificate(why)),
            Err(_) => Err(Fault::CertificateRefused),
        };
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

const fn of_certificate(why: &CertificateError) -> Fault {
    match why {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Fault::CertificateName,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Fault::CertificateExpired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Fault::CertificateNotYetValid,
        CertificateError::UnknownIssuer => Fault::CertificateUnknownCa,
        _ => Fault::CertificateRefused,
    }
}

/// The end of a certificate's validity (RFC 5280, section 4.1.2.5).
fn ends(der: &[u8]) -> Option<Timestamp> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Some(Timestamp::from_millis(certificate.validity().not_after.timestamp().saturating_mul(1000)))
}
