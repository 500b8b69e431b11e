//! Tables of cases for the judge.

mod kinds;
mod life;
mod month;
mod own_alarms;
mod parts;
mod report;
mod rules;
mod spans;
mod unknown;
mod world;
