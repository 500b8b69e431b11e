//! What people and hosts set up around a repository: signatures, filters, partial clones,
//! owners, formats, and what a person is in the middle of.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use fractary::git::{Format, GitError, Operation, Repository};
use fractary::model::paths::Files;

use crate::support::{Repo, Sandbox, path, request, writes};

const A: &str = ".fractary/a.json";

fn shown(error: &GitError) -> String {
    format!("{error}\n{}", error.hint().unwrap_or_default())
}

/// A program in the sandbox.
fn program(sandbox: &Sandbox, name: &str, text: &str) -> String {
    let file = sandbox.dir.path().join(name);
    fs::write(&file, format!("#!/bin/sh\n{text}")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Commits of each kind, signed by git itself with a key of ssh, and checked by git.
#[test]
fn signed_with_ssh_as_git_commit_would() {
    let sandbox = Sandbox::new();
    let key = sandbox.dir.path().join("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f"])
        .arg(&key)
        .status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: there is no ssh-keygen");
        return;
    }
    let repo = sandbox.repo("r");
    let public = fs::read_to_string(key.with_extension("pub")).unwrap();
    let allowed = sandbox.dir.path().join("allowed");
    fs::write(&allowed, format!("ada@example.com {public}")).unwrap();
    for (name, value) in [
        ("commit.gpgsign", "true"),
        ("gpg.format", "ssh"),
        ("user.signingkey", key.to_str().unwrap()),
        ("gpg.ssh.allowedSignersFile", allowed.to_str().unwrap()),
    ] {
        repo.git(&["config", name, value]);
    }
    let unsigned = repo.git(&["count-objects"]);
    let format = repo
        .open()
        .try_signing("2026-11-21T10:00:00Z".parse().unwrap());
    assert_eq!(format.unwrap().unwrap(), "ssh");
    assert_eq!(
        repo.git(&["count-objects"]),
        unsigned,
        "trying leaves nothing"
    );
    let id = repo.commit(&writes(&[(A, "{\"a\": 2}\n")])).unwrap();
    assert_eq!(repo.git(&["log", "-1", "--format=%G?"]), "G");
    // All else is as without a signature.
    assert_eq!(
        repo.git(&["log", "-1", "--format=%H %an %ae %aI %cn %cI %s"]),
        format!(
            "{id} Ada ada@example.com 2026-11-21T10:00:00Z Ada 2026-11-21T10:00:00Z fractary(test): change"
        )
    );
    assert_eq!(repo.status(), "");
    // On a branch that is not checked out as well.
    let open = repo.open();
    let base = open.branch_base("state").unwrap();
    open.commit_to_branch("state", &writes(&[(A, "{\"a\": 3}\n")]), &request(base))
        .unwrap();
    assert_eq!(repo.git(&["log", "-1", "--format=%G?", "state"]), "G");
    repo.assert_sound();
    // A key that is not there: nothing is committed, and it is said why.
    repo.git(&["config", "user.signingkey", "/nowhere/key"]);
    let before = repo.everything();
    let error = repo.commit(&writes(&[(A, "{\"a\": 4}\n")])).unwrap_err();
    assert!(matches!(error, GitError::Signing { .. }), "{error}");
    assert!(shown(&error).contains("git config commit.gpgsign false"));
    assert_eq!(repo.everything(), before);
    let tried = repo
        .open()
        .try_signing("2026-11-21T10:00:00Z".parse().unwrap());
    assert!(tried.unwrap().is_err());
}

/// The program of `gpg.program` is what signs, with the key that is configured.
#[test]
fn signed_with_the_program_that_is_configured() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let gpg = program(
        &sandbox,
        "gpg",
        "echo \"$@\" > \"$(dirname \"$0\")/asked\"\ncat > /dev/null\n\
         echo '[GNUPG:] SIG_CREATED D 22 10 00 0 F' >&2\n\
         printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nmine\\n-----END PGP SIGNATURE-----\\n'\n",
    );
    repo.git(&["config", "commit.gpgsign", "true"]);
    repo.git(&["config", "gpg.program", &gpg]);
    repo.git(&["config", "user.signingkey", "ABCD1234"]);
    repo.commit(&writes(&[(A, "{\"a\": 2}\n")])).unwrap();
    let commit = repo.git(&["cat-file", "commit", "HEAD"]);
    assert!(
        commit.contains("gpgsig -----BEGIN PGP SIGNATURE-----"),
        "{commit}"
    );
    let asked = fs::read_to_string(sandbox.dir.path().join("asked")).unwrap();
    assert!(asked.contains("ABCD1234"), "{asked}");
    assert_eq!(repo.status(), "");
}

