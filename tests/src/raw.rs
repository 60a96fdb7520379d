//! Below the generated stubs: bytes as a gRPC message, whatever they are, and bytes on the TLS connection.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use bytes::{Buf, BufMut, Bytes};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::{
    Request, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    transport::Channel,
};

use crate::{device::with_token, server::Server};

/// Messages stay the bytes that they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct BytesCodec;

impl Codec for BytesCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, dst: &mut EncodeBuf<'_>) -> Result<(), Status> {
        dst.put(item);
        Ok(())
    }
}

impl Decoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, src: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let n = src.remaining();
        Ok(Some(src.copy_to_bytes(n)))
    }
}

/// One unary call with these bytes as the message.
pub async fn unary(channel: Channel, path: &str, token: &str, message: Bytes) -> Result<Bytes, Status> {
    let mut grpc = tonic::client::Grpc::new(channel).max_decoding_message_size(64 << 20);
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = path.parse().map_err(|_| Status::invalid_argument("path"))?;
    let request: Request<Bytes> = with_token(message, token);
    Ok(grpc.unary(request, path, BytesCodec).await?.into_inner())
}

/// One call with these bytes as the message; what is streamed back, to its end.
pub async fn stream(channel: Channel, path: &str, token: &str, message: Bytes) -> Result<Vec<Bytes>, Status> {
    let mut grpc = tonic::client::Grpc::new(channel).max_decoding_message_size(64 << 20);
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = path.parse().map_err(|_| Status::invalid_argument("path"))?;
    let request: Request<Bytes> = with_token(message, token);
    let mut coming = grpc.server_streaming(request, path, BytesCodec).await?.into_inner();
    let mut messages = Vec::new();
    while let Some(message) = coming.message().await? {
        messages.push(message);
    }
    Ok(messages)
}

/// A TLS connection with these protocol versions and ALPN names.
pub async fn tls(
    server: &Server,
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[&str],
) -> Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    let pem = server.ca()?;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots.add(certificate.ok().context("ca.pem")?)?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let tcp = TcpStream::connect(server.address()).await?;
    let name = ServerName::try_from("localhost")?;
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, tcp);
    Ok(tokio::time::timeout(Duration::from_secs(10), connecting).await??)
}
