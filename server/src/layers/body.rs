//! Bodies in and out. A unary request is gathered, inflated and measured here, before tonic decodes it: never more than the
//! limit is held, whatever a compressed message claims. An answer that streams keeps its span and its deadline.

use std::{
    io::Read,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName};
use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Span;

use super::shape::{ShapeId, Shapes};
use crate::{
    error::{Error, Reason},
    limits::Limit,
};

const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
/// Flag and length in front of a message.
pub const PREFIX: usize = 5;

/// Gathers the one message of a unary request. `Err` if it is over the limit, unfolds to too much, or cannot be inflated.
pub async fn gather(
    headers: &mut HeaderMap,
    mut body: Body,
    limit: &'static Limit,
    shape: Option<(&Shapes, ShapeId)>,
) -> Result<Bytes, Error> {
    let too_large = || Error::limit(limit);
    let mut whole = Bytes::new();
    let mut more = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Error::new(Reason::MalformedMessage))?.into_data() else { continue };
        // Nearly always there is one frame: then nothing is copied.
        match (whole.is_empty(), more.is_empty()) {
            (true, true) => whole = data,
            (false, true) => {
                more.reserve(whole.len() + data.len());
                more.extend_from_slice(&whole);
                more.extend_from_slice(&data);
                whole = Bytes::new();
            }
            _ => more.extend_from_slice(&data),
        }
        let held = if more.is_empty() { &whole[..] } else { &more[..] };
        if held.len() > limit.usize() + PREFIX || announced(held).is_some_and(|len| len > limit.usize()) {
            return Err(too_large());
        }
    }
    let whole = if more.is_empty() { whole } else { more.freeze() };
    let whole = inflated(headers, whole, limit)?;
    if let (Some((shapes, id)), Some(message)) = (shape, whole.get(PREFIX..)) {
        shapes.check(id, message)?;
    }
    Ok(whole)
}

fn announced(held: &[u8]) -> Option<usize> {
    let len: [u8; 4] = held.get(1..PREFIX)?.try_into().ok()?;
    Some(u32::from_be_bytes(len) as usize)
}

/// Takes gzip off, at most to the limit. Another encoding is left for tonic to refuse.
fn inflated(headers: &mut HeaderMap, whole: Bytes, limit: &'static Limit) -> Result<Bytes, Error> {
    let gzip = headers.get(ENCODING).is_some_and(|encoding| encoding.as_bytes() == b"gzip");
    if gzip {
        headers.remove(ENCODING);
    }
    if !gzip || whole.first() != Some(&1) {
        return Ok(whole);
    }
    let packed = whole.get(PREFIX..).unwrap_or_default();
    let mut message = vec![0; PREFIX];
    let bounded = limit.max + 1;
    flate2::read::GzDecoder::new(packed)
        .take(bounded)
        .read_to_end(&mut message)
        .map_err(|_| Error::new(Reason::MalformedMessage))?;
    let len = message.len() - PREFIX;
    if len as u64 == bounded {
        return Err(Error::limit(limit));
    }
    let len = u32::try_from(len).map_err(|_| Error::limit(limit))?;
    (&mut message[1..PREFIX]).put_u32(len);
    Ok(Bytes::from(message))
}

/// Ends a stream from outside, with a reason.
type End = Pin<Box<dyn Future<Output = Error> + Send>>;

/// The body of an answer that streams.
pub struct Streamed {
    inner: Body,
    span: Span,
    ends: Vec<End>,
    ended: bool,
}

