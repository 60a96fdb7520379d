//! What changed of one field in a time: which versions stood before, and which writes came in it.

use osteon_sync_core::Dot;

/// One change, as far as it wrote one field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Write<'a> {
    pub dot: Dot,
    /// When it arrived: a time, or a number that grows with each arrival.
    pub received: u64,
    /// The versions that it replaces.
    pub replaces: &'a [Dot],
}

/// A field that something arrived of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// Versions that stood before, sorted: several were in dispute, none: nobody had written it.
    pub before: Vec<Dot>,
    /// Writes that arrived in the time, sorted.
    pub writes: Vec<Dot>,
}

/// Over all writes of a field, in any order. From the first instant up to, and without, the second. None: nothing arrived.
pub fn changed(writes: &[Write<'_>], (from, to): (u64, u64)) -> Option<Changed> {
    let sorted = |dots: &mut dyn Iterator<Item = Dot>| {
        let mut dots: Vec<Dot> = dots.collect();
        dots.sort_unstable();
        dots.dedup();
        dots
    };
    let inside = |write: &&Write<'_>| from <= write.received && write.received < to;
    let inside = sorted(&mut writes.iter().filter(inside).map(|write| write.dot));
    if inside.is_empty() {
        return None;
    }
    let old = || writes.iter().filter(|write| write.received < from);
    let gone = sorted(&mut old().flat_map(|write| write.replaces).copied());
    let stood = |dot: &Dot| gone.binary_search(dot).is_err();
    Some(Changed { before: sorted(&mut old().map(|write| write.dot).filter(stood)), writes: inside })
}

#[cfg(test)]
mod tests {
    use osteon_sync_core::Replica;
    use proptest::prelude::*;

    use super::*;

    fn dot(n: u32, counter: u64) -> Dot {
        Dot { replica: Replica { epoch: 1, n }, counter }
    }

    #[test]
    fn what_stood_when_the_time_began() {
        let [one, two, three, four] = [dot(1, 1), dot(1, 2), dot(2, 1), dot(2, 2)];
        let writes = [
            Write { dot: one, received: 5, replaces: &[] },
            Write { dot: two, received: 10, replaces: &[one] },
            // Had not seen the second: a dispute.
            Write { dot: three, received: 20, replaces: &[one] },
            Write { dot: four, received: 30, replaces: &[two, three] },
        ];
        let of = |from, to| changed(&writes, (from, to));
        assert_eq!(of(0, 6), Some(Changed { before: vec![], writes: vec![one] }));
        assert_eq!(of(20, 21), Some(Changed { before: vec![two], writes: vec![three] }));
        assert_eq!(of(30, 31), Some(Changed { before: vec![two, three], writes: vec![four] }), "both versions");
        assert_eq!(of(6, 10), None);
        assert_eq!(of(31, u64::MAX), None);
    }

    proptest! {
        /// Any order, each told twice; what arrived later than the time never says what stood before it.
        #[test]
        fn order_and_repetition_change_nothing(
            times in prop::collection::vec(0u64..40, 1..12),
            seen in prop::collection::vec(prop::collection::vec(0usize..12, 0..3), 12),
            (from, to) in (0u64..40, 0u64..40),
            seed in any::<u64>(),
        ) {
            let dots: Vec<Dot> = (0..times.len()).map(|n| dot(u32::try_from(n % 3).expect("small"), n as u64)).collect();
            let replaces: Vec<Vec<Dot>> = seen
                .iter()
                .enumerate()
                .map(|(n, seen)| seen.iter().filter(|at| **at < n).filter_map(|at| dots.get(*at).copied()).collect())
                .collect();
            let write = |n: usize| Write { dot: dots[n], received: times[n], replaces: &replaces[n] };
            let all: Vec<Write<'_>> = (0..times.len()).map(write).collect();
            let told = changed(&all, (from, to));
            let mut other: Vec<Write<'_>> = all.iter().chain(&all).copied().collect();
            other.sort_by_key(|write| (write.dot.counter ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            prop_assert_eq!(&changed(&other, (from, to)), &told);
            let early: Vec<Write<'_>> = all.iter().filter(|write| write.received < to).copied().collect();
            prop_assert_eq!(changed(&early, (from, to)), told);
        }
    }
}
