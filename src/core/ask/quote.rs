//! Command lines as text.

/// A command line as one may copy it into a POSIX shell.
pub fn quoted(arguments: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:@+".contains(c);
    let one = |argument: &String| {
        // A home folder stays one for the shell.
        let path = argument.strip_prefix("~/").unwrap_or(argument);
        if !path.is_empty() && path.chars().all(plain) {
            return argument.clone();
        }
        let special = |c: char| matches!(c, '$' | '`' | '\\' | '"' | '!');
        if argument.contains(special) {
            return format!("'{}'", argument.replace('\'', r"'\''"));
        }
        format!("\"{argument}\"")
    };
    arguments.iter().map(one).collect::<Vec<_>>().join(" ")
}
