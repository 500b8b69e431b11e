//! Old reports: which of the dated files of an environment were made before a time.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::model::ids::EnvironmentName;
use crate::model::paths::{Files, ReadError, RepoPath};
use crate::state::documents::paths;

/// The reports of an environment made before a time. Looks only into folders of days that can
/// hold one, so it costs what there is to find. Files and folders that are not named like
/// reports are not ours.
///
/// # Errors
/// [`ReadError`] when a folder can't be listed.
pub fn reports_before(
    files: &dyn Files,
    env: &EnvironmentName,
    before: Timestamp,
) -> Result<Vec<RepoPath>, ReadError> {
    let limit = before.to_zoned(TimeZone::UTC).datetime();
    let mut out = Vec::new();
    for (year, folder) in numbered(files, &paths::reports_dir(env), 4)? {
        if year > limit.year() {
            continue;
        }
        for (month, folder) in numbered(files, &folder, 2)? {
            if (year, month) > (limit.year(), i16::from(limit.month())) {
                continue;
            }
            for (day, folder) in numbered(files, &folder, 2)? {
                let Some(date) = date(year, month, day).filter(|date| *date <= limit.date()) else {
                    continue;
                };
                for file in files.list(&folder)? {
                    let made = time(file.file_name()).map(|time| date.to_datetime(time));
                    if made.is_some_and(|made| made < limit) {
                        out.push(file);
                    }
                }
            }
        }
    }
    Ok(out)
}

/// The audits of an environment made before a time, and their pages. Files that are not named
/// like audits are not ours.
///
/// # Errors
/// [`ReadError`] when the folder can't be listed.
pub fn audits_before(
    files: &dyn Files,
    env: &EnvironmentName,
    before: Timestamp,
) -> Result<Vec<RepoPath>, ReadError> {
    let names = ["-audit.json", "-audit.md"];
    stamped_before(files, &paths::audits_dir(env), &names, before)
}

/// The incidents of an environment that were investigated before a time, and their pages. Files
/// that are not named like incidents are not ours.
///
/// # Errors
/// [`ReadError`] when the folder can't be listed.
pub fn incidents_before(
    files: &dyn Files,
    env: &EnvironmentName,
    before: Timestamp,
) -> Result<Vec<RepoPath>, ReadError> {
    let names = ["-incident.json", "-incident.md"];
    stamped_before(files, &paths::incidents_dir(env), &names, before)
}

