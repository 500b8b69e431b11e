//! Where requests may go: https, or http on this machine; never with credentials in it.

use std::net::IpAddr;

/// The base address of an API: https, or http on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `https://host:port`, in lower case.
    origin: String,
    /// What stands before every path, without a slash at its end.
    path: String,
}

/// Why an address cannot be used. Holds nothing of it: it may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AddressError(pub &'static str);

impl Address {
    /// Parses the base address of an API.
    ///
    /// # Errors
    /// For anything but https, except http to a loopback address.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        let (origin, path) = split(text)?;
        if path.contains(['?', '%']) || path.contains("//") || path.contains("..") {
            return Err(AddressError("only scheme, host and path"));
        }
        Ok(Self {
            origin,
            path: path.trim_end_matches('/').to_owned(),
        })
    }

    /// Parses the full address of one place, its query included, and gives it back as a base
    /// and the path below it.
    ///
    /// # Errors
    /// As [`Address::new`].
    pub fn of_place(text: &str) -> Result<(Self, String), AddressError> {
        let (origin, path) = split(text)?;
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        let base = Self {
            origin,
            path: String::new(),
        };
        Ok((base, path))
    }

    /// The same without the last part of its path, where that is this one.
    pub(crate) fn without(&self, last: &str) -> Self {
        let path = self.path.strip_suffix(last).unwrap_or(&self.path);
        Self {
            origin: self.origin.clone(),
            path: path.to_owned(),
        }
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

/// Origin, and the rest from its first slash or question mark on.
fn split(text: &str) -> Result<(String, &str), AddressError> {
    let (scheme, rest) = text.split_once("://").ok_or(AddressError("no scheme"))?;
    let scheme = scheme.to_ascii_lowercase();
    let (authority, path) = match rest.find(['/', '?']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    if authority.contains('@') {
        return Err(AddressError("it must not contain credentials"));
    }
    if text.contains(['#', '\\']) || authority.contains('%') {
        return Err(AddressError("only scheme, host and path"));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(AddressError("blanks or special characters"));
    }
    let host = host(authority).ok_or(AddressError("no host"))?;
    match scheme.as_str() {
        "https" => {}
        "http" if is_loopback(host) => {}
        "http" => return Err(AddressError("http is only for this machine; use https")),
        _ => return Err(AddressError("only https")),
    }
    Ok((
        format!("{scheme}://{}", authority.to_ascii_lowercase()),
        path,
    ))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_their_host() {
        let address = Address::new("https://api.github.com").expect("an address");
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
    fn a_place_keeps_its_path_and_query() {
        for (text, path) in [
            (
                "https://hooks.example.com/services/T0/B0/xyz",
                "/services/T0/B0/xyz",
            ),
            ("https://example.com/hook/?a=b%20c&d", "/hook/?a=b%20c&d"),
            ("http://127.0.0.1:8080", "/"),
            ("https://example.com?x=1", "/?x=1"),
        ] {
            let (base, found) = Address::of_place(text).expect(text);
            assert_eq!(found, path);
            assert!(base.join(&found).starts_with(&text[..18]));
        }
        for bad in [
            "http://hooks.example.com/x",
            "http://169.254.169.254/latest/meta-data",
            "https://u:p@hooks.example.com/x",
            "https://hooks.example.com/x#y",
            "https://hooks.example.com/x y",
            "ftp://localhost/x",
            "hooks.example.com/x",
            "",
        ] {
            assert!(Address::of_place(bad).is_err(), "{bad}");
        }
    }
}
