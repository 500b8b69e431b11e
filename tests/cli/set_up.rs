//! Setting up: init, check, doctor, schema, and what goes wrong first.

use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

fn fractary(repo: &Repo, arguments: &[&str]) -> Fractary {
    Fractary::in_repo(repo)
        .at("2026-11-21T10:00:00Z")
        .args(arguments)
}

#[test]
fn init_makes_a_repository_that_check_accepts_and_does_nothing_twice() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    let first = fractary(
        &repo,
        &[
            "init",
            "--env",
            "test,prod",
            "--account",
            "123456789012",
            "--region",
            "eu-central-1",
        ],
    )
    .run()
    .exits(0);
    insta::assert_snapshot!(first.stdout);
    assert_eq!(repo.status(), "");
    assert_eq!(repo.log().len(), 2);
    fractary(&repo, &["check", "--strict"]).run().exits(0);
    fractary(&repo, &["init", "--env", "test,prod"])
        .run()
        .exits(0);
    fractary(&repo, &["init"]).run().exits(0);
    assert_eq!(repo.log().len(), 2);
}

#[test]
fn init_takes_the_environments_that_are_defined() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    fractary(&repo, &["init", "--env", "prod"]).run().exits(0);
    let again = fractary(&repo, &["init"]).run().exits(0);
    assert!(
        again.stdout.contains("Everything is there already"),
        "{}",
        again.stdout
    );
    assert_eq!(repo.log().len(), 2);
    fractary(&repo, &["check", "--strict"]).run().exits(0);
}

#[test]
fn init_says_what_it_cannot_do_and_fills_in_what_is_missing() {
    let environments = ".fractary/shared/environments.json";
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    fractary(&repo, &["init", "--env", "prod"]).run().exits(0);
    let region = ["init", "--env", "prod", "--region", "eu-west-1"];
    let filled = fractary(&repo, &region).run().exits(0);
    assert!(
        filled.stdout.contains("prod: region set"),
        "{}",
        filled.stdout
    );
    assert!(
        repo.read(environments)
            .contains("\"region\": \"eu-west-1\"")
    );
    fractary(&repo, &region).run().exits(0);

    let account = ["init", "--account", "111122223333"];
    fractary(&repo, &account).run().exits(0);
    let before = repo.read(environments);
    assert!(before.contains("111122223333"), "{before}");
    let commits = repo.log().len();
    let account = "`prod` has account 111122223333, not 444455556666";
    let region = "`prod` has region eu-west-1, not eu-north-1";
    let refused = |arguments: &[&str], said: &[&str]| {
        let refused = fractary(&repo, arguments).run().exits(2).stderr;
        assert!(said.iter().all(|said| refused.contains(said)), "{refused}");
        refused
    };
    let told = refused(&["init", "--account", "444455556666"], &[account]);
    insta::assert_snapshot!(told);
    let arguments = ["init", "--env", "prod,test", "--region", "eu-north-1"];
    refused(&arguments, &[region]);
    let arguments = [
        "init",
        "--account",
        "444455556666",
        "--region",
        "eu-north-1",
    ];
    refused(
        &[&arguments[..], &["--dry-run"]].concat(),
        &[account, region],
    );
    assert_eq!(repo.read(environments), before);
    assert_eq!(repo.log().len(), commits);
    assert_eq!(repo.status(), "");

    let urls = |url| ["init", "--domain", "application", "--url", url];
    fractary(&repo, &urls("https://a.example/")).run().exits(0);
    fractary(&repo, &urls("https://a.example/")).run().exits(0);
    let refused = fractary(&repo, &urls("https://b.example/")).run().exits(2);
    assert!(
        refused.stderr.contains("https://b.example/"),
        "{}",
        refused.stderr
    );
}

#[test]
fn init_keeps_what_is_there() {
    let mine = "version = \"1.0.0\"\n\n[monitoring]\nmin_samples = 7\n";
    let repo = Repo::new(&[(".fractary/plugins/helm-cloud/config/monitoring.toml", mine)]);
    fractary(&repo, &["init"]).run().exits(0);
    assert_eq!(
        repo.read(".fractary/plugins/helm-cloud/config/monitoring.toml"),
        mine
    );
}

#[test]
fn a_dry_init_writes_nothing() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    let outcome = fractary(&repo, &["init", "--dry-run"]).run().exits(0);
    assert!(
        outcome
            .stdout
            .contains("+++ b/.fractary/shared/environments.json"),
        "{}",
        outcome.stdout
    );
    assert_eq!(repo.status(), "");
}

#[test]
fn outside_of_a_repository_it_says_so() {
    let folder = tempfile::TempDir::new().expect("the system has a temporary folder");
    let outcome = Fractary::in_folder(folder.path(), folder.path())
        .args(["check"])
        .run()
        .exits(2);
    let text = outcome.stderr.replace(
        folder.path().to_str().expect("a temporary path is UTF-8"),
        "/tmp/x",
    );
    insta::assert_snapshot!(text);
}

#[test]
fn a_repository_without_state_says_what_to_do() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    let outcome = fractary(&repo, &["run", "--env", "prod"]).run().exits(2);
    insta::assert_snapshot!(outcome.stderr);
}

