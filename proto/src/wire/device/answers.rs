//! Answers to Hello, Rebase and Push, for the state machine.

use osteon_sync_core::{
    Replica,
    device::{Fate, HelloAnswer, HelloCircle, OfferAnswer, PushAnswer, RebaseAnswer},
    ledger::{ChainPoint, LaneState, Taken, Verdict, Violation},
};

use super::{BadAnswer, lanes_of, millis, sixteen};
use crate::{sync, wire::dot};

type Result<T> = std::result::Result<T, BadAnswer>;

pub fn hello(answer: &sync::HelloResponse) -> Result<HelloAnswer> {
    let circles = answer.circles.iter().map(hello_circle).collect::<Result<_>>()?;
    Ok(HelloAnswer {
        epoch: answer.epoch,
        server_ms: answer.server_time.as_ref().map_or(0, millis),
        circles,
        lanes: lanes_of(&answer.lanes),
    })
}

fn hello_circle(state: &sync::CircleState) -> Result<HelloCircle> {
    let mut lanes: Vec<LaneState> = Vec::new();
    for chain in &state.chains {
        let at = chain.dot.as_ref().map(dot).ok_or(BadAnswer("a chain without a dot"))?;
        let mac = if at.counter == 0 { [0; 16] } else { sixteen(&chain.mac).ok_or(BadAnswer("a chain's MAC"))? };
        let chain = ChainPoint { counter: at.counter, mac };
        lanes.push(LaneState { replica: at.replica, chain, forked: None });
    }
    for forked in &state.forked {
        let replica = Replica { epoch: forked.epoch, n: forked.replica };
        match lanes.iter_mut().find(|l| l.replica == replica) {
            Some(lane) => lane.forked = Some(forked.counter),
            None => lanes.push(LaneState { replica, forked: Some(forked.counter), ..LaneState::default() }),
        }
    }
    Ok(HelloCircle {
        circle: state.circle,
        safe_upto: state.safe_upto,
        digest_key: sixteen(&state.digest_key).unwrap_or_default(),
        lanes,
        fates: state.fates.iter().filter_map(fate).collect(),
    })
}

fn fate(said: &sync::QuarantineFate) -> Option<Fate> {
    let rejected = (!said.accepted).then(|| said.reason.as_str().into());
    Some(Fate { dot: dot(said.dot.as_ref()?), rejected })
}

pub fn rebase(answer: &sync::RebaseResponse) -> Result<RebaseAnswer> {
    let lanes = lanes_of(&answer.lanes).ok_or(BadAnswer("no lanes"))?;
    Ok(RebaseAnswer { epoch: answer.epoch, lanes })
}

pub fn push(answer: &sync::PushResponse) -> Result<PushAnswer> {
    let verdicts = answer.verdicts.iter().map(verdict).collect::<Result<_>>()?;
    Ok(PushAnswer { epoch: answer.epoch, verdicts })
}

pub fn offer(answer: &sync::OfferResponse) -> OfferAnswer {
    use sync::OfferResult as R;
    let taken = answer.outcomes.iter().map(|o| match o.result() {
        R::Live => Some(Taken::Live { sequence: o.sequence }),
        R::History => Some(Taken::History { sequence: o.sequence }),
        R::Known => Some(Taken::Known { sequence: o.sequence }),
        R::Waiting | R::NotTaken | R::Unspecified => None,
    });
    OfferAnswer { epoch: answer.epoch, taken: taken.collect() }
}

fn verdict(v: &sync::Verdict) -> Result<Verdict> {
    use sync::verdict::Verdict as V;
    let verdict = v.verdict.as_ref().ok_or(BadAnswer("a verdict that this version does not know"))?;
    Ok(match verdict {
        V::Accepted(a) => {
            Verdict::Accepted { sequence: a.sequence, clock_lowered: a.clock_lowered, out_of_range: a.out_of_range }
        }
        V::Refused(r) => Verdict::Refused {
            reason: r.reason.clone().into(),
            violations: r
                .violations
                .iter()
                .map(|v| Violation { path: v.field.clone(), reason: v.reason.clone().into() })
                .collect(),
        },
        V::Quarantined(q) => Verdict::Quarantined { id: q.id, reason: q.reason.clone().into() },
        V::Skipped(_) => Verdict::Skipped,
        V::Later(l) => Verdict::Later { retry_after_ms: l.retry_after_ms, reason: l.reason.clone().into() },
        V::Gap(g) => Verdict::Gap { resend_from: g.resend_from },
        V::Forked(f) => Verdict::Forked { counter: f.counter },
    })
}
