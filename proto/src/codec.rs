//! The codec of every service: prost, with buffers that begin small. A stream that waits holds its buffers, and ten
//! thousand wait; a message that is longer lets them grow.

use core::marker::PhantomData;

use prost::Message;
use tonic::{
    Status,
    codec::{BufferSettings, Codec, EncodeBuf, Encoder},
};
use tonic_prost::ProstCodec;

/// Bytes that a buffer begins with.
const BEGIN: usize = 512;
/// Bytes of ready messages that are handed on in one go.
const YIELD: usize = 32 * 1024;

/// `application/grpc+proto` by way of prost.
#[derive(Debug)]
pub struct SmallBuffers<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for SmallBuffers<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for SmallBuffers<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = Exact<T>;
    type Decoder = <ProstCodec<T, U> as Codec>::Decoder;

    fn encoder(&mut self) -> Self::Encoder {
        Exact(PhantomData)
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstCodec::<T, U>::raw_decoder(BufferSettings::new(BEGIN, YIELD))
    }
}

/// Makes room for a message before it is written: a buffer that grows by doubling holds up to twice of it, and is copied
/// on the way.
#[derive(Debug)]
pub struct Exact<T>(PhantomData<T>);

impl<T: Message> Encoder for Exact<T> {
    type Item = T;
    type Error = Status;

    fn encode(&mut self, item: T, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.reserve(item.encoded_len());
        item.encode(buffer).map_err(|_| Status::internal("a message has no room"))
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(BEGIN, YIELD)
    }
}
