//! The repository as database, against repositories that the real git made, checked by the
//! real git.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail like tests do; clippy spares only the tests themselves"
)]

#[path = "git/commit.rs"]
mod commit;
#[path = "git/faults.rs"]
mod faults;
#[path = "git/interleaved.rs"]
mod interleaved;
#[path = "git/killed.rs"]
mod killed;
#[path = "git/lost_race.rs"]
mod lost_race;
#[path = "git/maintained.rs"]
mod maintained;
#[path = "git/parallel.rs"]
mod parallel;
#[path = "git/random.rs"]
mod random;
#[path = "git/reading.rs"]
mod reading;
#[path = "git/refused.rs"]
mod refused;
#[path = "git/remote.rs"]
mod remote;
#[path = "git/set_ups.rs"]
mod set_ups;
#[path = "git/situations.rs"]
mod situations;
#[path = "git/support.rs"]
mod support;
#[path = "git/uncommitted.rs"]
mod uncommitted;
