//! What one expression may cost.

/// Longest expression in bytes.
pub const MOST_BYTES: usize = 1_000;

/// Brackets in one another. Each takes some 7 KB of stack in a build that is not optimised.
pub(super) const MOST_BRACKETS: usize = 24;

/// Deepest tree. Chains of `+` and `.` count too, so that every walk of it is bounded.
pub(super) const MOST_DEPTH: usize = 64;

/// Steps that one evaluation may take. The longest built-in formula takes about 20.
pub(super) const MOST_STEPS: u32 = 100_000;

/// Bytes that a compiled pattern may take.
pub(super) const MOST_PATTERN: usize = 1 << 18;
