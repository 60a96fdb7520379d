//! I9: real device cores against the real server, over a network that cuts connections, with the server killed under
//! them. At the end every device shows what the server has, every digest is equal, every outbox is empty, and every entry
//! that was not refused is there.

use std::time::Duration;

use osteon_tests::{
    chaos::Relay,
    server::{STORES, Server, Setup, StoreKind},
    tools::count,
};

use crate::member::{Member, ROLES, compare};

const ROUNDS: u64 = 3;

async fn fleet(store: StoreKind, devices: usize) {
    let setup = Setup::on(store).expect("store").arg("--rate-limits").arg("off");
    let mut server = Server::start(setup).expect("server");
    let relay = Relay::start(server.address(), 7).await.expect("relay");
    let ca = server.ca().expect("ca");
    let (mut members, circles) = Member::fleet(&server, devices, 0).await;
    for member in &members {
        // From here on over the network that breaks.
        member.is_reached_at(relay.port(), &ca).await;
    }
    for round in 0..ROUNDS {
        let tasks: Vec<_> = members.drain(..).map(|member| tokio::spawn(member.round(6))).collect();
        tokio::time::sleep(Duration::from_millis(400 + 250 * round)).await;
        server.restart().expect("kill -9 and start");
        for task in tasks {
            members.push(task.await.expect("member"));
        }
    }
    relay.calm();
    // Twice: what the last one sends must reach the first one.
    for _ in 0..2 {
        for member in &members {
            member.settle().await;
        }
    }
    println!("{store:?}: {devices} devices, {} cut connections", relay.cuts());
    for (short_id, here) in circles.iter().zip(members.chunks(ROLES.len())) {
        compare(&server, short_id, here).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_on_a_bad_network_ends_equal_sqlite() {
    fleet(STORES[0], count("OSTEON_DEVICES", 8) as usize).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_on_a_bad_network_ends_equal_postgres() {
    fleet(STORES[1], count("OSTEON_DEVICES", 8) as usize).await;
}
