//! A bad line, made in this process, for whoever wants to see what an app does on one: packets that are lost and sent again
//! on a long way, or the speed of 2G. Both ways, between HTTP/2 and the socket; nothing of it is in the way of what is saved.
//!
//! A packet that is lost comes late, and what was sent behind it on its connection waits for it, as with TCP. The air is one:
//! what a phone's connections send, they send one after the other.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream},
    net::TcpStream,
    time::{Instant, sleep_until},
};

use crate::{
    error::Result,
    ids::{Ids, below},
    phone::Phone,
};

/// How the line to the server is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Line {
    #[default]
    Good,
    /// So many packets of a hundred are lost, at most [`MAX_LOSS`]; there and back takes so long, at most [`MAX_ROUND_TRIP_MS`].
    Lossy { percent: u8, round_trip_ms: u16 },
    /// A phone at the edge of its network: EDGE, and far away.
    Slow2g,
}

/// With more lost than this nothing ever arrives.
pub const MAX_LOSS: u8 = 60;
/// By way of a satellite, and back the same way. With more no call is answered in time.
pub const MAX_ROUND_TRIP_MS: u16 = 2_000;
/// Bytes in a packet.
const PACKET: usize = 1_400;
/// What waits on the way, before the sender is held.
const UNDER_WAY: usize = 32;
/// When a packet is sent again; each time twice as long.
const AGAIN: Duration = Duration::from_millis(200);
const TIMES: u32 = 6;
/// 2G: 50 kbit/s each way, and 300 ms.
const BYTES_PER_S_2G: u64 = 6_250;
const ONE_WAY_2G: Duration = Duration::from_millis(300);

/// What the connections of one phone share: until when each way is in use.
#[derive(Default)]
pub(crate) struct Air {
    up: Mutex<Option<Instant>>,
    down: Mutex<Option<Instant>>,
}

/// How long a packet is sent, how long what follows it on its connection waits because it was lost, and how long the way is.
#[derive(Default)]
struct Takes {
    air: Duration,
    again: Duration,
    far: Duration,
}

impl Line {
    /// In words, for the status; `None`: there is nothing to say.
    pub fn words(self) -> Option<String> {
        match self {
            Self::Good => None,
            Self::Lossy { percent, round_trip_ms: 0 } => {
                Some(format!("{percent} of 100 packets are lost and sent again"))
            }
            Self::Lossy { percent, round_trip_ms } => Some(format!(
                "{percent} of 100 packets are lost and sent again, and an answer takes {round_trip_ms} ms"
            )),
            Self::Slow2g => Some("as slow as 2G (50 kbit/s, 300 ms each way)".to_owned()),
        }
    }

    fn takes(self, bytes: usize, ids: &dyn Ids) -> Takes {
        match self {
            Self::Good => Takes::default(),
            Self::Lossy { percent, round_trip_ms } => {
                let lost = (0..TIMES).take_while(|_| below(ids, 100) < u64::from(percent));
                let far = Duration::from_millis(round_trip_ms.into()) / 2;
                // Whoever misses an answer asks again no sooner than one can come.
                let again = AGAIN.max(far * 2);
                Takes { again: lost.map(|time| again * 2_u32.pow(time)).sum(), far, ..Takes::default() }
            }
            Self::Slow2g => {
                let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
                let air = Duration::from_micros(bytes.saturating_mul(1_000_000) / BYTES_PER_S_2G);
                Takes { air, far: ONE_WAY_2G, ..Takes::default() }
            }
        }
    }
}

/// When a packet that is ready now has been sent.
fn sent(air: &Mutex<Option<Instant>>, takes: Duration) -> Instant {
    let mut free = air.lock().unwrap_or_else(PoisonError::into_inner);
    let now = Instant::now();
    let at = free.unwrap_or(now).max(now) + takes;
    *free = Some(at);
    at
}

impl Phone {
    /// Makes the line to the server bad, or good again. It stays so until somebody says otherwise.
    pub async fn set_line(&self, line: Line) -> Result<()> {
        self.change(|state| {
            state.settings.set_line(line);
            Ok(())
        })
        .await?;
        self.nudge();
        Ok(())
    }
}

