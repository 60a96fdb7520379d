//! The call that is being served, as far as the audit asks: its number, whether a use case has written its refusal, and in
//! whose name it was refused where no token says so. A value of the task: it follows the call's future and nothing else;
//! outside of a call the number is 0.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use crate::access::Caller;

/// What use cases said of the call.
#[derive(Debug, Default)]
pub struct Said {
    audited: AtomicBool,
    named: OnceLock<Caller>,
}

impl Said {
    /// Whether a use case has audited the refusal.
    pub fn audited(&self) -> bool {
        self.audited.load(Ordering::Acquire)
    }

    /// Whose device asked, or was said to ask.
    pub fn named(&self) -> Option<Caller> {
        self.named.get().copied()
    }
}

#[derive(Clone)]
struct Call {
    request: u64,
    said: Arc<Said>,
}

tokio::task_local! {
    static CALL: Call;
}

/// Serves a call under this number. Beside its answer: what was said of it.
pub async fn serve<F: Future>(request: u64, call: F) -> (F::Output, Arc<Said>) {
    let said = Arc::new(Said::default());
    let output = CALL.scope(Call { request, said: Arc::clone(&said) }, call).await;
    (output, said)
}

/// Takes the call along into a task of its own.
pub fn carry<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let call = CALL.try_with(Call::clone);
    async move {
        match call {
            Ok(call) => CALL.scope(call, work).await,
            Err(_) => work.await,
        }
    }
}

/// The number of the call; 0 outside of one.
#[must_use]
pub fn request() -> u64 {
    CALL.try_with(|call| call.request).unwrap_or_default()
}

/// The refusal of this call has its row.
pub fn refusal_is_audited() {
    let _ = CALL.try_with(|call| call.said.audited.store(true, Ordering::Release));
}

/// Somebody who did not prove who they are asks in the name of a device: a refusal is counted there.
pub fn in_the_name_of(caller: Caller) {
    let _ = CALL.try_with(|call| call.said.named.set(caller));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_has_its_number_and_takes_it_along() {
        assert_eq!(request(), 0);
        refusal_is_audited();
        let ((before, after), said) = serve(7, async {
            let carried = tokio::spawn(carry(async { request() }));
            let before = request();
            (before, carried.await.expect("task"))
        })
        .await;
        assert_eq!((before, after, said.audited(), said.named()), (7, 7, false, None));
        assert!(serve(8, async { refusal_is_audited() }).await.1.audited());
        let caller = Caller { account: 1, device: 2, clinic: 3, family: 0, leaving: false };
        assert_eq!(serve(9, async { in_the_name_of(caller) }).await.1.named(), Some(caller));
        assert_eq!(carry(async { request() }).await, 0);
    }
}
