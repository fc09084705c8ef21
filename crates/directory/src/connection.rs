//! One encrypted connection, to the first server that gives one.

use crate::{
    steps::Trace,
    trust::{Shown, Trust},
};
use cloister_directory_client::{
    Fault, Server, Settings, StepName, Transport,
    protocol::{WARN_DAYS, days_until},
};
use cloister_domain::Timestamp;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, StdStream};
use std::{
    io::ErrorKind,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{net::TcpStream, time::timeout};

/// An encrypted connection. Nothing was sent over it yet.
pub(crate) struct Connection {
    pub(crate) ldap: Ldap,
    /// When its certificates end.
    pub(crate) certificate_ends: Timestamp,
}

/// Tries the servers in their order and gives the first connection. With `all`, every server is tried, for the trace.
///
/// # Errors
/// The first server's fault, when none gives a connection.
pub(crate) async fn first(settings: &Settings, trace: &mut Trace, all: bool) -> Result<Connection, Fault> {
    let now = now();
    let trust = Trust::new(settings, now);
    let mut opened = None;
    let mut fault = None;
    for server in &settings.servers {
        match open(server, settings, &trust, now, trace).await {
            Ok(connection) if opened.is_none() => opened = Some(connection),
            Ok(_) => {}
            Err(why) => fault = fault.or(Some(why)),
        }
        if opened.is_some() && !all {
            break;
        }
    }
    opened.ok_or(fault.unwrap_or(Fault::Unreachable))
}

async fn open(
    server: &Server,
    settings: &Settings,
    trust: &Result<Trust, Fault>,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Connection, Fault> {
    let patience = Duration::from_secs(settings.connect_timeout_s.into());
    let address = || ("server", server.address.to_string());
    let stream = match timeout(patience, TcpStream::connect(server.address)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(e)) if e.kind() == ErrorKind::TimedOut => Err(Fault::TimedOut),
        Ok(Err(_)) => Err(Fault::Unreachable),
        Err(_) => Err(Fault::TimedOut),
    };
    let stream = trace.note(StepName::Connect, stream, |_| vec![address()])?;
    let encrypted = match trust {
        Ok(trust) => encrypt(stream, server, trust, patience).await,
        Err(fault) => Err(*fault),
    };
    let connection = trace.note(StepName::Certificate, encrypted, |c| {
        let days = days_until(c.certificate_ends, now);
        vec![address(), ("ends", c.certificate_ends.to_string()), ("days", days.to_string())]
    })?;
    if days_until(connection.certificate_ends, now) < WARN_DAYS {
        trace.warn();
    }
    Ok(connection)
}

async fn encrypt(stream: TcpStream, server: &Server, trust: &Trust, patience: Duration) -> Result<Connection, Fault> {
    let (config, shown) = trust.config(server)?;
    let stream = stream.into_std().map_err(|_| Fault::TlsFailed)?;
    let start_tls = server.transport == Transport::StartTls;
    let settings = LdapConnSettings::new()
        .set_conn_timeout(patience)
        .set_std_stream(StdStream::Tcp(stream))
        .set_config(config)
        .set_starttls(start_tls);
    // The connection is there already: the address is for the name that is sent to the server (SNI), and the scheme.
    // What the certificate is compared with, `Shown` holds.
    let name = server.name.as_deref().unwrap_or("directory.invalid");
    let url = format!("{}://{name}", if start_tls { "ldap" } else { "ldaps" });
    match LdapConnAsync::with_settings(settings, &url).await {
        Ok((driver, ldap)) => match shown.found() {
            Some(Ok(certificate_ends)) => {
                ldap3::drive!(driver);
                Ok(Connection { ldap, certificate_ends })
            }
            Some(Err(fault)) => Err(fault),
            // A connection without a certificate is none.
            None => Err(Fault::TlsFailed),
        },
        Err(error) => Err(of_failure(&error, &shown)),
    }
}

fn of_failure(error: &LdapError, shown: &Arc<Shown>) -> Fault {
    if let Some(Err(fault)) = shown.found() {
        return fault;
    }
    match error {
        LdapError::LdapResult { .. } => Fault::StartTlsRefused,
        LdapError::Timeout { .. } => Fault::TimedOut,
        _ => Fault::TlsFailed,
    }
}

/// What a question that failed came to.
pub(crate) fn of_error(error: &LdapError) -> Fault {
    match error {
        LdapError::Timeout { .. } => Fault::TimedOut,
        LdapError::FilterParsing => Fault::Settings,
        LdapError::Io { .. } => Fault::ServerFailed,
        // The task that reads the connection is gone: it met bytes that are no answer.
        _ => Fault::AnswerUnreadable,
    }
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
