//! What leaves the tree with a commit: issues resolved 90 days ago, and reports of a week ago,
//! but nothing that somebody has edited.

use fractary::model::issue::Issue;

use super::world::{RUNS_A_DAY, World};

const ISSUES: &str = ".fractary/plugins/helm/issues";

/// Issues that lie in the newest commit, in one of their folders.
fn issues(world: &World, folder: &str) -> Vec<(String, Issue)> {
    let prefix = format!("{ISSUES}/{folder}/");
    let paths = world.files().into_iter();
    paths
        .filter(|path| path.starts_with(&prefix) && path.ends_with(".json"))
        .map(|path| {
            let issue = serde_json::from_str(&world.read(&path)).expect("an issue");
            (path, issue)
        })
        .collect()
}

fn reports(world: &World) -> Vec<String> {
    let mut files = world.files();
    files.retain(|path| path.ends_with("Z-health-check.json"));
    files
}

/// `days` were simulated. Edits a report, waits, and looks at the one commit that follows.
pub(crate) fn after_ninety_days(world: &mut World, days: usize) {
    let resolved = issues(world, "resolved");
    assert!(!resolved.is_empty(), "nothing was resolved in {days} days");
    let old = reports(world);
    let edited = old.first().expect("a report").clone();
    let mine = world.read(&edited) + " ";
    std::fs::write(world.path().join(&edited), &mine).expect("written");

    // The last whole day on which all of them stay, and the first on which none does.
    let ended = resolved.iter().filter_map(|(_, issue)| issue.resolved_at);
    let begin: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    let day = |at: jiff::Timestamp| usize::try_from((at.as_second() - begin.as_second()) / 86_400);
    let (first, last) = (ended.clone().min(), ended.max());
    let first = day(first.expect("a time")).expect("after the beginning");
    let last = day(last.expect("a time")).expect("after the beginning");

    let head = world.git(&["rev-parse", "HEAD"]);
    let stay = world.run((first + 89) * RUNS_A_DAY).simulated;
    assert!(stay.commit.is_some(), "the heartbeat is long over");
    let kept = issues(world, "resolved");
    for (path, _) in &resolved {
        let back = format!(
            "{ISSUES}/active/{}",
            path.rsplit('/').next().expect("a name")
        );
        let there = kept.iter().any(|(other, _)| other == path) || world.files().contains(&back);
        assert!(there, "{path} left too early");
    }
    let leave = world.run((last + 92) * RUNS_A_DAY).simulated;
    let commit = leave.commit.expect("a commit");
    // One that came back meanwhile was resolved again; all others have left.
    let newest = resolved.iter().filter_map(|(_, old)| old.resolved_at).max();
    let there = issues(world, "resolved");
    for (path, issue) in &there {
        assert!(issue.resolved_at > newest, "{path} should have left");
    }
    let parents = world.git(&["rev-list", "--count", &format!("{}..{commit}", head.trim())]);
    assert_eq!(parents.trim(), "2", "everything is in the two commits");
    let removed = world.git(&[
        "diff",
        "--name-only",
        "--no-renames",
        "--diff-filter=D",
        head.trim(),
        commit.as_str(),
    ]);
    let came_back = |path: &String| there.iter().any(|(other, _)| other == path);
    let left: Vec<&String> = resolved
        .iter()
        .map(|(path, _)| path)
        .filter(|path| !came_back(path))
        .collect();
    assert!(!left.is_empty(), "all of {resolved:?} came back");
    for path in left {
        assert!(
            removed.lines().any(|line| line == path),
            "{path} is still in the tree"
        );
        assert!(
            !world.path().join(path).exists(),
            "{path} is still on the disk"
        );
    }

    // The edited report stays, edited; the others of that time are gone.
    assert_eq!(world.read(&edited), mine);
    let left = reports(world);
    assert!(left.contains(&edited));
    assert_eq!(old.iter().filter(|path| left.contains(path)).count(), 1);
    let status = world.git(&["status", "--porcelain"]);
    assert_eq!(status, format!(" M {edited}\n"));
    // Taken back, it leaves with the next commit.
    world.git(&["checkout", "--quiet", "--", &edited]);
    world.run((last + 93) * RUNS_A_DAY);
    assert!(!reports(world).contains(&edited));
    assert_eq!(world.git(&["status", "--porcelain"]), "");
}
