//! A clinic's directory: a private OpenLDAP server on loopback, with certificates made on the spot.

use anyhow::{Context, Result, ensure};
use std::{
    fs,
    io::Write,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The folder of its scripts.
fn scripts() -> PathBuf {
    crate::repository().join("tests/directory")
}

/// Servers that end, and files that go, when this is dropped.
#[derive(Debug)]
pub struct Clinic {
    folder: TempDir,
    /// The port for TLS, the same on every address.
    pub tls: u16,
    /// The port for StartTLS.
    pub plain: u16,
    servers: Vec<(String, Child)>,
}

impl Drop for Clinic {
    fn drop(&mut self) {
        for (_, server) in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Clinic {
    /// Makes certificates and finds two free ports; nothing runs yet. Where OpenLDAP is not installed, this says so on
    /// stderr and gives nothing, and the test that asked ends there.
    #[allow(clippy::print_stderr, reason = "the word that a test was skipped")]
    pub fn prepared() -> Result<Option<Self>> {
        for program in ["/usr/sbin/slapd", "/usr/sbin/slapadd", "/usr/bin/ldapmodify", "/usr/bin/openssl"] {
            if !Path::new(program).is_file() {
                eprintln!("skipped: {program} is not installed (packaging/setup-debian.sh test)");
                return Ok(None);
            }
        }
        let folder = tempfile::Builder::new().prefix("cloister-clinic-").tempdir()?;
        let made = Command::new(scripts().join("certificates.sh")).arg(folder.path()).output()?;
        ensure!(made.status.success(), "certificates.sh: {}", String::from_utf8_lossy(&made.stderr));
        let free = || -> Result<u16> { Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port()) };
        Ok(Some(Self { folder, tls: free()?, plain: free()?, servers: Vec::new() }))
    }

    /// The same, with a server on 127.0.0.1 that shows a good certificate.
    pub fn open() -> Result<Option<Self>> {
        let Some(mut clinic) = Self::prepared()? else { return Ok(None) };
        clinic.serve("127.0.0.1", "good")?;
        Ok(Some(clinic))
    }

    /// Starts a server on this loopback address with this certificate, and waits until it listens.
    pub fn serve(&mut self, address: &str, certificate: &str) -> Result<()> {
        let (tls, plain) = (self.tls.to_string(), self.plain.to_string());
        let server = Command::new(scripts().join("slapd.sh"))
            .arg(self.folder.path())
            .args([address, &tls, &plain, certificate])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(self.folder.path().join("slapd.log"))?)
            .spawn()?;
        self.servers.push((address.to_owned(), server));
        let begun = Instant::now();
        for port in [self.tls, self.plain] {
            let at: SocketAddr = format!("{address}:{port}").parse()?;
            while TcpStream::connect_timeout(&at, Duration::from_millis(200)).is_err() {
                ensure!(begun.elapsed() < Duration::from_secs(20), "slapd does not listen on {at}: {}", self.log());
                thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(())
    }

    /// Ends the server on this address.
    pub fn close(&mut self, address: &str) -> Result<()> {
        let at = self.servers.iter().position(|(a, _)| a == address).context("no such server")?;
        let (_, mut server) = self.servers.remove(at);
        server.kill()?;
        server.wait()?;
        Ok(())
    }

    /// Changes the directory's content, as its administrator (LDIF with `changetype`).
    pub fn change(&self, ldif: &str) -> Result<()> {
        let mut child = Command::new("/usr/bin/ldapmodify")
            .env("LDAPTLS_CACERT", self.certificate("ca"))
            .args(["-x", "-H", &format!("ldaps://127.0.0.1:{}", self.tls)])
            .args(["-D", "cn=root,dc=clinic,dc=test", "-w", "rootword"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        child.stdin.take().context("no pipe")?.write_all(ldif.as_bytes())?;
        let done = child.wait_with_output()?;
        ensure!(done.status.success(), "ldapmodify: {}", String::from_utf8_lossy(&done.stderr));
        Ok(())
    }

    /// Gives somebody another password there.
    pub fn change_password(&self, name: &str, password: &str) -> Result<()> {
        let dn = format!("uid={name},ou=people,dc=clinic,dc=test");
        self.change(&format!("dn: {dn}\nchangetype: modify\nreplace: userPassword\nuserPassword: {password}\n"))
    }

    /// Puts somebody into a group, or takes them out of it.
    pub fn change_group(&self, act: &str, group: &str, name: &str) -> Result<()> {
        let member = format!("uid={name},ou=people,dc=clinic,dc=test");
        let dn = format!("cn={group},ou=groups,dc=clinic,dc=test");
        self.change(&format!("dn: {dn}\nchangetype: modify\n{act}: member\nmember: {member}\n"))
    }

    /// A certificate's file: `ca`, `other-ca`, `good`…
    #[must_use]
    pub fn certificate(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.pem"))
    }

    /// Settings for this directory, in TOML: search without an account, by TLS. `more` goes before the groups.
    #[must_use]
    pub fn settings(&self, more: &str) -> String {
        let servers = format!("servers = [\"ldaps://127.0.0.1:{}?name=dc1.clinic.test\"]\n", self.tls);
        self.settings_with(&format!("{servers}bind = \"search\"\n{more}"))
    }

    /// Settings without servers and the way to bind, which `more` gives.
    #[must_use]
    pub fn settings_with(&self, more: &str) -> String {
        let base = if more.contains("people_base") { "" } else { "people_base = \"ou=people,dc=clinic,dc=test\"\n" };
        format!(
            "kind = \"openldap\"\nca_file = \"{}\"\nconnect_timeout_s = 2\noperation_timeout_s = 3\n{base}{more}\n\
             [[groups]]\ndn = \"cn=clinicians,ou=groups,dc=clinic,dc=test\"\nrole = \"clinician\"\n\
             [[groups]]\ndn = \"cn=researchers,ou=groups,dc=clinic,dc=test\"\nrole = \"researcher\"\n",
            self.certificate("ca").display()
        )
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("slapd.log")).unwrap_or_default()
    }
}
