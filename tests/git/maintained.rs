//! Many loose objects are packed by git, when git would do it.

use crate::support::{Repo, Sandbox};

/// Enough that some names begin with `17`, the folder by which git estimates.
const FILES: usize = 1_500;

fn loose_and_packed(repo: &Repo) -> (usize, usize) {
    let said = repo.git(&["count-objects", "-v"]);
    let figure = |name: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().parse().unwrap()
    };
    (figure("count: "), figure("in-pack: "))
}

fn many_loose_objects(sandbox: &Sandbox) -> Repo {
    let repo = sandbox.repo("r");
    repo.git(&["config", "gc.auto", "0"]);
    repo.git(&["config", "gc.autoDetach", "false"]);
    for number in 0..FILES {
        repo.put(&format!("many/{number}.txt"), &format!("{number}\n"));
    }
    repo.commit_all("many");
    let (loose, packed) = loose_and_packed(&repo);
    assert!(loose >= FILES && packed == 0);
    repo
}

#[test]
fn they_are_packed() {
    let sandbox = Sandbox::new();
    let repo = many_loose_objects(&sandbox);
    repo.git(&["config", "gc.auto", "200"]);
    repo.open().maintain();
    let (loose, packed) = loose_and_packed(&repo);
    assert!(
        loose == 0 && packed > FILES,
        "{loose} loose, {packed} packed"
    );
    assert_eq!(repo.status(), "");
    repo.assert_sound();
}

#[test]
fn they_are_left_where_that_is_configured_or_few() {
    let sandbox = Sandbox::new();
    let repo = many_loose_objects(&sandbox);
    for settings in [
        &[("gc.auto", "0")][..],
        &[("gc.auto", "1000000")],
        &[("gc.auto", "200"), ("maintenance.auto", "false")],
    ] {
        for (name, value) in settings {
            repo.git(&["config", name, value]);
        }
        repo.open().maintain();
        let (loose, packed) = loose_and_packed(&repo);
        assert!(loose >= FILES && packed == 0, "{settings:?}");
    }
}

#[test]
fn a_linked_work_tree_shares_its_objects() {
    let sandbox = Sandbox::new();
    let repo = many_loose_objects(&sandbox);
    repo.git(&["config", "gc.auto", "200"]);
    repo.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
    sandbox.at("linked").open().maintain();
    assert_eq!(loose_and_packed(&repo).0, 0);
}
