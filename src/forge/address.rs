//! Where the API is, and which repository it is about.

use std::fmt;
use std::net::IpAddr;

use crate::forge::error::ForgeError;

/// The API that is used when none is named.
const GITHUB: &str = "https://api.github.com";

/// The base address of an API: https, or http on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `https://host:port`, in lower case.
    origin: String,
    /// What stands before every path, without a slash at its end.
    path: String,
}

impl Address {
    /// Parses one; `None` is GitHub itself.
    ///
    /// # Errors
    /// [`ForgeError::Address`] for anything but https, except http to a loopback address.
    pub fn new(text: Option<&str>) -> Result<Self, ForgeError> {
        let text = text.unwrap_or(GITHUB);
        let refuse = |why| ForgeError::Address {
            // Before an `@` there may be a password.
            address: shown(text),
            why,
        };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| refuse("no scheme"))?;
        let scheme = scheme.to_ascii_lowercase();
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(refuse("credentials do not belong into it"));
        }
        if text.contains(['?', '#', '\\', '%']) || path.contains("//") || path.contains("..") {
            return Err(refuse("only scheme, host and path"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refuse("blanks or special characters"));
        }
        let host = host(authority).ok_or_else(|| refuse("no host"))?;
        match scheme.as_str() {
            "https" => {}
            "http" if is_loopback(host) => {}
            "http" => return Err(refuse("http is only for this machine; use https")),
            _ => return Err(refuse("only https")),
        }
        Ok(Self {
            origin: format!("{scheme}://{}", authority.to_ascii_lowercase()),
            path: path.trim_end_matches('/').to_owned(),
        })
    }

    /// The full address of a path that starts with a slash.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.path)
    }

    /// Where a redirect leads, if that is this same host. Relative ones are.
    pub(crate) fn redirect(&self, location: &str) -> Option<String> {
        if location.starts_with('/') && !location.starts_with("//") {
            return Some(format!("{}{location}", self.origin));
        }
        let (scheme, rest) = location.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let origin = format!("{scheme}://{}", &rest[..end]).to_ascii_lowercase();
        (origin == self.origin).then(|| location.to_owned())
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

fn host(authority: &str) -> Option<&str> {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
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
    fn redirects_stay_on_their_host() {
        let address = Address::new(Some("https://api.github.com")).expect("an address");
        for good in [
            "/repositories/1/pulls",
            "https://api.github.com/repositories/1",
        ] {
            assert!(address.redirect(good).is_some(), "{good}");
        }
        for bad in [
            "//evil.example.com/x",
            "http://api.github.com/x",
            "https://api.github.com.evil.example.com/x",
            "https://api.github.com@evil.example.com/x",
            "https://api.github.com:444/x",
            "x",
            "",
        ] {
            assert_eq!(address.redirect(bad), None, "{bad}");
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
