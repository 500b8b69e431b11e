//! Who makes a commit, and when.

use gix::actor::Signature;
use gix::date::Time;

use crate::git::error::{GitError, one_line};

const FALLBACK_NAME: &str = "fractary";
const FALLBACK_MAIL: &str = "fractary@localhost";

/// Author and committer of a commit. For each: what is given, then `GIT_AUTHOR_*` or
/// `GIT_COMMITTER_*`, then git's configuration, then a fallback. The time is `at` unless
/// `GIT_AUTHOR_DATE` or `GIT_COMMITTER_DATE` is set.
pub(crate) fn signatures(
    git: &gix::Repository,
    author: Option<&(String, String)>,
    at: jiff::Timestamp,
) -> Result<(Signature, Signature), GitError> {
    let given = author.map(|(name, mail)| (name.clone(), mail.clone()));
    // Errors of these two are about dates, which are read below with a better message.
    let configured = |who: Option<gix::Result<gix::actor::SignatureRef<'_>>>| {
        let who = who.and_then(Result::ok)?;
        Some((who.name.to_string(), who.email.to_string()))
    };
    let author = given.or_else(|| configured(git.author()));
    let committer = configured(git.committer());
    Ok((
        Signature {
            time: time(git, "author", "gitoxide.commit.authorDate", at)?,
            ..signature("author", author)?
        },
        Signature {
            time: time(git, "committer", "gitoxide.commit.committerDate", at)?,
            ..signature("committer", committer)?
        },
    ))
}

fn signature(what: &'static str, who: Option<(String, String)>) -> Result<Signature, GitError> {
    let fallback = || (FALLBACK_NAME.to_owned(), FALLBACK_MAIL.to_owned());
    let (name, mail) = who.unwrap_or_else(fallback);
    let (name, mail) = (name.trim(), mail.trim());
    // These characters delimit the fields in a commit.
    let bad = |text: &str| text.contains(['<', '>']) || text.contains(char::is_control);
    if name.is_empty() || bad(name) || bad(mail) {
        return Err(GitError::Identity {
            what,
            message: format!("{name:?} <{mail:?}> must not be empty nor have <, > or line breaks"),
        });
    }
    Ok(Signature {
        name: name.into(),
        email: mail.into(),
        time: Time::new(0, 0),
    })
}

/// The date from the environment, which the library keeps under `key`, else `at`.
fn time(
    git: &gix::Repository,
    what: &'static str,
    key: &'static str,
    at: jiff::Timestamp,
) -> Result<Time, GitError> {
    let Some(text) = git.config_snapshot().string(key) else {
        return Ok(Time::new(at.as_second(), 0));
    };
    let text = text.to_string();
    gix::date::parse(&text, None).map_err(|error| GitError::Identity {
        what,
        message: format!("date {text:?}: {}", one_line(&error)),
    })
}
