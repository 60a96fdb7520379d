//! Telling those who wait that something was committed: the hub wakes by circle inside this node, the slow poll behind it
//! finds what a lost wake-up missed. A wake-up carries no data: whoever is woken reads the store through their own scope.

pub mod hub;
pub mod poll;

pub use hub::{Closed, Counts, Ending, Hub, Listener, Subscription, Wake};
