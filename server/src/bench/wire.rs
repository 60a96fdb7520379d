//! Connections of the load: TLS like a phone's, one TCP connection each, with the payload of TCP counted underneath.

use std::{
    io,
    path::Path,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context as Cx, Poll},
};

use anyhow::Context;
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint, Uri};

/// Bytes over TCP, all connections together.
#[derive(Debug, Default)]
pub(super) struct Tcp {
    pub up: AtomicU64,
    pub down: AtomicU64,
}

impl Tcp {
    #[must_use]
    pub(super) fn now(&self) -> (u64, u64) {
        (self.up.load(Ordering::Relaxed), self.down.load(Ordering::Relaxed))
    }
}

struct Counted {
    tcp: TcpStream,
    count: Arc<Tcp>,
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Cx<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let done = Pin::new(&mut self.tcp).poll_read(cx, buf);
        self.count.down.fetch_add((buf.filled().len() - before) as u64, Ordering::Relaxed);
        done
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Cx<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.tcp).poll_write(cx, buf);
        if let Poll::Ready(Ok(n)) = done {
            self.count.up.fetch_add(n as u64, Ordering::Relaxed);
        }
        done
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

/// Opens connections to one server.
#[derive(Clone)]
pub(super) struct Dialler {
    uri: Uri,
    tls: TlsConnector,
    pub tcp: Arc<Tcp>,
}

impl Dialler {
    /// `ca`: the authority of the server's certificate, PEM.
    pub(super) fn new(url: &str, ca: &Path) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        for cert in CertificateDer::pem_file_iter(ca).with_context(|| format!("cannot read {}", ca.display()))? {
            roots.add(cert?)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let uri = url.parse().context("the server's address")?;
        Ok(Self { uri, tls: TlsConnector::from(Arc::new(tls)), tcp: Arc::default() })
    }

    /// A connection of its own.
    pub(super) async fn dial(&self) -> anyhow::Result<Channel> {
        let this = self.clone();
        let connector = tower::service_fn(move |_: Uri| {
            let this = this.clone();
            async move {
                let host = this.uri.host().unwrap_or("localhost").to_owned();
                let tcp = TcpStream::connect((host.as_str(), this.uri.port_u16().unwrap_or(443))).await?;
                tcp.set_nodelay(true)?;
                let name = ServerName::try_from(host).map_err(io::Error::other)?;
                let counted = Counted { tcp, count: Arc::clone(&this.tcp) };
                let tls = this.tls.connect(name, counted).await?;
                Ok::<_, io::Error>(TokioIo::new(tls))
            }
        });
        // TLS is the connector's business: tonic refuses https without its own.
        let plain = format!("http://{}", self.uri.authority().context("the server's address")?);
        let endpoint = Endpoint::from_shared(plain)?.origin(self.uri.clone()).initial_stream_window_size(1 << 20);
        let endpoint = endpoint.initial_connection_window_size(1 << 20).buffer_size(64);
        endpoint.connect_with_connector(connector).await.context("cannot reach the server")
    }
}
