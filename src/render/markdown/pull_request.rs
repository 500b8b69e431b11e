//! The text of the pull request that carries state.

/// How much room the note about a cut takes.
const NOTE: &str = "\n*The rest is too long for a pull request: see the file on the branch.*\n";

/// One line for a list of pull requests: the subject of the newest commit.
pub fn pull_request_title(message: &str) -> String {
    let subject = message.lines().next().unwrap_or_default();
    crate::text::escape::terminal(subject)
        .chars()
        .take(200)
        .collect()
}

/// What the branch is for, and the dashboard as it will be; at most `most` characters, cut
/// at the end of a line. `dashboard` is Markdown that was rendered here.
pub fn pull_request_body(branch: &str, dashboard: Option<&str>, most: usize) -> String {
    let branch = crate::text::escape::markdown_code(branch);
    let intro = format!(
        "Fractary records the state of operations on {branch}. This pull request brings it to the default branch; \
         it is updated by every run that records something, and merging it is safe at any time.\n\n"
    );
    let text = format!("{intro}{}", dashboard.unwrap_or_default());
    if text.chars().count() <= most {
        return text;
    }
    let room = most.saturating_sub(NOTE.chars().count() + "```\n".len());
    let mut out = String::new();
    let mut used = 0;
    let mut fenced = false;
    for line in text.split_inclusive('\n') {
        used += line.chars().count();
        if used > room {
            break;
        }
        fenced ^= line.trim_start().starts_with("```");
        out.push_str(line);
    }
    if fenced {
        out.push_str("```\n");
    }
    out.push_str(NOTE);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_at_the_end_of_a_line() {
        let rows = "| ä | b |\n".repeat(10_000);
        let body = pull_request_body("fractary/state", Some(&rows), 65_536);
        let length = body.chars().count();
        assert!((65_400..=65_536).contains(&length), "{length}");
        let rest = body.strip_suffix(NOTE).expect("it says that it is cut");
        assert!(rest.ends_with("| ä | b |\n"));
        let code = format!("```\n{rows}```\n");
        let body = pull_request_body("fractary/state", Some(&code), 1_000);
        assert!(body.chars().count() <= 1_000);
        assert_eq!(body.matches("```").count(), 2, "the block is closed");
    }

    #[test]
    fn short_ones_are_whole() {
        let body = pull_request_body("fractary/state", Some("# Dashboard\n"), 65_536);
        assert!(body.ends_with("\n\n# Dashboard\n"), "{body}");
        assert!(body.contains("`fractary/state`"), "{body}");
        assert_eq!(pull_request_title("one\n\ntwo"), "one");
    }
}
