//! The merge driver, as git's configuration names it.

use crate::git::error::GitError;
use crate::git::program::QUICK;
use crate::git::repository::Repository;

/// The key of the driver in git's configuration.
pub const DRIVER_KEY: &str = "merge.fractary.driver";
/// Its value: git puts the three versions and the path in.
pub const DRIVER: &str = "fractary merge-file %O %A %B %P";

impl Repository {
    /// The merge driver that is configured, here or for the user.
    pub fn merge_driver(&self) -> Option<String> {
        let driver = self.git.config_snapshot().string(DRIVER_KEY);
        driver.map(|driver| driver.to_string())
    }

    /// Configures the merge driver in this repository, unless one is. Tells whether it was
    /// this call that did it. Linked work trees share it; clones do not get it.
    ///
    /// # Errors
    /// [`GitError::Program`].
    pub fn configure_merge_driver(&self) -> Result<bool, GitError> {
        if self.merge_driver().is_some() {
            return Ok(false);
        }
        for (key, value) in [
            (
                "merge.fractary.name",
                "documents of Fractary, by their entries",
            ),
            (DRIVER_KEY, DRIVER),
        ] {
            self.ask(&["config", "--local", key, value], QUICK)?;
        }
        Ok(true)
    }
}
