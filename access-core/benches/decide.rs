//! `decide` in a circle of 12 members and 60 grants: the median must stay at or under 1 µs.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use osteon_access_core::*;

fn circle() -> Access {
    let members: Vec<MemberRow> = (1..=12)
        .map(|account| MemberRow {
            account,
            role: Role::PERSONS[account as usize % Role::PERSONS.len()],
            membership: Consent::Allow,
        })
        .collect();
    let grants: Vec<GrantRow> = (0..60u64)
        .map(|n| GrantRow {
            grantee: if n % 3 == 0 { Grantee::Role(Role::Caregiver) } else { Grantee::Member(1 + n % 12) },
            of: GrantOf::Category(Category::new(1 + (n % 22) as u8).expect("1..=22")),
            decision: if n % 7 == 0 { Consent::Deny } else { Consent::Allow },
            not_before_ms: Some(0),
            not_after_ms: Some(1_000_000 + n as i64),
        })
        .collect();
    Access::from_records(1, &members, &grants, &[], &[])
}

fn bench(criterion: &mut Criterion) {
    let access = circle();
    let caregiver = access.members().find(|(_, role)| *role == Role::Caregiver).expect("a caregiver");
    let viewer = Viewer { account: caregiver.0, role: caregiver.1 };
    let label = LabelView::all(Categories(1 << 6 | 1 << 8));
    let facts = FieldFacts {
        writers: RoleSet::from_iter([Role::Patient, Role::Caregiver]),
        proposers: RoleSet::EMPTY,
        journal: true,
        proxy: false,
    };
    criterion.bench_function("decide/read_label", |b| {
        b.iter(|| decide(black_box(500_000), black_box(&viewer), &access, &Action::ReadLabel(black_box(label))));
    });
    criterion.bench_function("decide/write_field", |b| {
        b.iter(|| {
            let action = Action::WriteField { facts, label: black_box(label), own: Some(true) };
            decide(black_box(500_000), black_box(&viewer), &access, &action)
        });
    });
    let labels: Vec<LabelId> = (0..40).map(|n| LabelView::all(Categories(1 << (1 + n % 22)))).collect();
    criterion.bench_function("scope/40_labels", |b| {
        b.iter(|| scope(black_box(500_000), black_box(&viewer), &access, &labels));
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
