//! Commands and options of `fractary` that documents name, held against the CLI.

/// What is wrong with the commands in a text, with their lines.
pub(crate) fn faults(text: &str) -> Vec<(usize, String)> {
    let mut root = fractary::cli::definition();
    root.build();
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for words in mentions(line) {
            faults.extend(fault(&root, &words).map(|fault| (number + 1, fault)));
        }
    }
    faults
}

/// The words behind each `fractary ` of a line, up to where a command ends.
fn mentions(line: &str) -> Vec<Vec<&str>> {
    let begins = |at: usize| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"/-_.".contains(c))
    };
    line.match_indices("fractary ")
        .filter(|(at, _)| begins(*at))
        .map(|(at, name)| {
            let rest = &line[at + name.len()..];
            let end = rest
                .find(['`', '|', '#', ';', '→', '('])
                .unwrap_or(rest.len());
            rest[..end].split_whitespace().collect()
        })
        .collect()
}

fn fault(root: &clap::Command, words: &[&str]) -> Option<String> {
    let mut command = root;
    let mut words = words.iter().peekable();
    // `--role-name fractary --policy-name x`: the name of something else.
    if !words.peek().is_some_and(|word| is_name(word)) {
        return None;
    }
    while let Some(word) = words.next_if(|word| is_name(word)) {
        match command.find_subcommand(word) {
            Some(found) => command = found,
            None if command.get_positionals().next().is_some() => break,
            // A command that can stand alone is followed by the words of the sentence.
            None if !command.is_subcommand_required_set() && command.get_name() != "fractary" => {
                break;
            }
            None => return Some(format!("there is no `{} {word}`", command.get_name())),
        }
    }
    let long = words.filter_map(|word| word.strip_prefix("--"));
    for option in long.map(|option| option.split('=').next().unwrap_or(option)) {
        let known = command.get_arguments().any(|arg| {
            let names = arg.get_long_and_visible_aliases().unwrap_or_default();
            names.contains(&option)
        });
        if !known && !["help", "version"].contains(&option) {
            return Some(format!("`{}` has no --{option}", command.get_name()));
        }
    }
    None
}

/// Lower-case letters and dashes, as commands are named.
fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

#[test]
fn commands_that_do_not_exist_are_found() {
    let text = "`fractary run --env prod` and `fractary issues show ID` and target/fractary no\n\
                `fractary helath`, `fractary health --srevice x`\n\
                fractary iam-policy run > policy.json\n\
                terraform show -json | fractary adopt - --env prod    # fractary adopt nothing\n\
                ask fractary (helath)\n\
                aws iam create-role --role-name fractary --policy x\n";
    let found: Vec<String> = faults(text)
        .into_iter()
        .map(|(line, fault)| format!("{line}: {fault}"))
        .collect();
    assert_eq!(
        found,
        [
            "2: there is no `fractary helath`",
            "2: `health` has no --srevice"
        ]
    );
}
