//! Changes of a team: kept once, leased to one, moved forward only.

use osteon_server::store::{
    Store,
    teams::{NewTeamChange, TeamStep},
};

fn change(account: u64, request: u8) -> NewTeamChange {
    let step = |circle| TeamStep { circle, account: 70, role: 4, joins: circle > 2 };
    NewTeamChange {
        clinic: 1,
        account,
        device: 3,
        request_id: [request; 16],
        fingerprint: [9; 16],
        made_ms: 1_000,
        steps: (1..4).map(step).collect(),
    }
}

pub(crate) async fn all(store: &dyn Store) {
    let first = store.put_team_change(change(71, 1)).await.unwrap();
    assert_eq!((first.change.clone(), first.done, first.finished), (change(71, 1), 0, false));
    let other = NewTeamChange { fingerprint: [8; 16], ..change(71, 1) };
    assert_eq!(store.put_team_change(other).await.unwrap(), first, "the same request: the job that stands");
    let second = store.put_team_change(change(72, 1)).await.unwrap();
    assert_ne!(second.job, first.job);
    assert_eq!(store.team_change(first.job).await.unwrap(), Some(first.clone()));
    assert_eq!(store.team_change(9_999).await.unwrap(), None);
    assert_eq!(store.team_changes_waiting(71).await.unwrap(), 1);

    assert_eq!(store.lease_team_change(2_000, 5_000).await.unwrap(), Some(first.clone()));
    assert_eq!(store.lease_team_change(2_000, 5_000).await.unwrap(), Some(second.clone()), "the other one");
    assert_eq!(store.lease_team_change(4_999, 9_000).await.unwrap(), None, "both are taken");
    assert!(store.move_team_change(first.job, 2, &[(1, "NOT_FOUND".into())], false, 6_000).await.unwrap());
    assert!(!store.move_team_change(first.job, 2, &[], false, 6_000).await.unwrap(), "only forward");
    assert!(store.move_team_change(second.job, 3, &[], true, 0).await.unwrap());
    let again = store.lease_team_change(6_000, 9_000).await.unwrap().expect("its lease ran out");
    assert_eq!((again.job, again.done, again.refused), (first.job, 2, vec![(1, "NOT_FOUND".to_owned())]));
    assert!(store.move_team_change(first.job, 3, &[], true, 0).await.unwrap());
    assert!(!store.move_team_change(first.job, 4, &[], false, 0).await.unwrap(), "finished is finished");
    assert_eq!(store.lease_team_change(u64::MAX >> 1, u64::MAX >> 1).await.unwrap(), None);
    assert_eq!(store.team_changes_waiting(71).await.unwrap(), 0);
}
