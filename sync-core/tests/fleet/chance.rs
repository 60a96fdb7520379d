//! What a seed decides.

pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// What may go wrong in this run.
pub(crate) struct Weather {
    pub(crate) losses: bool,
    pub(crate) crashes: bool,
    pub(crate) twins: bool,
    pub(crate) phone_restores: bool,
    pub(crate) server_restores: bool,
    pub(crate) grants: bool,
    pub(crate) clocks: bool,
}

impl Weather {
    pub(crate) fn of(rng: &mut Rng) -> Self {
        let mut flag = || rng.one_in(2);
        Self {
            losses: flag(),
            crashes: flag(),
            twins: flag(),
            phone_restores: flag() && flag(),
            server_restores: flag(),
            grants: flag(),
            clocks: flag(),
        }
    }
}
