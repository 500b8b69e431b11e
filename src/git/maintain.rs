//! Upkeep of the object store: left to git, when git itself would see to it after a commit.

use std::fs;
use std::time::Duration;

use crate::git::program::Manner;
use crate::git::repository::Repository;

/// So many loose objects are many, where `gc.auto` says nothing: git's own default.
const MANY: i64 = 6_700;

/// How long git may take where it is configured to stay in the foreground (`gc.autoDetach`).
const MANNER: Manner = Manner {
    may_ask: false,
    limit: Duration::from_secs(300),
    can_be_interrupted: false,
};

impl Repository {
    /// Lets git pack loose objects when there are many, as `git commit` does: a repository
    /// that is committed to every hour has 100,000 of them after a year. Git does it in the
    /// background, and `gc.auto`, `maintenance.auto` and `gc.autoDetach` are respected.
    ///
    /// What fails here fails again the next time, and nothing depends on it.
    pub fn maintain(&self) {
        if !self.has_many_loose_objects() {
            return;
        }
        match self.program(&["gc", "--auto", "--quiet"], MANNER) {
            Ok(said) if said.success => {}
            Ok(said) => tracing::debug!(complaint = said.complaint(), "git gc --auto failed"),
            Err(error) => tracing::debug!(%error, "git gc --auto could not be run"),
        }
    }

    /// Git's own estimate (`too_many_loose_objects` of its builtin/gc.c): names are spread
    /// evenly, so one folder of the 256 tells of all. Starting git to ask would take longer
    /// than the commit.
    fn has_many_loose_objects(&self) -> bool {
        let config = self.git.config_snapshot();
        let many = config.integer("gc.auto").unwrap_or(MANY);
        if many <= 0 || config.boolean("maintenance.auto") == Some(false) {
            return false;
        }
        let most = usize::try_from(many.saturating_add(255) / 256).unwrap_or(usize::MAX);
        let folder = self.git.objects.store_ref().path().join("17");
        fs::read_dir(folder).is_ok_and(|names| names.flatten().nth(most).is_some())
    }
}
