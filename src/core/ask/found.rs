//! Everything that was recognised in an utterance.

use super::entity::{Entity, Placed};
use super::services::Services;

/// Everything that was recognised in an utterance.
#[derive(Debug, Default)]
pub(crate) struct Entities {
    pub(crate) all: Vec<Entity>,
    /// What is named where it says what not to do.
    pub(crate) left_out: Vec<Entity>,
    pub(crate) services: Services,
    /// Values that only some commands have an option for.
    pub(crate) placed: Vec<Placed>,
}

impl Entities {
    /// The values for a slot, each once, in the order of the text.
    pub(crate) fn of(&self, slot: &str) -> Vec<&str> {
        let mut out: Vec<&str> = Vec::new();
        for entity in self.all.iter().filter(|entity| entity.slot == slot) {
            if !out.contains(&entity.value.as_str()) {
                out.push(&entity.value);
            }
        }
        out
    }

    /// The first value for a slot.
    pub(crate) fn first(&self, slot: &str) -> Option<&str> {
        self.of(slot).first().copied()
    }

    pub(super) fn add(
        &mut self,
        slot: &'static str,
        value: impl Into<String>,
        from: usize,
        to: usize,
    ) {
        let value = value.into();
        self.all.push(Entity {
            slot,
            value,
            from,
            to,
        });
    }
}
