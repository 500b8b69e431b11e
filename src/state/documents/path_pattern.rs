//! Where documents lie: paths with names in them, such as `deployments/<env>/registry.json`.

use std::fmt::Display;

use crate::model::paths::RepoPath;

/// A path in which `<…>` stands for a name; a part between two slashes has at most one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathPattern(&'static str);

impl PathPattern {
    /// The pattern that this text is.
    pub(crate) const fn new(pattern: &'static str) -> Self {
        Self(pattern)
    }

    /// The pattern, for people.
    pub fn pattern(self) -> &'static str {
        self.0
    }

    /// The pattern as editors write it: `*` stands for a name.
    pub(crate) fn glob(self) -> String {
        let mut out = String::with_capacity(self.0.len());
        let mut rest = self.0;
        while let Some((before, after)) = rest.split_once('<') {
            out.push_str(before);
            out.push('*');
            rest = after.split_once('>').map_or("", |(_, after)| after);
        }
        out + rest
    }

    /// Whether there are names in it, so that there may be many such documents.
    pub(crate) fn has_names(self) -> bool {
        self.0.contains('<')
    }

    /// The path with these names in it, in their order.
    ///
    /// # Panics
    /// When there are more or fewer names than the pattern has.
    pub fn fill(self, names: &[&dyn Display]) -> RepoPath {
        let mut names = names.iter();
        let text = self.fill_with(|_| {
            let name = names.next();
            name.expect("callers give every name of the pattern")
                .to_string()
        });
        assert!(names.next().is_none(), "callers give no more names");
        text
    }

    /// The path with the names that `name_of` gives for what stands between `<` and `>`.
    ///
    /// # Panics
    /// When a name cannot be part of a path.
    pub fn fill_with(self, mut name_of: impl FnMut(&str) -> String) -> RepoPath {
        let mut text = String::with_capacity(self.0.len());
        let mut rest = self.0;
        while let Some((before, after)) = rest.split_once('<') {
            let (name, after) = after.split_once('>').expect("patterns close their names");
            text.push_str(before);
            text.push_str(&name_of(name));
            rest = after;
        }
        text.push_str(rest);
        RepoPath::new(text).expect("made of a pattern and checked names, so it is a path")
    }

    /// The folder that all such documents lie in: the part without a name.
    pub(crate) fn folder(self) -> RepoPath {
        let fixed = self.0.split('<').next().unwrap_or(self.0);
        let folder = fixed.rsplit_once('/').map_or(fixed, |(folder, _)| folder);
        RepoPath::new(folder).expect("patterns begin with a folder")
    }

    /// The last part.
    pub(crate) fn file_name(self) -> &'static str {
        self.0.rsplit('/').next().unwrap_or(self.0)
    }

    /// Whether a path is one of these.
    pub(crate) fn matches(self, path: &str) -> bool {
        let (mut parts, mut pattern) = (path.split('/'), self.0.split('/'));
        loop {
            match (parts.next(), pattern.next()) {
                (None, None) => return true,
                (Some(part), Some(pattern)) if fits(part, pattern) => {}
                _ => return false,
            }
        }
    }

    /// Whether such documents lie in a folder, or in one below it.
    pub(crate) fn is_below(self, folder: &str) -> bool {
        let mut pattern = self.0.split('/');
        let fits = folder
            .split('/')
            .all(|part| pattern.next().is_some_and(|pattern| fits(part, pattern)));
        fits && pattern.next().is_some()
    }
}

/// Whether a part of a path is what this part of a pattern says.
fn fits(part: &str, pattern: &str) -> bool {
    let Some((before, rest)) = pattern.split_once('<') else {
        return part == pattern;
    };
    let after = rest.split_once('>').map_or("", |(_, after)| after);
    let name = part.strip_prefix(before);
    let name = name.and_then(|rest| rest.strip_suffix(after));
    name.is_some_and(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: PathPattern = PathPattern::new(".fractary/logs/<env>/log.json");
    const ARCHIVE: PathPattern = PathPattern::new(".fractary/logs/<env>/log.<month>.json");

    #[test]
    fn names_fill_the_pattern_in_their_order() {
        let path = ARCHIVE.fill(&[&"prod", &"2026-05"]);
        assert_eq!(path.as_str(), ".fractary/logs/prod/log.2026-05.json");
        assert_eq!(ARCHIVE.folder().as_str(), ".fractary/logs");
        assert_eq!(LOG.file_name(), "log.json");
        assert_eq!(ARCHIVE.glob(), ".fractary/logs/*/log.*.json");
    }

    #[test]
    fn only_its_own_paths_match() {
        assert!(LOG.matches(".fractary/logs/prod/log.json"));
        for other in [
            ".fractary/logs/prod/log.2026-05.json",
            ".fractary/logs/log.json",
            ".fractary/logs/a/b/log.json",
            ".fractary/logs/prod",
        ] {
            assert!(!LOG.matches(other), "{other}");
        }
        assert!(ARCHIVE.matches(".fractary/logs/prod/log.2026-05.json"));
    }

    #[test]
    fn folders_above_have_it_below_them() {
        for (folder, below) in [
            (".fractary", true),
            (".fractary/logs/prod", true),
            (".fractary/logs/prod/log.json", false),
            (".fractary/other", false),
        ] {
            assert_eq!(LOG.is_below(folder), below, "{folder}");
        }
    }
}
