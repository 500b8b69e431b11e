//! Asking the installed git about this repository.

use std::ffi::OsStr;

use crate::git::error::GitError;
use crate::git::program::{self, Given, Manner, Said};
use crate::git::repository::Repository;

impl Repository {
    /// Runs git in this repository. Its messages are text from outside, in English.
    ///
    /// # Errors
    /// [`GitError::Program`] when it can't be started or takes longer than the limit, and
    /// [`GitError::Interrupted`]. That it failed is no error here.
    pub(crate) fn program<S: AsRef<OsStr>>(
        &self,
        arguments: &[S],
        manner: Manner,
    ) -> Result<Said, GitError> {
        program::run(&self.git, arguments, Given::default(), manner)
    }

    /// Runs git and returns what it prints.
    pub(crate) fn ask(&self, arguments: &[&str], manner: Manner) -> Result<String, GitError> {
        let said = self.program(arguments, manner)?;
        if said.success {
            Ok(said.stdout)
        } else {
            Err(failed(arguments, &said))
        }
    }
}

pub(crate) fn failed(arguments: &[&str], said: &Said) -> GitError {
    GitError::Program {
        arguments: arguments.iter().map(|a| (*a).to_owned()).collect(),
        message: said.complaint(),
    }
}
