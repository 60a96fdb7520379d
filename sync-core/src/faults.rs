//! Planted bugs, for the simulation to find. Without the feature `faults` this is a type of no size and every
//! question is answered "no" at compile time.

/// One of the bugs of PROTOCOL ("What the simulation must look at"), where it lives in the core.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Fault {
    ChainNotAdvancedOnRefusal = 1,
    VerdictNotKept = 1 << 1,
    NumbersWithoutAliases = 1 << 2,
    NoGoneMarks = 1 << 3,
    PageSplitsCommit = 1 << 4,
    BackfillWithoutSnapshot = 1 << 5,
    PurgeAsMessage = 1 << 6,
    PendingDroppedAtAck = 1 << 7,
    ProcessedPendingReapplied = 1 << 8,
    KeptNotErased = 1 << 9,
    CoalescedAfterSent = 1 << 10,
}

/// The set of planted bugs; empty by default.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Faults(#[cfg(feature = "faults")] u32);

impl Faults {
    pub const NONE: Self = Self(
        #[cfg(feature = "faults")]
        0,
    );

    #[cfg(feature = "faults")]
    pub const fn only(fault: Fault) -> Self {
        Self(fault as u32)
    }

    #[inline]
    pub(crate) const fn has(self, fault: Fault) -> bool {
        #[cfg(feature = "faults")]
        {
            self.0 & fault as u32 != 0
        }
        #[cfg(not(feature = "faults"))]
        {
            let _ = fault;
            false
        }
    }
}
