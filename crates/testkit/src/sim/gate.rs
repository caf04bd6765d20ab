//! The gate that every call of an engine to the outside passes: one at a time, so that two engines
//! take turns; counted, so that one can die at any of them.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use tokio::sync::{Notify, Semaphore};

/// Counts steps, lets one pass at a time, and stops everything at the step it was told.
#[derive(Debug)]
pub(crate) struct Gate {
    turns: Semaphore,
    steps: AtomicU64,
    /// Steps until the crash; negative while none is planned.
    left: AtomicI64,
    blown: AtomicBool,
    crashed: Notify,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            turns: Semaphore::new(1),
            steps: AtomicU64::new(0),
            left: AtomicI64::new(-1),
            blown: AtomicBool::new(false),
            crashed: Notify::new(),
        }
    }

    /// Plans a crash before the nth step from now.
    pub(crate) fn arm(&self, steps: u32) {
        self.left.store(i64::from(steps), Ordering::SeqCst);
        self.blown.store(false, Ordering::SeqCst);
    }

    /// Forgets a planned crash.
    pub(crate) fn disarm(&self) {
        self.left.store(-1, Ordering::SeqCst);
        self.blown.store(false, Ordering::SeqCst);
    }

    /// Ends when the crash happens.
    pub(crate) async fn crash(&self) {
        while !self.blown.load(Ordering::SeqCst) {
            self.crashed.notified().await;
        }
    }

    /// How many steps have been taken.
    pub(crate) fn steps(&self) -> u64 {
        self.steps.load(Ordering::SeqCst)
    }

    /// Passes: a step before and a step after what is done outside. A process that crashed does not
    /// come back from here, and nothing else of it is outside at that moment.
    pub(crate) async fn pass<T>(&self, what: impl Future<Output = T>) -> T {
        let _turn = self.turns.acquire().await;
        self.step().await;
        let result = what.await;
        self.step().await;
        result
    }

    async fn step(&self) {
        self.steps.fetch_add(1, Ordering::SeqCst);
        if self.left.load(Ordering::SeqCst) < 0 {
            return;
        }
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 1 {
            self.left.store(0, Ordering::SeqCst);
            self.blown.store(true, Ordering::SeqCst);
            self.crashed.notify_one();
            std::future::pending::<()>().await;
        }
    }
}
