//! `docs/cli.md` and the commands of the README are what the binary says of itself.

use crate::pages;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cli.md");

fn page() -> String {
    let mut out = String::from(
        "# Command reference\n\nGenerated from the binary's own help; `UPDATE_DOCS=1 cargo test --test cli reference` writes it.\n\n",
    );
    let mut root = fractary::cli::definition()
        .term_width(96)
        .bin_name("fractary");
    root.build();
    out.push_str(&format!(
        "```text\n{}```\n",
        trimmed(&root.clone().render_help().to_string())
    ));
    for command in root.get_subcommands() {
        section(command, "fractary", 2, &mut out);
    }
    out
}

fn section(command: &clap::Command, parent: &str, level: usize, out: &mut String) {
    let name = format!("{parent} {}", command.get_name());
    // Options of every command stand once, on top.
    let own = command.clone().mut_args(|arg| {
        if arg.is_global_set() {
            arg.hide(true)
        } else {
            arg
        }
    });
    let help = own
        .bin_name(name.clone())
        .term_width(96)
        .render_help()
        .to_string();
    out.push_str(&format!(
        "\n{} {name}\n\n```text\n{}```\n",
        "#".repeat(level),
        trimmed(&help)
    ));
    for nested in command.get_subcommands() {
        section(nested, &name, level + 1, out);
    }
}

fn trimmed(text: &str) -> String {
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

#[test]
fn the_reference_is_up_to_date() {
    let wanted = page();
    if std::env::vars().any(|(name, _)| name == "UPDATE_DOCS") {
        std::fs::write(PATH, &wanted).expect("docs can be written");
    }
    let have = std::fs::read_to_string(PATH).unwrap_or_default();
    assert_eq!(have, wanted, "run with UPDATE_DOCS=1 to write docs/cli.md");
}

/// A row for every command: its name, and what its help says.
fn table() -> String {
    let mut out = String::from("| command | does |\n|---|---|\n");
    for command in fractary::cli::definition().get_subcommands() {
        let about = command.get_about().expect("every command has one");
        out.push_str(&format!(
            "| `fractary {}` | {about} |\n",
            command.get_name()
        ));
    }
    out
}

#[test]
fn the_readme_lists_every_command() {
    pages::hold("README.md", "COMMANDS", &table());
}

#[test]
fn the_page_on_adding_a_command_shows_one() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/completions.rs");
    let source = std::fs::read_to_string(source).expect("the command is there");
    let wanted = format!("```rust\n{source}```\n");
    pages::hold("docs/development/adding-a-command.md", "COMMAND", &wanted);
}
