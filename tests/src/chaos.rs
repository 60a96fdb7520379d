//! A network that breaks: a TCP relay in front of a server that cuts connections after a few kilobytes or milliseconds,
//! also in the middle of an answer. The cuts come from a seed; [`Relay::calm`] ends them.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    task::JoinHandle,
};

pub struct Relay {
    port: u16,
    rough: Arc<AtomicBool>,
    cuts: Arc<AtomicU64>,
    up: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Relay {
    pub async fn start(to: SocketAddr, seed: u64) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let rough = Arc::new(AtomicBool::new(true));
        let cuts = Arc::new(AtomicU64::new(0));
        let up = Arc::new(AtomicU64::new(0));
        let (flag, count, sent) = (Arc::clone(&rough), Arc::clone(&cuts), Arc::clone(&up));
        let task = tokio::spawn(async move {
            let mut dice = seed | 1;
            while let Ok((client, _)) = listener.accept().await {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                tokio::spawn(relay(client, to, dice >> 20, Arc::clone(&flag), Arc::clone(&count), Arc::clone(&sent)));
            }
        });
        Ok(Self { port, rough, cuts, up, task })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on connections live.
    pub fn calm(&self) {
        self.rough.store(false, Ordering::Relaxed);
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::Relaxed)
    }

    /// How many bytes went to the server.
    pub fn up(&self) -> u64 {
        self.up.load(Ordering::Relaxed)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(
    client: TcpStream,
    to: SocketAddr,
    dice: u64,
    rough: Arc<AtomicBool>,
    cuts: Arc<AtomicU64>,
    sent: Arc<AtomicU64>,
) {
    let Ok(server) = TcpStream::connect(to).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    // A handshake takes about 2 kB; every third connection is cut by time, the others by bytes of the answer.
    let is_rough = rough.load(Ordering::Relaxed);
    let bytes = if is_rough && !dice.is_multiple_of(3) { 2_500 + (dice >> 3) % 30_000 } else { u64::MAX };
    let time = if is_rough && dice.is_multiple_of(3) { 40 + (dice >> 3) % 600 } else { 3_600_000 };
    let up = pump(from_client, to_server, u64::MAX, &sent);
    let received = AtomicU64::new(0);
    let down = pump(from_server, to_client, bytes, &received);
    tokio::select! {
        () = up => {}
        () = down => {}
        () = tokio::time::sleep(Duration::from_millis(time)) => {}
    }
    if is_rough {
        cuts.fetch_add(1, Ordering::Relaxed);
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut left: u64, count: &AtomicU64) {
    let mut chunk = vec![0; 4_096];
    while left > 0 {
        let Ok(n) = from.read(&mut chunk).await else { return };
        let n = n.min(usize::try_from(left).unwrap_or(usize::MAX));
        if n == 0 || to.write_all(&chunk[..n]).await.is_err() {
            return;
        }
        left -= n as u64;
        count.fetch_add(n as u64, Ordering::Relaxed);
    }
}
