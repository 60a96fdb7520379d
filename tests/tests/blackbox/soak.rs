//! Many phones (the device core with its store) and one server for a while, with everything going wrong that may: questions
//! lost, handed over twice, late, answered and not heard, connections cut in the middle, tokens that end, apps that are closed
//! in the middle of a sync, a server that is killed. In the end every digest of every phone is the server's, and every entry
//! is there once. `OSTEON_PHONES`: how many; `OSTEON_SOAK_S`: how long; `OSTEON_SEED`: what goes wrong.

use std::time::Duration;

use osteon_client::events::silent;
use osteon_tests::{
    chaos::Relay,
    middlebox::Middlebox,
    server::{Server, Setup},
    tools::count,
};
use tokio::time::{Instant, sleep, timeout};

use crate::member::{Member, all_end_equal};

/// How often the server is killed and started again.
const KILLS: u32 = 3;

/// What became of one phone meanwhile.
#[derive(Clone, Copy, Default)]
struct Lived {
    syncs: u32,
    whole: u32,
    restarts: u32,
}

/// A phone's life until then.
async fn lives(mut member: Member, until: Instant) -> (Member, Lived) {
    let mut lived = Lived::default();
    while Instant::now() < until {
        match member.below(16) {
            0..6 => member.act().await,
            6..9 => {
                lived.syncs += 1;
                let done = timeout(Duration::from_secs(8), member.phone.sync(silent())).await;
                lived.whole += u32::from(matches!(done, Ok(Ok(()))));
            }
            9..11 => {
                // The system gives it no more time than that.
                let ms = member.below(300);
                drop(timeout(Duration::from_millis(ms), member.phone.sync(silent())).await);
            }
            11..13 => {
                // In the foreground, with an open stream.
                let ms = 200 + member.below(1_500);
                drop(timeout(Duration::from_millis(ms), member.phone.live(silent())).await);
            }
            13 => {
                lived.restarts += 1;
                member.restart().await;
            }
            14 => member.token_ends().await,
            _ => sleep(Duration::from_millis(member.below(400))).await,
        }
    }
    (member, lived)
}

#[tokio::test(flavor = "multi_thread")]
async fn phones_with_every_kind_of_bad_luck_end_as_the_server_is() {
    let (phones, seconds) = (count("OSTEON_PHONES", 6) as usize, count("OSTEON_SOAK_S", 10));
    let seed = count("OSTEON_SEED", 20_261_127);
    println!("{phones} phones for {seconds} s; OSTEON_SEED={seed}");
    let mut server = Server::start(Setup::default().arg("--rate-limits").arg("off")).expect("server");
    let (members, _) = Member::fleet(&server, phones, seed).await;
    let middlebox = Middlebox::start(server.channel().expect("channel"), seed).await.expect("middlebox");
    let relay = Relay::start(middlebox.address(), seed).await.expect("relay");
    for member in &members {
        member.is_reached_at(relay.port(), middlebox.ca()).await;
    }
    let (began, lasts) = (Instant::now(), Duration::from_secs(seconds));
    let tasks: Vec<_> = members.into_iter().map(|member| tokio::spawn(lives(member, began + lasts))).collect();
    for n in 1..=KILLS {
        tokio::time::sleep_until(began + lasts * n / (KILLS + 1)).await;
        server.restart().expect("kill -9 and start");
    }
    let (mut members, mut all) = (Vec::new(), Lived::default());
    for task in tasks {
        let (member, lived) = task.await.expect("a phone");
        all = Lived {
            syncs: all.syncs + lived.syncs,
            whole: all.whole + lived.whole,
            restarts: all.restarts + lived.restarts,
        };
        members.push(member);
    }
    relay.calm();
    middlebox.calm();
    let (cuts, done) = (relay.cuts(), middlebox.done());
    let saved: usize = members.iter().map(|member| member.made.len()).sum();
    println!(
        "{saved} entries; {} of {} syncs were whole, {} restarts; {cuts} cuts, {done:?}",
        all.whole, all.syncs, all.restarts
    );
    assert!(all.whole > 0 && all.restarts > 0 && cuts > 0, "not everything went wrong, and not everything right");
    assert!([done.lost, done.twice, done.unheard, done.late].iter().all(|n| *n > 0), "{done:?}");
    all_end_equal(&server, &members).await;
}