/// The other end of a line: what is written here goes over it.
pub(crate) async fn over(
    line: Line,
    air: Arc<Air>,
    host: &str,
    port: u16,
    ids: Arc<dyn Ids>,
) -> io::Result<DuplexStream> {
    let socket = TcpStream::connect((host, port)).await?;
    socket.set_nodelay(true)?;
    let (near, far) = tokio::io::duplex(PACKET * 2);
    let ((from_server, to_server), (from_phone, to_phone)) = (socket.into_split(), tokio::io::split(far));
    let (back, shared) = (Arc::clone(&ids), Arc::clone(&air));
    tokio::spawn(async move { way(line, &air.up, from_phone, to_server, &*ids).await });
    tokio::spawn(async move { way(line, &shared.down, from_server, to_phone, &*back).await });
    Ok(near)
}

/// One direction, until either end closes.
async fn way(
    line: Line,
    air: &Mutex<Option<Instant>>,
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    ids: &dyn Ids,
) -> io::Result<()> {
    let mut under_way: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let (mut free, mut over) = (Instant::now(), false);
    let mut packet = vec![0; PACKET];
    while !over || !under_way.is_empty() {
        let arrives = under_way.front().map(|(at, _)| *at);
        tokio::select! {
            () = sleep_until(arrives.unwrap_or(free)), if arrives.is_some() => {
                if let Some((_, bytes)) = under_way.pop_front() {
                    to.write_all(&bytes).await?;
                }
            }
            read = from.read(&mut packet), if !over && under_way.len() < UNDER_WAY => {
                let bytes = packet.get(..read?).unwrap_or_default();
                over = bytes.is_empty();
                let takes = line.takes(bytes.len(), ids);
                free = free.max(sent(air, takes.air)) + takes.again;
                under_way.push_back((free + takes.far, bytes.to_vec()));
            }
        }
    }
    to.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SeededIds;

    /// How long so many bytes take, and that they come as they were sent.
    async fn takes(line: Line, bytes: usize) -> Duration {
        let (mut phone, from_phone) = tokio::io::duplex(PACKET);
        let (to_server, mut server) = tokio::io::duplex(PACKET);
        let air = Mutex::default();
        tokio::spawn(async move { way(line, &air, from_phone, to_server, &SeededIds::new(3)).await });
        let sent: Vec<u8> = (0..bytes).map(|n| (n % 251) as u8).collect();
        let (began, copy) = (Instant::now(), sent.clone());
        tokio::spawn(async move {
            phone.write_all(&copy).await.unwrap();
        });
        let mut got = Vec::new();
        server.read_to_end(&mut got).await.unwrap();
        assert!(got == sent, "{line:?} changed what went over it");
        began.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_bad_line_is_slow_and_loses_nothing_for_good() {
        assert!(takes(Line::Good, 100_000).await < Duration::from_millis(100));
        let slow = takes(Line::Slow2g, 12_500).await;
        assert!(slow > Duration::from_millis(2_200) && slow < Duration::from_millis(2_600), "{slow:?}");
        // Some 360 packets, of which some are lost, a few twice.
        let lossy = |percent, round_trip_ms| Line::Lossy { percent, round_trip_ms };
        let (some, many) = (takes(lossy(3, 0), 500_000).await, takes(lossy(30, 0), 500_000).await);
        assert!(some >= AGAIN && some < Duration::from_secs(20), "{some:?}");
        assert!(many > some && many < Duration::from_secs(200), "{many:?}");
        // A packet that is lost on a long way is missed later; one that is not takes half of there and back.
        let (one, far) = (takes(lossy(0, 800), 1).await, takes(lossy(3, 800), 500_000).await);
        assert!(one >= Duration::from_millis(400) && one < Duration::from_millis(410), "{one:?}");
        assert!(far > some && far < Duration::from_secs(80), "{far:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_two_connections_send_they_send_one_after_the_other() {
        let air = Arc::new(Air::default());
        let began = Instant::now();
        let mut arrivals = Vec::new();
        for n in 0..2 {
            let (mut phone, from_phone) = tokio::io::duplex(PACKET);
            let (to_server, mut server) = tokio::io::duplex(PACKET);
            let air = Arc::clone(&air);
            let ids = SeededIds::new(n);
            tokio::spawn(async move { way(Line::Slow2g, &air.up, from_phone, to_server, &ids).await });
            tokio::spawn(async move { phone.write_all(&[0; 6_250]).await });
            arrivals.push(tokio::spawn(async move {
                server.read_to_end(&mut Vec::new()).await.unwrap();
                began.elapsed()
            }));
        }
        let mut took = Vec::new();
        for arrival in arrivals {
            took.push(arrival.await.unwrap());
        }
        // A second each, and the way.
        assert!(took.iter().max() > Some(&Duration::from_millis(2_200)), "{took:?}");
        assert!(took.iter().all(|took| *took < Duration::from_millis(2_400)), "{took:?}");
    }
}