/// A filter that keeps contents elsewhere and stores a pointer, as Git LFS does.
fn with_pointers(sandbox: &Sandbox, repo: &Repo) {
    let store = sandbox.dir.path().join("store");
    fs::create_dir(&store).unwrap();
    let store = store.display();
    let clean = program(
        sandbox,
        "clean",
        &format!(
            "cat > {store}/new\nid=$(git hash-object --no-filters {store}/new)\n\
             head -c 8 {store}/new | grep -q '^pointer ' && {{ cat {store}/new; exit; }}\n\
             mv {store}/new {store}/$id\necho \"pointer $id\"\n"
        ),
    );
    let smudge = program(
        sandbox,
        "smudge",
        &format!("read -r word id\ntest \"$word\" = pointer || exit 1\ncat {store}/$id\n"),
    );
    repo.git(&["config", "filter.pointers.clean", &clean]);
    repo.git(&["config", "filter.pointers.smudge", &smudge]);
    repo.git(&["config", "filter.pointers.required", "true"]);
    repo.put(".gitattributes", "*.json filter=pointers\n");
    repo.git(&["add", "--renormalize", "."]);
    repo.commit_all("pointers");
}

#[test]
fn filters_store_what_git_add_would_store() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    with_pointers(&sandbox, &repo);
    let text = "{\"a\": 2}\n";
    repo.commit(&writes(&[
        (A, text),
        ("new/b.json", "[]\n"),
        ("plain.txt", "x\n"),
    ]))
    .unwrap();
    for (name, whole) in [(A, text), ("new/b.json", "[]\n")] {
        let stored = repo.git(&["cat-file", "blob", &format!("HEAD:{name}")]);
        assert!(stored.starts_with("pointer "), "{stored}");
        assert_eq!(repo.text(name).as_deref(), Some(whole));
        let added = repo.git(&["hash-object", "--path", name, name]);
        assert_eq!(repo.git(&["rev-parse", &format!("HEAD:{name}")]), added);
    }
    assert_eq!(repo.git(&["cat-file", "blob", "HEAD:plain.txt"]), "x");
    assert_eq!(repo.status(), "");
    repo.assert_sound();
    // The same again is no change.
    let head = repo.head();
    assert_eq!(repo.commit(&writes(&[(A, text)])).ok(), head);
    // What is read of a commit is the content, and the same holds for a bare clone.
    let files = repo.open().files_at(head.as_ref()).unwrap();
    assert_eq!(files.read(&path(A)).unwrap().unwrap(), text.as_bytes());
    // On a branch that is not checked out it is stored in the same way.
    let open = repo.open();
    let base = open.branch_base("state").unwrap();
    open.commit_to_branch("state", &writes(&[(A, "{\"a\": 3}\n")]), &request(base))
        .unwrap();
    let stored = repo.git(&["cat-file", "blob", &format!("state:{A}")]);
    assert!(stored.starts_with("pointer "), "{stored}");
}

#[test]
fn a_filter_that_is_not_installed_is_named() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.put(".gitattributes", "*.json filter=lfs\n");
    repo.commit_all("attributes");
    repo.git(&["config", "filter.lfs.clean", "no-such-git-lfs clean -- %f"]);
    repo.git(&[
        "config",
        "filter.lfs.smudge",
        "no-such-git-lfs smudge -- %f",
    ]);
    repo.git(&[
        "config",
        "filter.lfs.process",
        "no-such-git-lfs filter-process",
    ]);
    repo.git(&["config", "filter.lfs.required", "true"]);
    let head = repo.head();
    let error = repo.commit(&writes(&[(A, "{\"a\": 2}\n")])).unwrap_err();
    assert!(matches!(error, GitError::Filter { .. }), "{error}");
    let said = shown(&error);
    for words in ["`lfs`", A, "git-lfs", ".fractary/** -filter"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(repo.head(), head);
    // The way out that is named.
    repo.put(
        ".gitattributes",
        "*.json filter=lfs\n.fractary/** -filter\n",
    );
    repo.commit_all("keep it out");
    repo.commit(&writes(&[(A, "{\"a\": 2}\n")])).unwrap();
    assert_eq!(
        repo.git(&["cat-file", "blob", &format!("HEAD:{A}")]),
        "{\"a\": 2}"
    );
}

