//! The call that is being served, as far as the audit asks: its number, and whether a use case has written its refusal.
//! A value of the task: it follows the call's future and nothing else; outside of a call the number is 0.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

#[derive(Clone)]
struct Call {
    request: u64,
    told: Arc<AtomicBool>,
}

tokio::task_local! {
    static CALL: Call;
}

/// Serves a call under this number. Beside its answer: whether a use case has audited a refusal.
pub async fn serve<F: Future>(request: u64, call: F) -> (F::Output, bool) {
    let told = Arc::new(AtomicBool::new(false));
    let output = CALL.scope(Call { request, told: Arc::clone(&told) }, call).await;
    (output, told.load(Ordering::Acquire))
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
    let _ = CALL.try_with(|call| call.told.store(true, Ordering::Release));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_has_its_number_and_takes_it_along() {
        assert_eq!(request(), 0);
        refusal_is_audited();
        let ((before, after), told) = serve(7, async {
            let carried = tokio::spawn(carry(async { request() }));
            let before = request();
            (before, carried.await.expect("task"))
        })
        .await;
        assert_eq!((before, after, told), (7, 7, false));
        assert!(serve(8, async { refusal_is_audited() }).await.1);
        assert_eq!(carry(async { request() }).await, 0);
    }
}
