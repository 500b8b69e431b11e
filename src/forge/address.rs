//! Where the API is, and which repository it is about.

use std::fmt;

use crate::forge::error::ForgeError;
use crate::http;

/// The API that is used when none is named.
const GITHUB: &str = "https://api.github.com";

/// The base address of an API: https, or http on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(pub(crate) http::Address);

impl Address {
    /// Parses one; `None` is GitHub itself.
    ///
    /// # Errors
    /// [`ForgeError::Address`] for anything but https, except http to a loopback address.
    pub fn new(text: Option<&str>) -> Result<Self, ForgeError> {
        let text = text.unwrap_or(GITHUB);
        http::Address::new(text)
            .map(Self)
            .map_err(|error| ForgeError::Address {
                // Before an `@` there may be a password.
                address: shown(text),
                why: error.0,
            })
    }
}

fn shown(text: &str) -> String {
    let safe = match text.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => text.to_owned(),
    };
    let cut: String = safe.chars().take(120).collect();
    crate::text::escape::terminal(&cut)
}

/// `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryName {
    pub(crate) owner: String,
    pub(crate) name: String,
}

impl RepositoryName {
    /// Parses it.
    ///
    /// # Errors
    /// [`ForgeError::RepositoryName`].
    pub fn new(text: &str) -> Result<Self, ForgeError> {
        let part = |part: &str| {
            (1..=100).contains(&part.len())
                && part != "."
                && part != ".."
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        };
        match text.split_once('/') {
            Some((owner, name)) if part(owner) && part(name) => Ok(Self {
                owner: owner.to_owned(),
                name: name.to_owned(),
            }),
            _ => {
                let cut: String = text.chars().take(120).collect();
                Err(ForgeError::RepositoryName(crate::text::escape::terminal(
                    &cut,
                )))
            }
        }
    }

    /// From the address of a git remote on github.com. Of other hosts nothing is assumed.
    pub fn of_remote(url: &str) -> Option<Self> {
        let rest = [
            "https://github.com/",
            "ssh://git@github.com/",
            "git@github.com:",
        ]
        .into_iter()
        .find_map(|prefix| url.strip_prefix(prefix))?;
        let rest = rest.trim_end_matches('/');
        Self::new(rest.strip_suffix(".git").unwrap_or(rest)).ok()
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_asked() {
        for good in [
            "https://api.github.com",
            "https://github.example.com:8443/api/v3/",
            "HTTPS://GitHub.Example.com/api/v3",
            "http://127.0.0.1:8080",
            "http://[::1]:80",
            "http://localhost",
        ] {
            assert!(Address::new(Some(good)).is_ok(), "{good}");
        }
        for bad in [
            "",
            "api.github.com",
            "http://api.github.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://169.254.169.254/latest/meta-data",
            "https://user:secret@api.github.com",
            "http://127.0.0.1@example.com",
            "https:///x",
            "https://a?b",
            "https://a/#b",
            "https://a/../b",
            "https://a\\b",
            "https://a b",
            "file:///etc/passwd",
            "ftp://localhost",
        ] {
            let error = Address::new(Some(bad)).expect_err(bad);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn repositories_are_named_by_owner_and_name() {
        let of = |url| RepositoryName::of_remote(url).map(|name| name.to_string());
        assert_eq!(of("https://github.com/o/r.git"), Some("o/r".to_owned()));
        assert_eq!(of("git@github.com:o/r"), Some("o/r".to_owned()));
        assert_eq!(of("https://git.example.com/o/r"), None);
        for bad in [
            "", "o", "o/", "/r", "o/r/x", "o/..", "o/r?x", "o r/x", "ö/r",
        ] {
            assert!(RepositoryName::new(bad).is_err(), "{bad}");
        }
    }
}