#[test]
fn a_broken_document_stops_the_run_before_it_asks() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    fractary(&repo, &["init"]).run().exits(0);
    repo.write(&[
        (".fractary/shared/environments.json", "{\n  \"version\": \"1.0.0\",\n  \"environments\": {\n    \"test\": { \"name\": 7 }\n  }\n}\n"),
        (".fractary/plugins/helm/config/helm.toml", "[git]\nmode = \"sideways\"\n"),
    ]);
    let head = repo.git(&["rev-parse", "HEAD"]);
    // An endpoint where nobody listens: had it asked, it would be UNKNOWN (3).
    let outcome = fractary(&repo, &["run"])
        .endpoint("http://127.0.0.1:9")
        .env("COLUMNS", "80")
        .run()
        .exits(2);
    insta::assert_snapshot!(outcome.stderr);
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), head);
    let listed = fractary(&repo, &["check", "--format", "json"])
        .run()
        .exits(2)
        .json();
    assert!(
        listed.as_array().is_some_and(|list| list.len() >= 2),
        "{listed}"
    );
}

#[test]
fn state_is_not_read_through_links() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    fractary(&repo, &["init"]).run().exits(0);
    let path = repo.path().join(".fractary/plugins/helm/config/helm.toml");
    std::fs::remove_file(&path).expect("init wrote it");
    std::os::unix::fs::symlink("/etc/hostname", &path).expect("links can be made");
    let outcome = fractary(&repo, &["check"]).run().exits(2);
    assert!(outcome.stdout.contains("link"), "{}", outcome.stdout);
}

#[test]
fn schemas_are_listed_and_printed() {
    let repo = Repo::new(&[]);
    let names = fractary(&repo, &["schema"]).run().exits(0).stdout;
    assert!(names.lines().any(|name| name == "registry"), "{names}");
    for name in names.lines() {
        let schema = fractary(&repo, &["schema", name]).run().exits(0).json();
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{name}"
        );
    }
    fractary(&repo, &["schema", "nothing"]).run().exits(2);
}

#[test]
fn this_repository_is_in_order() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    Fractary::in_folder(root, root)
        .args(["check", "--strict"])
        .run()
        .exits(0);
}

#[test]
fn init_takes_no_secret_into_the_repository() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    for url in [
        "https://user:secretpw@shop.example.com/",
        "https://shop.example.com/health?token=abcdef1234567890abcd",
    ] {
        let init = ["init", "--domain", "application", "--url", url];
        let refused = fractary(&repo, &init).run().exits(2);
        assert!(
            refused.stderr.contains("has a password or a token in it"),
            "{}",
            refused.stderr
        );
        assert!(!refused.stderr.contains("secretpw"), "{}", refused.stderr);
        assert_eq!(repo.log().len(), 1);
    }
}

#[test]
fn init_with_an_environment_named_twice_makes_it_once() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    let init = ["init", "--env", "a", "--env", "b", "--env", "a"];
    fractary(&repo, &init).run().exits(0);
    fractary(&repo, &["check", "--strict"]).run().exits(0);
}

/// What an editor reads is there, is of this version, and leaves people's settings alone.
#[test]
fn init_writes_what_editors_need() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    let editor = ["init", "--env", "prod", "--editor"];
    fractary(&repo, &editor).run().exits(0);
    insta::assert_snapshot!(repo.read(".taplo.toml"));
    insta::assert_snapshot!(repo.read(".vscode/settings.json"));
    let schema = ".fractary/schemas/environments.schema.json";
    let printed = fractary(&repo, &["schema", "environments"]).run().exits(0);
    assert_eq!(repo.read(schema), printed.stdout);
    // Every file that the mappings name is there.
    for file in [".taplo.toml", ".vscode/settings.json"] {
        let text = repo.read(file);
        let named = text
            .split('"')
            .filter(|word| word.ends_with(".schema.json"));
        let named: Vec<&str> = named.map(|path| path.trim_start_matches("./")).collect();
        assert!(named.len() > 3, "{file}: {named:?}");
        for path in named {
            assert!(repo.read(path).contains("\"$id\""), "{path}");
        }
    }
    fractary(&repo, &["check", "--strict"]).run().exits(0);
    let again = fractary(&repo, &editor).run().exits(0).stdout;
    assert!(again.contains("Everything is there already"), "{again}");

    // Of another version, and settings that people had.
    let mine = "{ \"editor.tabSize\": 2 }\n";
    repo.write(&[(schema, "{}\n"), (".vscode/settings.json", mine)]);
    repo.commit_all("another version");
    let warned = fractary(&repo, &["check", "--strict"]).run().exits(2);
    assert!(warned.stdout.contains("init --editor"), "{}", warned.stdout);
    let renewed = fractary(&repo, &editor).run().exits(0).stdout;
    assert!(renewed.contains(&format!("~ {schema}")), "{renewed}");
    assert!(
        renewed.contains(".vscode/settings.json is yours"),
        "{renewed}"
    );
    assert_eq!(repo.read(schema), printed.stdout);
    assert_eq!(repo.read(".vscode/settings.json"), mine);
    fractary(&repo, &["check", "--strict"]).run().exits(0);
}
