//! Short parallel regions, one after another, without a sleep between them.
//!
//! To write one token takes a hundred regions of a fifth of a millisecond. Threads of a pool that go to sleep after each
//! are woken a hundred times: that took a quarter of the time. Inside [`in_step`] they stay awake, at most as long as a
//! token takes, and give way to others when they find nothing to do for long.

use rayon::prelude::*;
use std::cell::RefCell;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::yield_now;

/// Does `work` on one thread of the pool while the others stand by for the regions in it. `None` only from a pool
/// without threads.
///
/// # Panics
/// When `work` does.
pub fn in_step<R: Send>(threads: &rayon::ThreadPool, work: impl FnOnce() -> R + Send) -> Option<R> {
    let team = Arc::new(Team::default());
    let work = Mutex::new(Some(work));
    let results = threads.broadcast(|thread| {
        if thread.index() > 0 {
            team.stand_by();
            return None;
        }
        let _over = Over(&team);
        TEAM.replace(Some(Arc::clone(&team)));
        let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
        work.map(|work| work())
    });
    results.into_iter().flatten().next()
}

/// Does `work` with each of `jobs`, on all threads that are there.
pub(crate) fn side_by_side<T: Send>(jobs: Vec<T>, work: impl Fn(T) + Sync + Send) {
    let team = TEAM.with_borrow(Clone::clone);
    match team {
        _ if jobs.len() == 1 => jobs.into_iter().for_each(work),
        None => jobs.into_par_iter().with_max_len(1).for_each(work),
        Some(team) => {
            let jobs: Vec<Mutex<Option<T>>> = jobs.into_iter().map(|job| Mutex::new(Some(job))).collect();
            team.run(jobs.len(), &|at| {
                if let Some(job) = jobs[at].lock().unwrap_or_else(PoisonError::into_inner).take() {
                    work(job);
                }
            });
        }
    }
}

thread_local! {
    /// The team that this thread leads.
    static TEAM: RefCell<Option<Arc<Team>>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Team {
    /// The region that is open.
    region: Mutex<Option<Region>>,
    /// Counts regions, so that who stands by sees a new one without the lock.
    opened: AtomicUsize,
    /// The next job of the region.
    next: AtomicUsize,
    /// Threads that may be using the region.
    inside: AtomicUsize,
    over: AtomicBool,
}

/// What a region's jobs do, by their number. It lives as long as the region is open or somebody is inside.
#[derive(Clone, Copy)]
struct Region {
    work: *const (dyn Fn(usize) + Sync),
    jobs: usize,
}

// SAFETY: the pointer is to something that may be shared between threads, and `Team::run` keeps it alive.
unsafe impl Send for Region {}

impl Team {
    /// Opens a region, takes part in it, and comes back when every job is done.
    fn run(&self, jobs: usize, work: &(dyn Fn(usize) + Sync)) {
        let work: *const (dyn Fn(usize) + Sync) = work;
        // SAFETY: only the lifetime is taken away. `Closing` ends the region and waits until nobody is inside before
        // `work` goes, also when it panics.
        let work = unsafe {
            std::mem::transmute::<*const (dyn Fn(usize) + Sync), *const (dyn Fn(usize) + Sync + 'static)>(work)
        };
        let region = Region { work, jobs };
        let _closing = Closing(self);
        self.next.store(0, Ordering::SeqCst);
        *self.region.lock().unwrap_or_else(PoisonError::into_inner) = Some(region);
        self.opened.fetch_add(1, Ordering::SeqCst);
        self.take_part(region);
    }

    fn take_part(&self, region: Region) {
        loop {
            let job = self.next.fetch_add(1, Ordering::SeqCst);
            if job >= region.jobs {
                return;
            }
            // SAFETY: this thread opened the region, or counted itself inside before it found it open.
            unsafe { (*region.work)(job) };
        }
    }

    /// Takes part in every region until the step is over.
    fn stand_by(&self) {
        let (mut seen, mut idle) = (0, 0u32);
        while !self.over.load(Ordering::SeqCst) {
            let opened = self.opened.load(Ordering::SeqCst);
            if opened == seen {
                wait(&mut idle);
                continue;
            }
            (seen, idle) = (opened, 0);
            let _inside = Inside::new(&self.inside);
            let region = *self.region.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(region) = region {
                self.take_part(region);
            }
        }
    }
}

/// So often is looked before others get the processor: some tens of microseconds.
const LOOKS: u32 = 2_000;

fn wait(idle: &mut u32) {
    if *idle < LOOKS {
        *idle += 1;
        spin_loop();
    } else {
        yield_now();
    }
}

/// Ends a region: nobody comes in any more, and who is inside is waited for.
struct Closing<'a>(&'a Team);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        *self.0.region.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let mut idle = 0;
        while self.0.inside.load(Ordering::SeqCst) > 0 {
            wait(&mut idle);
        }
    }
}

/// One more inside, also when a job panics.
struct Inside<'a>(&'a AtomicUsize);

impl<'a> Inside<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Lets those who stand by go.
struct Over<'a>(&'a Team);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        TEAM.replace(None);
        self.0.over.store(true, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    /// Many short regions, in which each number is doubled once and none twice.
    fn doubled(regions: usize) -> Vec<u64> {
        let mut numbers: Vec<u64> = (0..97).collect();
        for _ in 0..regions {
            side_by_side(numbers.iter_mut().collect(), |n| *n = (*n * 2) % 1_000_003);
        }
        numbers
    }

    #[test]
    fn every_job_of_every_region_is_done_once_whatever_the_threads() {
        let expected = doubled(3_000);
        for threads in [1, 2, 3, 8] {
            assert_eq!(in_step(&pool(threads), || doubled(3_000)).as_ref(), Some(&expected), "{threads} threads");
        }
    }

    #[test]
    fn regions_see_what_was_written_between_them() {
        let total = in_step(&pool(3), || {
            let (mut numbers, mut total) = (vec![0u64; 40], 0);
            for round in 1..2_000 {
                side_by_side(numbers.iter_mut().collect(), |n| *n += round);
                total += numbers.iter().sum::<u64>();
                numbers.fill(0);
            }
            total
        });
        assert_eq!(total, Some(40 * (1..2_000).sum::<u64>()));
    }

    #[test]
    fn a_panic_comes_out_and_the_pool_lives_on() {
        let pool = pool(2);
        for culprit in [0, 50] {
            let jobs = || side_by_side((0..100).collect(), |i: i32| assert_ne!(i, culprit, "meant"));
            assert!(catch_unwind(AssertUnwindSafe(|| in_step(&pool, jobs))).is_err());
        }
        assert_eq!(in_step(&pool, || doubled(3)), Some(doubled(3)));
    }
}
