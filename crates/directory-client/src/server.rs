//! Where a server is: `ldaps://IP[:port]?name=CERTNAME`. Addresses are numbers, because nothing here resolves names: an
//! answer of the DNS is nothing that a sign-in should rest on, and asking is traffic.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

/// How the connection is encrypted. There is no third way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// TLS from the first byte: `ldaps://`, port 636.
    Ldaps,
    /// StartTLS (RFC 4511, section 4.14) before anything else: `ldap://`, port 389.
    StartTls,
}

impl Transport {
    const fn scheme(self) -> &'static str {
        match self {
            Self::Ldaps => "ldaps",
            Self::StartTls => "ldap",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Ldaps => 636,
            Self::StartTls => 389,
        }
    }
}

/// One server of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// How the connection is encrypted.
    pub transport: Transport,
    /// Where it listens.
    pub address: SocketAddr,
    /// The name that its certificate must have; `None`: its address.
    pub name: Option<String>,
}

/// Why a text is no server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServerFault {
    /// Neither `ldaps://` nor `ldap://`.
    #[error("it must begin with ldaps:// (TLS) or ldap:// (StartTLS; never without)")]
    Scheme,
    /// The host is a name.
    #[error("the address must be numbers, such as 10.0.0.5 or [fd00::5]: names are not looked up")]
    Address,
    /// The port is no number from 1 to 65535.
    #[error("the port must be a number from 1 to 65535")]
    Port,
    /// Something other than `?name=` follows.
    #[error("after the address only ?name=CERTNAME may follow")]
    Query,
    /// The certificate's name is none.
    #[error("the certificate's name may hold letters, digits, dots and hyphens")]
    Name,
}

impl FromStr for Server {
    type Err = ServerFault;

    fn from_str(text: &str) -> Result<Self, ServerFault> {
        let (transport, rest) = [Transport::Ldaps, Transport::StartTls]
            .into_iter()
            .find_map(|t| Some((t, text.strip_prefix(t.scheme())?.strip_prefix("://")?)))
            .ok_or(ServerFault::Scheme)?;
        let (host, query) = rest.split_once('?').map_or((rest, None), |(host, query)| (host, Some(query)));
        let host = host.strip_suffix('/').unwrap_or(host);
        let (address, port) = match host.strip_prefix('[') {
            Some(v6) => {
                let (address, port) = v6.split_once(']').ok_or(ServerFault::Address)?;
                let address: Ipv6Addr = address.parse().map_err(|_| ServerFault::Address)?;
                let port = if port.is_empty() { None } else { Some(port.strip_prefix(':').ok_or(ServerFault::Port)?) };
                (IpAddr::V6(address), port)
            }
            None => {
                let (address, port) = host.split_once(':').map_or((host, None), |(a, p)| (a, Some(p)));
                (IpAddr::V4(address.parse().map_err(|_| ServerFault::Address)?), port)
            }
        };
        let digits = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
        let port = match port {
            None => transport.port(),
            Some(p) if digits(p) => p.parse().ok().filter(|p| *p > 0).ok_or(ServerFault::Port)?,
            Some(_) => return Err(ServerFault::Port),
        };
        let name = query.map(|q| q.strip_prefix("name=").ok_or(ServerFault::Query)).transpose()?;
        if name.is_some_and(|n| !is_certificate_name(n)) {
            return Err(ServerFault::Name);
        }
        Ok(Self { transport, address: SocketAddr::new(address, port), name: name.map(str::to_lowercase) })
    }
}

/// A DNS name as certificates have them (RFC 1123, section 2.1).
fn is_certificate_name(name: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label) && name.bytes().any(|b| b.is_ascii_alphabetic())
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.transport.scheme(), self.address)?;
        self.name.as_ref().map_or(Ok(()), |name| write!(f, "?name={name}"))
    }
}

impl Serialize for Server {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Server {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Server, ServerFault, Transport};
    use proptest::prelude::*;

    #[test]
    fn addresses_are_numbers_and_ports_have_their_defaults() {
        let read = |text: &str| text.parse::<Server>();
        let server = read("ldaps://10.0.0.5?name=DC1.clinic.example").unwrap();
        assert_eq!((server.transport, server.address.port()), (Transport::Ldaps, 636));
        assert_eq!(server.to_string(), "ldaps://10.0.0.5:636?name=dc1.clinic.example");
        assert_eq!(read("ldap://[fd00::5]").unwrap().to_string(), "ldap://[fd00::5]:389");
        assert_eq!(read("ldaps://[fd00::5]:1636/?name=a.b").unwrap().address.port(), 1636);
        for (text, fault) in [
            ("https://10.0.0.5", ServerFault::Scheme),
            ("LDAPS://10.0.0.5", ServerFault::Scheme),
            ("ldaps://dc1.clinic.example", ServerFault::Address),
            ("ldaps://10.0.0.5.6", ServerFault::Address),
            ("ldaps://user@10.0.0.5", ServerFault::Address),
            ("ldaps://fd00::5", ServerFault::Address),
            ("ldaps://10.0.0.5:0", ServerFault::Port),
            ("ldaps://10.0.0.5:+636", ServerFault::Port),
            ("ldaps://10.0.0.5:65536", ServerFault::Port),
            ("ldaps://[fd00::5]636", ServerFault::Port),
            ("ldaps://10.0.0.5?tls=off", ServerFault::Query),
            ("ldaps://10.0.0.5?name=", ServerFault::Name),
            ("ldaps://10.0.0.5?name=a b", ServerFault::Name),
            ("ldaps://10.0.0.5?name=*.clinic.example", ServerFault::Name),
            ("ldaps://10.0.0.5?name=10.0.0.6", ServerFault::Name),
        ] {
            assert_eq!(read(text), Err(fault), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_as_it_is_read(
            tls in any::<bool>(), v4 in any::<[u8; 4]>(), port in 1..=u16::MAX, name in "[a-z][a-z0-9]{0,10}(\\.[a-z]{1,5}){0,3}",
        ) {
            let scheme = if tls { "ldaps" } else { "ldap" };
            let [a, b, c, d] = v4;
            let text = format!("{scheme}://{a}.{b}.{c}.{d}:{port}?name={name}");
            prop_assert_eq!(text.parse::<Server>().unwrap().to_string(), text);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}", tail in "\\PC{0,30}") {
            let _ = text.parse::<Server>();
            let _ = format!("ldaps://{text}").parse::<Server>();
            let _ = format!("ldaps://10.0.0.5{tail}").parse::<Server>();
        }
    }
}