impl Streamed {
    /// Ends at `deadline` and when `stop` is cancelled, if they are given.
    #[must_use]
    pub fn new(inner: Body, span: Span, deadline: Option<Instant>, stop: Option<CancellationToken>) -> Self {
        let mut ends: Vec<End> = Vec::new();
        if let Some(at) = deadline {
            ends.push(Box::pin(tokio::time::sleep_until(at).map(|()| Error::new(Reason::Deadline))));
        }
        if let Some(stop) = stop {
            let again = || Error::retry(Reason::Draining, Duration::from_secs(1));
            ends.push(Box::pin(stop.cancelled_owned().map(move |()| again())));
        }
        Self { inner, span, ends, ended: false }
    }
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        let _inside = this.span.enter();
        // What is ready leaves first: the last message before the end is not lost.
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            this.ended = frame.is_none();
            return Poll::Ready(frame);
        }
        for end in &mut this.ends {
            if let Poll::Ready(error) = end.as_mut().poll(cx) {
                this.ended = true;
                let mut trailers = HeaderMap::new();
                let written = error.into_status().add_header(&mut trailers);
                return Poll::Ready(written.is_ok().then(|| Ok(Frame::trailers(trailers))));
            }
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    static SMALL: Limit = Limit { name: "SMALL", max: 1_000, unit: "bytes", about: "for this test" };

    fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
        let mut out = vec![flag];
        out.extend_from_slice(&u32::try_from(message.len()).expect("small").to_be_bytes());
        out.extend_from_slice(message);
        out
    }

    fn zipped(message: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(message).expect("in memory");
        encoder.finish().expect("in memory")
    }

    async fn gathered(gzip: bool, body: Vec<u8>) -> Result<Bytes, Reason> {
        let mut headers = HeaderMap::new();
        if gzip {
            headers.insert(ENCODING, http::HeaderValue::from_static("gzip"));
        }
        // In pieces of seven bytes, as a slow network would.
        let pieces: Vec<_> = body.chunks(7).map(|piece| Ok::<_, axum::Error>(Bytes::copy_from_slice(piece))).collect();
        let body = Body::from_stream(tokio_stream::iter(pieces));
        let body = gather(&mut headers, body, &SMALL, None).await.map_err(|error| error.reason())?;
        assert!(!headers.contains_key(ENCODING));
        Ok(body)
    }

    #[tokio::test]
    async fn a_message_arrives_as_it_was_sent() {
        assert_eq!(gathered(false, framed(0, b"hello")).await.expect("passes"), framed(0, b"hello"));
        assert_eq!(gathered(true, framed(1, &zipped(b"hello"))).await.expect("passes"), framed(0, b"hello"));
        assert_eq!(gathered(true, framed(0, b"hello")).await.expect("not packed after all"), framed(0, b"hello"));
        assert_eq!(gathered(false, Vec::new()).await.expect("nothing"), Bytes::new());
    }

    #[tokio::test]
    async fn the_limit_holds_packed_and_unpacked() {
        assert!(gathered(false, framed(0, &[7; 1_000])).await.is_ok());
        assert_eq!(gathered(false, framed(0, &[7; 1_001])).await, Err(Reason::LimitExceeded));
        assert!(gathered(true, framed(1, &zipped(&[7; 1_000]))).await.is_ok());
        let bomb = zipped(&vec![0; 500_000]);
        assert!(bomb.len() < 1_000);
        assert_eq!(gathered(true, framed(1, &bomb)).await, Err(Reason::LimitExceeded));
        assert_eq!(gathered(true, framed(1, b"not gzip")).await, Err(Reason::MalformedMessage));
    }

    #[tokio::test]
    async fn an_announced_length_is_refused_before_it_arrives() {
        assert_eq!(gathered(false, vec![0, 0xff, 0, 0, 0, 1]).await, Err(Reason::LimitExceeded));
    }

    #[tokio::test]
    async fn a_stream_ends_at_its_deadline_with_a_status() {
        let never = Body::from_stream(tokio_stream::pending::<Result<Bytes, axum::Error>>());
        let at = tokio::time::Instant::now() + Duration::from_millis(30);
        let body = Streamed::new(never, Span::none(), Some(at), None).collect().await.expect("ends");
        let trailers = body.trailers().expect("trailers");
        assert_eq!(trailers.get("grpc-status").map(http::HeaderValue::as_bytes), Some(&b"4"[..]));
    }
}