/// Blobs, or trees as well, are fetched when they are needed, those of the state at once.
#[test]
fn partial_clones_fetch_what_they_miss() {
    let sandbox = Sandbox::new();
    let source = sandbox.repo("source");
    source.git(&["config", "uploadpack.allowFilter", "true"]);
    source.put(".fractary/b.json", "{\"b\": 1}\n");
    source.commit_all("more");
    let url = format!("file://{}", source.root.display());
    for filter in ["blob:none", "tree:0"] {
        let name = filter.replace(':', "-");
        let option = format!("--filter={filter}");
        source.git(&[
            "clone",
            "-q",
            "--bare",
            &option,
            &url,
            &format!("../{name}.git"),
        ]);
        let bare = sandbox.at(&format!("{name}.git"));
        bare.configure();
        let missing = || {
            let all = bare.git(&["rev-list", "--objects", "--all", "--missing=print"]);
            all.lines().filter(|line| line.starts_with('?')).count()
        };
        let before = missing();
        assert!(before > 0, "{filter}");
        let open = bare.open();
        let head = open.head().unwrap().commit.unwrap();
        let files = open.files_at(Some(&head)).unwrap();
        let read = |name: &str| files.read(&path(name)).unwrap().unwrap();
        assert_eq!(read(".fractary/b.json"), b"{\"b\": 1}\n");
        open.ensure_state(&head).unwrap();
        let (whole, _) = bare.try_git(&[
            "-c",
            "remote.origin.url=/nowhere",
            "cat-file",
            "blob",
            "HEAD:.fractary/a.json",
        ]);
        assert!(whole, "{filter}");
        bare.commit(&writes(&[(A, "{\"a\": 2}\n")])).unwrap();
        assert_eq!(bare.git(&["show", &format!("HEAD:{A}")]), "{\"a\": 2}");
        // A remote that is gone is named, and nothing is taken for damaged.
        bare.git(&["config", "remote.origin.url", "/nowhere"]);
        let gone = open.files_at(Some(&head)).unwrap();
        let error = gone.read(&path("src/one.txt")).unwrap_err().to_string();
        assert!(error.contains("partial clone"), "{error}");
    }
}

#[test]
fn during_a_rebase_a_merge_and_the_like_nothing_is_committed() {
    let sandbox = Sandbox::new();
    let cases: [(&[&str], Operation, &[&str]); 5] = [
        (
            &["rebase", "other"],
            Operation::Rebase,
            &["rebase", "--abort"],
        ),
        (&["merge", "other"], Operation::Merge, &["merge", "--abort"]),
        (
            &["cherry-pick", "other"],
            Operation::CherryPick,
            &["cherry-pick", "--abort"],
        ),
        (
            &["revert", "HEAD~1"],
            Operation::Revert,
            &["revert", "--abort"],
        ),
        (
            &["bisect", "start"],
            Operation::Bisect,
            &["bisect", "reset"],
        ),
    ];
    for (n, (start, operation, end)) in cases.into_iter().enumerate() {
        let repo = sandbox.repo(&format!("r{n}"));
        repo.git(&["checkout", "-q", "-b", "other"]);
        repo.put("src/one.txt", "other\n");
        repo.commit_all("other");
        repo.git(&["checkout", "-q", "main"]);
        for text in ["mine\n", "mine, later\n"] {
            repo.put("src/one.txt", text);
            repo.commit_all("mine");
        }
        repo.try_git(start);
        let before = repo.everything();
        let error = repo.commit(&writes(&[(A, "{\"a\": 2}\n")])).unwrap_err();
        assert!(
            matches!(error, GitError::InProgress(found) if found == operation),
            "{start:?}: {error}"
        );
        assert!(
            shown(&error).contains(&format!("git {}", end.join(" "))),
            "{}",
            shown(&error)
        );
        assert_eq!(repo.everything(), before);
        // A branch that is not checked out is not part of it.
        let open = repo.open();
        let base = open.branch_base("state").unwrap();
        open.commit_to_branch("state", &writes(&[(A, "{\"a\": 3}\n")]), &request(base))
            .unwrap();
        repo.git(end);
        repo.commit(&writes(&[(A, "{\"a\": 2}\n")])).unwrap();
        assert_eq!(repo.status(), "");
    }
}

