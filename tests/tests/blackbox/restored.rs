//! The server dies and comes back from last night's backup, while phones are out that know more than it does: what it
//! acknowledged since comes back from them, once. `OSTEON_PHONES`: how many; `OSTEON_SEED`: who does what.

use std::{fs, time::Duration};

use osteon_client::events::silent;
use osteon_tests::{
    middlebox::Middlebox,
    server::{Server, Setup},
    tools::count,
};
use tokio::time::timeout;

use crate::member::{Member, ROLES, all_end_equal, compare};

/// The database is gone; key file and deny log are not.
fn lose_the_database(server: &mut Server) {
    server.kill().expect("killed");
    for end in ["", "-wal", "-shm", "-others"] {
        let _ = fs::remove_file(server.dir().join(format!("osteon.db{end}")));
    }
}

/// The day after the backup. Every third phone is offline all day, every third one is closed in the middle of its last sync.
async fn day(mut member: Member, n: usize) -> Member {
    for _ in 0..3 {
        member.writes().await;
        member.act().await;
        match n % 3 {
            0 => {}
            1 => member.phone.sync(silent()).await.expect("sync"),
            _ => {
                let ms = member.below(120);
                drop(timeout(Duration::from_millis(ms), member.phone.sync(silent())).await);
            }
        }
    }
    member
}

/// The server is away, and then another one answers: nobody tells the phone.
async fn comes_back(mut member: Member) -> Member {
    member.writes().await;
    for _ in 0..3 {
        drop(timeout(Duration::from_secs(8), member.phone.sync(silent())).await);
        member.act().await;
        if member.below(3) == 0 {
            member.restart().await;
        }
    }
    member
}

async fn all<F: Future<Output = Member> + Send + 'static>(
    members: Vec<Member>,
    does: impl Fn(Member, usize) -> F,
) -> Vec<Member> {
    let tasks: Vec<_> = members.into_iter().enumerate().map(|(n, member)| tokio::spawn(does(member, n))).collect();
    let mut members = Vec::new();
    for task in tasks {
        members.push(task.await.expect("a phone"));
    }
    members
}

#[tokio::test(flavor = "multi_thread")]
async fn last_nights_backup_loses_nothing_that_a_phone_saved() {
    let (phones, seed) = (count("OSTEON_PHONES", 6) as usize, count("OSTEON_SEED", 20_261_127));
    println!("{phones} phones; OSTEON_SEED={seed}");
    let mut server = Server::start(Setup::default().arg("--rate-limits").arg("off")).expect("server");
    let (mut members, circles) = Member::fleet(&server, phones, seed).await;
    for member in &mut members {
        member.writes().await;
        member.settle().await;
    }
    let away = tempfile::tempdir().expect("dir");
    let backup = away.path().join("last-night");
    let file = backup.to_str().expect("text");
    server.cli(&["backup", file]).expect("backup");

    let members = all(members, day).await;
    lose_the_database(&mut server);
    let restored = server.cli(&["restore", file]).expect("restored");
    assert_eq!(restored["epoch"], 2, "{restored}");
    server.restart().expect("restarted");

    // They come back all at once, and the line does what lines do.
    let middlebox = Middlebox::start(server.channel().expect("channel"), seed).await.expect("middlebox");
    for member in &members {
        member.is_reached_at(middlebox.address().port(), middlebox.ca()).await;
    }
    let members = all(members, |member, _| comes_back(member)).await;
    middlebox.calm();
    println!("{:?}", middlebox.done());
    all_end_equal(&server, &members).await;
    // And what somebody is sent who begins now.
    compare(&server, &circles[0], &members[..ROLES.len().min(members.len())]).await;
}
