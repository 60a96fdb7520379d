//! Whether this node can serve: asked by the readiness answer.

use async_trait::async_trait;

/// Something that has to work before calls should be sent here.
#[async_trait]
pub trait Ready: Send + Sync + 'static {
    /// `Err`: a stable word for what is wrong.
    async fn ready(&self) -> Result<(), &'static str>;
}
