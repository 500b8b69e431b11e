//! Documents of the past. They only grow, and a run that finds nothing new reads none of them.

use std::cell::OnceCell;

use crate::app::answer::faults;
use crate::app::workspace::views::tree::Tree;
use crate::error::CommandError;
use crate::model::issue::Issue;
use crate::state;
use crate::state::{Glance, Past};
use crate::ui::Ui;

/// The documents of the past, read once they are requested.
#[derive(Clone, Copy)]
pub(crate) struct Archive<'a> {
    pub(in crate::app::workspace) past: &'a OnceCell<Past>,
    pub(in crate::app::workspace) tree: Tree<'a>,
    /// Where faults in them are shown.
    pub(in crate::app::workspace) ui: &'a Ui,
}

impl<'a> Archive<'a> {
    /// Returns the documents of the past, read at the first call.
    ///
    /// # Errors
    /// Faults in any of them, as those of the present.
    pub(crate) fn read(self) -> Result<&'a Past, CommandError> {
        if let Some(past) = self.past.get() {
            return Ok(past);
        }
        let files = self.tree.files()?;
        let past = state::load_past(files.as_ref())
            .map_err(|invalid| faults::broken_past(self.ui, invalid))?;
        faults::warn(self.ui, &past.warnings);
        Ok(self.past.get_or_init(|| past))
    }

    /// Returns the resolved issues that `wanted` takes. Where a glance shows that there is none,
    /// none is read.
    pub(crate) fn find_resolved(
        self,
        wanted: impl Fn(&Glance) -> bool,
    ) -> Result<Vec<&'a Issue>, CommandError> {
        let is_read = self.past.get().is_some();
        if !is_read && !state::may_have_resolved(self.tree.files()?.as_ref(), &wanted) {
            return Ok(Vec::new());
        }
        let issues = self.read()?.resolved.values().map(|doc| &doc.value);
        Ok(issues
            .filter(|issue| wanted(&Glance::from_issue(issue)))
            .collect())
    }
}