/// The names that git refuses for a new branch, asked of git itself.
#[test]
fn names_of_branches_are_refused_as_git_refuses_them() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let open = repo.open();
    let names = [
        "HEAD",
        "@",
        "-x",
        "a..b",
        "a.lock",
        ".a",
        "a/.b",
        "a.",
        "a b",
        "a~1",
        "a^",
        "a:b",
        "a?",
        "a*",
        "a[",
        "a\\b",
        "a//b",
        "/a",
        "a/",
        "",
        "a@{b",
        "@{-1}",
        "a\u{7f}",
        "a.lock/b",
        "fractary/state",
        "a/HEAD",
        "head",
        "@a",
        "a-b",
        "\u{e4}",
        "FETCH_HEAD",
        "refs/heads/x",
    ];
    let mut refused = 0;
    for name in names {
        let (allowed, _) = repo.try_git(&["branch", "--", name, "HEAD"]);
        let ours = open.branch_base(name);
        assert_eq!(ours.is_ok(), allowed, "{name:?}: {ours:?}");
        refused += usize::from(!allowed);
    }
    assert!(refused > 18 && refused < names.len());
}

#[test]
fn formats_that_cannot_be_read_are_named_with_the_way_out() {
    let sandbox = Sandbox::new();
    let cases = [
        ("sha256", "files", Format::Sha256, "--object-format=sha1"),
        ("sha1", "reftable", Format::Reftable, "git refs migrate"),
        (
            "sha256",
            "reftable",
            Format::Sha256AndReftable,
            "--object-format=sha1",
        ),
    ];
    for (objects, references, wanted, way_out) in cases {
        let repo = sandbox.at(&format!("{objects}-{references}"));
        fs::create_dir_all(&repo.root).unwrap();
        let made = repo.try_git(&[
            "init",
            "-q",
            &format!("--object-format={objects}"),
            &format!("--ref-format={references}"),
        ]);
        if !made.0 {
            println!("skipped: this git does not know {objects} with {references}");
            continue;
        }
        repo.configure();
        repo.put("x.txt", "x\n");
        repo.commit_all("start");
        repo.git(&[
            "worktree",
            "add",
            "-q",
            "--detach",
            &format!("../{objects}-{references}-linked"),
        ]);
        let linked = sandbox.at(&format!("{objects}-{references}-linked"));
        let below = repo.root.join("below");
        fs::create_dir(&below).unwrap();
        for place in [&repo.root, &below, &linked.root] {
            let error = Repository::discover(place).unwrap_err();
            assert!(
                matches!(error, GitError::Unsupported { format, .. } if format == wanted),
                "{error}"
            );
            assert!(shown(&error).contains(way_out), "{}", shown(&error));
        }
    }
}

/// As root, which is what containers of CI are, a checkout of another user can be made.
#[test]
fn a_repository_of_another_user_is_refused_as_git_does() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let name = repo.root.to_str().unwrap();
    let given = Command::new("chown").args(["-R", "65534", name]).status();
    if !given.is_ok_and(|status| status.success()) {
        println!("skipped: only root can give files away");
        return;
    }
    let (git_runs, _) = repo.try_git(&["status"]);
    assert!(!git_runs);
    let error = Repository::discover(&repo.root).unwrap_err();
    assert!(matches!(error, GitError::Ownership { .. }), "{error}");
    let said = shown(&error);
    assert!(said.contains("dubious ownership"), "{said}");
    assert!(
        said.contains(&format!("git config --global --add safe.directory {name}")),
        "{said}"
    );
}