/// Files of a folder whose names begin with a time before this one, and end so.
fn stamped_before(
    files: &dyn Files,
    folder: &RepoPath,
    endings: &[&str],
    before: Timestamp,
) -> Result<Vec<RepoPath>, ReadError> {
    let limit = before
        .to_zoned(TimeZone::UTC)
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string();
    let is_old = |path: &RepoPath| {
        let name = path.file_name();
        let ours = endings.iter().any(|ending| name.ends_with(ending));
        let made = name.split_once('-').map_or("", |(made, _)| made);
        // Stamps of one form sort as their times do.
        let is_stamp = |text: &str| {
            let plain = |byte: u8| byte.is_ascii_digit() || byte == b'T' || byte == b'Z';
            text.len() == limit.len() && text.bytes().all(plain)
        };
        ours && is_stamp(made) && made < limit.as_str()
    };
    let all = files.list(folder)?;
    Ok(all.into_iter().filter(is_old).collect())
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The time in a name such as `101503Z-health-check.json`.
fn time(name: &str) -> Option<Time> {
    let (digits, rest) = name.split_once("Z-")?;
    let part = |at: usize| digits.get(at..at + 2)?.parse::<i8>().ok();
    let ours = digits.len() == 6
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && rest.ends_with(".json");
    if !ours {
        return None;
    }
    Time::new(part(0)?, part(2)?, part(4)?, 0).ok()
}

/// The folders in a folder whose names are numbers of so many digits.
fn numbered(
    files: &dyn Files,
    folder: &RepoPath,
    digits: usize,
) -> Result<Vec<(i16, RepoPath)>, ReadError> {
    let folders = files.folders(folder)?.into_iter();
    let number = |folder: &RepoPath| {
        let name = folder.file_name();
        let ours = name.len() == digits && name.bytes().all(|byte| byte.is_ascii_digit());
        ours.then(|| name.parse().ok()).flatten()
    };
    Ok(folders
        .filter_map(|folder| Some((number(&folder)?, folder)))
        .collect())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use super::*;

    /// Files by path, that notes which folders are looked into.
    struct Tree {
        paths: Vec<RepoPath>,
        listed: RefCell<Vec<String>>,
    }

    impl Files for Tree {
        fn read(&self, _: &RepoPath) -> Result<Option<Vec<u8>>, ReadError> {
            Ok(None)
        }

        fn list(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, ReadError> {
            self.listed.borrow_mut().push(folder.to_string());
            let inside = |path: &&RepoPath| {
                let (parent, _) = path.as_str().rsplit_once('/').expect("a folder");
                parent == folder.as_str()
            };
            Ok(self.paths.iter().filter(inside).cloned().collect())
        }

        fn folders(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, ReadError> {
            let prefix = format!("{folder}/");
            let inside = |path: &RepoPath| {
                let (name, _) = path.as_str().strip_prefix(&prefix)?.split_once('/')?;
                Some(format!("{prefix}{name}"))
            };
            let found: BTreeSet<String> = self.paths.iter().filter_map(inside).collect();
            let paths = found
                .into_iter()
                .map(|path| RepoPath::new(path).expect("a path"));
            Ok(paths.collect())
        }
    }

    fn env() -> EnvironmentName {
        EnvironmentName::new("prod").expect("a name")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn only_what_is_ours_and_old_goes_and_only_old_days_are_looked_into() {
        let base = ".fractary/plugins/helm-cloud/monitoring/prod";
        let path = |rest: &str| RepoPath::new(format!("{base}/{rest}")).expect("a path");
        let old = [
            "2025/12/31/235959Z-health-check.json",
            "2026/11/13/120000Z-performance-analysis.json",
            "2026/11/14/095959Z-health-check.json",
        ];
        let stay = [
            "2026/11/14/100000Z-health-check.json",
            "2026/11/15/000000Z-health-check.json",
            "2026/12/01/000000Z-health-check.json",
            "2027/01/01/000000Z-health-check.json",
            // Not ours.
            "2025/12/31/notes.json",
            "2025/12/31/2359590Z-health-check.json",
            "2025/12/31/235960Z-health-check.json",
            "2025/12/31/235959Z-health-check.txt",
            "2025/12/32/000000Z-health-check.json",
            "2025/13/01/000000Z-health-check.json",
            "2025/1/01/000000Z-health-check.json",
            "mine/01/01/000000Z-health-check.json",
            "latest.json",
        ];
        let tree = Tree {
            paths: old.iter().chain(&stay).map(|rest| path(rest)).collect(),
            listed: RefCell::default(),
        };
        let found = reports_before(&tree, &env(), at("2026-11-14T10:00:00Z")).expect("listed");
        assert_eq!(found, old.map(path));
        let listed = tree.listed.into_inner();
        let days = ["2025/12/31", "2026/11/13", "2026/11/14"];
        assert_eq!(listed, days.map(|day| path(day).to_string()));
    }

    #[test]
    fn what_is_written_is_found_again() {
        let made = at("2026-03-04T05:06:07Z");
        let tree = Tree {
            paths: vec![paths::report(&env(), made)],
            listed: RefCell::default(),
        };
        let found = |text: &str| {
            let found = reports_before(&tree, &env(), at(text)).expect("listed");
            found.len()
        };
        assert_eq!(found("2026-03-04T05:06:07Z"), 0);
        assert_eq!(found("2026-03-04T05:06:08Z"), 1);
    }
}
