//! The plug-in for Claude Code: every command line in it is one that the program takes, what changes
//! something is not run by it, and it allows itself nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Files whose command the reader is to run, not the assistant.
const ACTING: [&str; 5] = ["adopt", "escalate", "infra", "init", "remediate"];
/// Old names, which `ask` translates.
const OLD: [&str; 2] = ["infra-manage", "ops-manage"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn json(path: &str) -> Value {
    let text = fs::read_to_string(root().join(path)).expect("the file is there");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Name and text of the files of a folder, sorted.
fn files(folder: &str) -> BTreeMap<String, String> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let named = paths.map(|path| {
        let name = path
            .file_stem()
            .expect("files have names")
            .to_string_lossy();
        (name.into_owned(), fs::read_to_string(&path).expect("UTF-8"))
    });
    named.collect()
}

/// The keys between the two `---`, and the text behind them.
fn front_matter(text: &str) -> Result<(BTreeMap<&str, &str>, &str), String> {
    let rest = text
        .strip_prefix("---\n")
        .ok_or("it begins without `---`")?;
    let (head, body) = rest.split_once("\n---\n").ok_or("no second `---`")?;
    let mut keys = BTreeMap::new();
    for line in head.lines() {
        let (key, value) = line
            .split_once(": ")
            .ok_or(format!("no `key: value`: {line}"))?;
        // What YAML would read as something else than one text.
        let quoted = |mark: char| {
            let inner = value
                .strip_prefix(mark)
                .and_then(|rest| rest.strip_suffix(mark));
            inner.is_some_and(|inner| !inner.contains(mark))
        };
        let plain = !value.contains(": ") && !value.contains(" #");
        let plain = plain && value.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !(plain || quoted('"') || quoted('\'')) {
            return Err(format!("`{key}` needs quotes: {value}"));
        }
        if keys.insert(key, value).is_some() {
            return Err(format!("`{key}` is there twice"));
        }
    }
    Ok((keys, body))
}

/// The command lines of a text: in backticks, and in code blocks.
fn command_lines(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            found.push(line.to_owned());
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found.retain(|line| line.starts_with("fractary "));
    found
}

/// The words of a command line, as a shell splits them. The words of the user are left out, but for
/// a command that needs some.
fn words(line: &str) -> Vec<String> {
    let line = line.replace("'$ARGUMENTS'", "'words'");
    let line = line.replace("explain $ARGUMENTS", "explain words");
    let line = line.replace("escalate $ARGUMENTS", "escalate infra-1fb88e");
    let line = line.replace("infra $ARGUMENTS", "infra deploy");
    let line = line.replace("adopt $ARGUMENTS", "adopt terraform.tfstate");
    let line = line.replace(
        "investigate $ARGUMENTS",
        "investigate --metrics m.csv --target a --symptom latency",
    );
    let line = line.replace("$ARGUMENTS", "");
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let mark = rest.chars().next().filter(|c| ['"', '\''].contains(c));
        let (word, after) = match mark {
            Some(mark) => rest[1..].split_once(mark).expect("quotes are closed"),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

/// What the parser says against a command line.
fn refused(line: &str) -> Option<String> {
    let parsed = fractary::cli::definition().try_get_matches_from(words(line));
    let error = parsed.err()?.to_string();
    Some(format!(
        "{line}: {}",
        error.lines().next().unwrap_or_default()
    ))
}

#[test]
fn every_command_line_is_one_that_the_program_takes() {
    let mut wrong = Vec::new();
    for folder in ["plugins/fractary/commands", "plugins/fractary/agents"] {
        for (name, text) in files(folder) {
            let lines = command_lines(&text);
            if lines.is_empty() {
                wrong.push(format!("{folder}/{name}.md: no command line"));
            }
            let faults = lines.iter().filter_map(|line| refused(line));
            wrong.extend(faults.map(|fault| format!("{folder}/{name}.md: {fault}")));
        }
    }
    let readme = fs::read_to_string(root().join("plugins/fractary/README.md")).expect("there");
    let named = command_lines(&readme);
    let named = named.iter().filter(|line| line.as_str() != "fractary ask");
    wrong.extend(named.filter_map(|line| refused(line)));
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn the_front_matter_allows_nothing() {
    for (name, text) in files("plugins/fractary/commands") {
        let (keys, _) = front_matter(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let given: Vec<&str> = keys.keys().copied().collect();
        assert_eq!(given, ["argument-hint", "description"], "{name}");
        let description = keys["description"];
        assert!(description.len() <= 100, "{name}: {description}");
        assert!(!description.ends_with('.'), "{name}: {description}");
    }
    for (name, text) in files("plugins/fractary/agents") {
        let (keys, _) = front_matter(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let given: Vec<&str> = keys.keys().copied().collect();
        assert_eq!(given, ["description", "name", "tools"], "{name}");
        assert_eq!(keys["name"], name);
        assert_eq!(keys["tools"], "Bash", "{name}");
    }
}

#[test]
fn a_file_is_named_as_its_command_and_what_changes_something_is_not_run() {
    let program = fractary::cli::definition();
    for (name, text) in files("plugins/fractary/commands") {
        let old = OLD.contains(&name.as_str());
        assert!(old || program.find_subcommand(&name).is_some(), "{name}");
        let first = if old { "ask" } else { &name };
        let lines = command_lines(&text);
        assert!(
            lines[0].starts_with(&format!("fractary {first} ")),
            "{name}: {}",
            lines[0]
        );
        let acting = ACTING.contains(&name.as_str());
        assert_eq!(text.contains("Do not run it."), acting, "{name}");
        if acting {
            assert!(
                lines[1..].iter().all(|line| line.ends_with(" --dry-run")),
                "{name}"
            );
        }
        for option in ["--yes", "--commit", "--push", "--write", "--post"] {
            assert!(
                !lines.iter().any(|line| line.contains(option)),
                "{name}: {option}"
            );
        }
        let shell = ["!`", "$1", "@$"];
        assert!(
            !shell.iter().any(|mark| text.contains(mark)),
            "{name} runs by itself"
        );
    }
    for name in ACTING {
        assert!(
            files("plugins/fractary/commands").contains_key(name),
            "{name}"
        );
    }
}

#[test]
fn the_manifests_name_each_other_and_this_version() {
    let plugin = json("plugins/fractary/.claude-plugin/plugin.json");
    let market = json(".claude-plugin/marketplace.json");
    assert_eq!(plugin["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(plugin["repository"], env!("CARGO_PKG_REPOSITORY"));
    assert_eq!(plugin["license"], env!("CARGO_PKG_LICENSE"));
    let listed = market["plugins"].as_array().expect("a list");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["name"], plugin["name"]);
    assert_eq!(listed[0]["description"], plugin["description"]);
    let source = listed[0]["source"].as_str().expect("a path");
    assert!(source.starts_with("./"), "{source}");
    assert!(
        root()
            .join(source)
            .join(".claude-plugin/plugin.json")
            .is_file()
    );
}

/// What is installed is the release of this version, from the repository that the manifest names.
#[test]
fn the_action_installs_this_version_from_this_repository() {
    let text = |name: &str| fs::read_to_string(root().join(".github/actions/fractary").join(name));
    let action = text("action.yml").expect("the action is there");
    let line = format!("    default: \"{}\"\n", env!("CARGO_PKG_VERSION"));
    assert!(action.contains(&line), "action.yml lacks `{line}`");
    let install = text("install").expect("its script is there");
    let repository = env!("CARGO_PKG_REPOSITORY").strip_prefix("https://github.com/");
    let line = format!("\nrepository={}\n", repository.expect("it is on GitHub"));
    assert!(install.contains(&line), "install lacks `{line}`");
}

#[test]
fn faults_of_a_plug_in_are_found() {
    assert!(refused("fractary health --srevice x").is_some());
    assert!(refused("fractary issues --top many").is_some());
    assert_eq!(refused("fractary health --env prod $ARGUMENTS"), None);
    assert_eq!(
        words("fractary ask 'a \"b\" c' --env \"d e\""),
        ["fractary", "ask", "a \"b\" c", "--env", "d e"]
    );
    for bad in [
        "no",
        "---\na: b\n",
        "---\na: b: c\n---\n",
        "---\na: [b]\n---\n",
        "---\na: b\na: c\n---\n",
    ] {
        assert!(front_matter(bad).is_err(), "{bad}");
    }
}
