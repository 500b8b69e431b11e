//! The list of secrets: kind, pattern, and a check where the pattern alone is not enough.
//!
//! To add one, add a line here and a line to the table of `tests.rs`, and see that
//! [`trigger`] knows a part of it that is always there.

use std::ops::Range;

use regex::Regex;
use regex::bytes::Regex as BytesRegex;

use super::checks;

/// One kind of secret.
pub(super) struct Rule {
    /// Its name in markers: lower-case words with `-`.
    pub(super) kind: &'static str,
    /// Its form. The last group that takes part in a match is the secret.
    pub(super) pattern: Regex,
    /// Whether a match is one, from the text and the place of the secret.
    pub(super) check: fn(&str, Range<usize>) -> bool,
}

/// What every secret has a part of, as patterns in any case.
const TRIGGERS: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "auth",
    "bearer",
    "basic ",
    "cookie",
    "sig",
    "cred",
    "salt",
    "://",
    "akia",
    "asia",
    "abia",
    "acca",
    "eyj",
    "iqojb3jpz2lu",
    "fwogzxivyxdz",
    "fqogzxivyxdz",
    "gh[opsur]_",
    "github_pat_",
    "glpat-",
    "gl[a-z]{2,6}-",
    "xox[a-z]-",
    "xapp-",
    "hooks\\.",
    "[sr]k_",
    "whsec_",
    "aiza",
    "gocspx",
    "ya29",
    "q~",
    "sk-",
    "npm_",
    "pypi-",
    "hf_",
    "sg\\.",
    "hvs\\.",
    "hvb\\.",
    "dop_v1_",
    "shp[a-z]{2}_",
    "dckr_",
    "atlasv1",
    "glsa_",
    "lin_api",
    "nvapi",
    "sk[0-9a-f]{32}",
    ":aa",
    "curl[ \"',]",
    "https? -",
    "xh -",
    "sshpass",
    "mysql",
    "mariadb",
    "redis-cli",
    "valkey-cli",
    "docker[ \"',]",
    "podman[ \"',]",
    "nerdctl",
    "buildah",
    "helm[ \"',]",
    "ldap",
    "smb",
    CARD,
];

/// A text that does not match this holds no secret.
pub(super) fn trigger() -> Regex {
    compile(&trigger_pattern())
}

/// The same for bytes.
pub(super) fn bytes_trigger() -> BytesRegex {
    BytesRegex::new(&trigger_pattern()).expect("it is that of texts, which is compiled, too")
}

fn trigger_pattern() -> String {
    format!("(?i-u:{})", TRIGGERS.join("|"))
}

/// Numbers of payment cards. In full, for account ids and times have many digits too, and every
/// text that triggers the rules is looked at by all of them.
const CARD: &str = "[0-9]{4}(?:[0-9]{12}|(?: [0-9]{4}){3}|(?:-[0-9]{4}){3}|[0-9]{11}|[0-9]{10}|[ -][0-9]{6}[ -][0-9]{4,5})";

/// Names whose value is a secret, as the end of a longer name (`DB_PASSWORD`).
const NAMES: &str = "password|passwd|passphrase|pass[_-]?word|userpwd|secret|secret[_-]?string|\
    token|api[_-]?key|apikey|access[_-]?key|secret[_-]?key|private[_-]?key|account[_-]?key|auth[_-]?key|\
    encryption[_-]?key|signing[_-]?key|shared[_-]?key|master[_-]?key|client[_-]?secret|\
    connection[_-]?string|db[_-]?pass|_pass|credential";

pub(super) fn all() -> Vec<Rule> {
    let mut rules = own_forms();
    rules.extend(named());
    rules.extend(on_command_lines());
    rules.push(rule("card-number", CARD, checks::is_card));
    rules
}

/// Secrets that are recognised by their own form.
fn own_forms() -> Vec<Rule> {
    let forms: &[(&'static str, &str)] = &[
        (
            "jwt",
            r"\b(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,3})",
        ),
        (
            "aws-access-key-id",
            r"\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})\b",
        ),
        (
            "aws-session-token",
            r"\b((?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9/+=%]{20,})",
        ),
        (
            "github-token",
            r"\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{20,})",
        ),
        (
            "gitlab-token",
            r"\b(gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt|ffct)-[A-Za-z0-9_=.-]{20,})",
        ),
        (
            "slack-token",
            r"\b(xox[a-z]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,})",
        ),
        (
            "webhook-url",
            r"\bhooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{8,})",
        ),
        (
            "webhook-url",
            r"\bdiscord(?:app)?\.com/api/webhooks/([A-Za-z0-9/_-]{8,})",
        ),
        (
            "stripe-key",
            r"\b((?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{20,})",
        ),
        (
            "google-key",
            r"\b(AIza[A-Za-z0-9_-]{30,}|GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_.-]{20,})",
        ),
        (
            "azure-key",
            r"(?i:AccountKey|SharedAccessKey|AccessKey)=([A-Za-z0-9+/]{20,}=*)",
        ),
        ("azure-sas", r"[?&;](?i:sig)=([A-Za-z0-9%+/=_-]{20,})"),
        (
            "azure-client-secret",
            r"\b([A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,40})",
        ),
        (
            "ai-key",
            r"(?:^|[^A-Za-z0-9_-])(sk-(?:ant|proj|svcacct|admin|or)-[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9]{32,})",
        ),
        (
            "age-key",
            r"\b(AGE-(?:PLUGIN-[A-Z0-9]+-)?SECRET-KEY-[A-Z0-9-]{20,})",
        ),
        ("npm-token", r"\b(npm_[A-Za-z0-9]{36,})"),
        ("pypi-token", r"\b(pypi-[A-Za-z0-9_-]{40,})"),
        (
            "api-token",
            r"\b(hf_[A-Za-z0-9]{30,}|dop_v1_[a-f0-9]{60,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32,})",
        ),
        (
            "api-token",
            r"\b(SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|hv[sb]\.[A-Za-z0-9_-]{24,})",
        ),
        (
            "api-token",
            r"\b(dckr_pat_[A-Za-z0-9_-]{20,}|glsa_[A-Za-z0-9_]{32,}|lin_api_[A-Za-z0-9]{30,})",
        ),
        (
            "api-token",
            r"\b(nvapi-[A-Za-z0-9_-]{40,}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{40,})",
        ),
        (
            "api-token",
            r"\b(SK[0-9a-f]{32}|[0-9]{8,10}:AA[A-Za-z0-9_-]{33})\b",
        ),
        (
            "url-password",
            r#"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#:@"'<>\[\]]*:(\[REDACTED:[a-z-]+\]|[^\s/?#"'<>]+)@"#,
        ),
        ("url-token", r#"\bhttps?://([A-Za-z0-9_=-]{20,})@"#),
    ];
    forms
        .iter()
        .map(|(kind, pattern)| {
            // ASCII word boundaries: Unicode ones would cost the fast engine.
            // A secret may also stand behind an underscore (`backup_AKIA…`).
            let pattern = pattern
                .strip_prefix(r"\b(")
                .map_or_else(|| pattern.to_string(), |rest| format!(r"(?:\b|_)({rest}"))
                .replace(r"\b", r"(?-u:\b)");
            rule(kind, &pattern, checks::always)
        })
        .collect()
}

/// Secrets that are recognised by the name before them.
fn named() -> Vec<Rule> {
    // A name starts behind something that is no part of a name; `:` and `/` before it make it
    // a part of an ARN or a path.
    let name = format!(r"(?:^|[^A-Za-z0-9_.:/-])[A-Za-z0-9_.-]*?(?i-u:{NAMES})[0-9]?");
    let between = r#"\\*["']?\]?[ \t]*(?:=>|:=|=|:)[ \t]*"#;
    let value = r#"(?:(\[REDACTED:[a-z-]+\])|"((?:[^"\\]|\\.)*)(?:"|$)|'([^']*)(?:'|$)|\\+"([^"\\]*)|\\+'([^'\\]*)|([^\s"'&;,<>\\\[][^\s"'&;,<>]*))"#;
    vec![
        rule(
            "aws-secret-key",
            r#"(?i-u:aws[_. -]?)?(?i-u:secret[_. -]?(?:access[_. -]?)?key)\\*["']?[ \t]*(?:=>|:=|=|:|[ \t])[ \t]*\\*["']?([A-Za-z0-9/+]{40})(?:$|[^A-Za-z0-9/+=])"#,
            checks::always,
        ),
        rule(
            "aws-secret-key",
            r"(?s)\[REDACTED:aws-access-key-id\](?:.{0,48}[^A-Za-z0-9/+])([A-Za-z0-9/+]{40})(?:$|[^A-Za-z0-9/+=])",
            checks::is_secret_key,
        ),
        // The two may stand the other way round.
        rule(
            "aws-secret-key",
            r"(?s)(?:^|[^A-Za-z0-9/+])([A-Za-z0-9/+]{40})[^A-Za-z0-9/+=].{0,48}\[REDACTED:aws-access-key-id\]",
            checks::is_secret_key,
        ),
        // Passwords that were not encoded may hold a slash.
        rule(
            "url-password",
            r#"(?-u:\b)(?i-u:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver)(?:\+[a-z0-9]+)?://[^\s/:@"']*:([^\s"'<>]+)@"#,
            checks::is_password_in_url,
        ),
        rule(
            "authorization",
            r#"(?i-u:authorization)\\*["']?\s*[:=]\s*\\*["']?(?i-u:bearer|basic|token|digest|negotiate|apikey)\s+(\[REDACTED:[a-z-]+\]|[^\s"',;\\]+)"#,
            checks::always,
        ),
        rule(
            "authorization",
            r#"(?i-u:authorization)\\*["']?\s*[:=]\s*\\*["']?(\[REDACTED:[a-z-]+\]|[^\s"',;\\]+)"#,
            checks::is_token,
        ),
        rule(
            "authorization",
            r"(?-u:\b)(?i-u:bearer|basic)\s+(\[REDACTED:[a-z-]+\]|[A-Za-z0-9._~+/-]{16,}=*)",
            checks::is_token,
        ),
        rule(
            "signature",
            r#"(?i-u:signature)\\*["']?\s*[:=]\s*\\*["']?([0-9a-fA-F]{40,}|[A-Za-z0-9+/%_-]{27,}={1,2})"#,
            checks::always,
        ),
        rule(
            "cookie",
            r#"(?-u:\b)(?i-u:set-cookie|cookie)\\*["']?:[ \t]*["']?([^\r\n"']+)"#,
            checks::is_value,
        ),
        // Pairs of a query within another one.
        rule(
            "password",
            &format!(
                r"(?:^|[^A-Za-z0-9_.:/-])[A-Za-z0-9_.-]*?(?i-u:{NAMES}|pwd|pass)%(?:25)*3[Dd](\[REDACTED:[a-z-]+\]|(?:[^\s\x22\x27&;,<>%\[]|%[013-9A-Fa-f][0-9A-Fa-f]|%2[0-47-9A-Fa-f]|%25[013-9A-Fa-f])+)"
            ),
            checks::is_value,
        ),
        // Columns with tabs between them, where the word can be a secret.
        rule(
            "password",
            &format!(r#"{name}\\*["']?[ ]*\t[ \t]*{value}"#),
            checks::is_no_plain_word,
        ),
        // Entries of environment lists: {"name": "DB_PASSWORD", "value": "…"}.
        rule(
            "password",
            &format!(
                r#"(?i-u:"(?:name|key)"\s*:\s*"[A-Za-z0-9_.-]*(?:{NAMES})"\s*,\s*"value"\s*:\s*)"((?:[^"\\]|\\.)*)""#
            ),
            checks::is_value,
        ),
        rule(
            "password",
            &format!(r"<[A-Za-z0-9_.:-]*?(?i-u:{NAMES})>([^<]+)(?:</|$)"),
            checks::is_value,
        ),
        rule(
            "password",
            &format!(
                r#"--[A-Za-z0-9-]*?(?i-u:{NAMES})[ \t]+(\[REDACTED:[a-z-]+\]|[^\s"'-][^\s"']*)"#
            ),
            checks::is_value,
        ),
        rule(
            "password",
            &format!("{name}{between}{value}"),
            checks::is_value,
        ),
        rule(
            "password",
            &format!(r"(?:^|[^A-Za-z0-9_.:/-])[A-Za-z0-9_.-]*?(?i-u:pwd|pass){between}{value}"),
            checks::is_value_not_path,
        ),
        rule(
            "high-entropy",
            r#"(?:^|[^A-Za-z0-9:/])[A-Za-z0-9_-]*(?i-u:key|auth|sig|salt|cred|creds|credentials|secrets|tokens)\\*["']?[ \t]*(?:=>|:=|=|:)[ \t]*\\*["']?([A-Za-z0-9+/_=-]{20,})"#,
            checks::is_random,
        ),
    ]
}

/// Secrets that are recognised by the program they are handed to: options of one letter say
/// nothing by themselves.
fn on_command_lines() -> Vec<Rule> {
    let of = |programs: &str, options: &str, secret: &str| {
        // Other arguments may stand between; a new command does not.
        let between = r#"[ \t"',](?:[^\r\n|;&]{0,300}?[ \t"',])?"#;
        let pattern = format!("(?:^|[^A-Za-z0-9_.-])(?:{programs}){between}(?:{options}){secret}");
        rule("password", &pattern, checks::is_value)
    };
    let word = r#"(?:"([^"]+)"|'([^']+)'|(\[REDACTED:[a-z-]+\]|[^\s"',]+))"#;
    let behind = format!(r#"(?:=|["'],[ \t]*|[ \t]+){word}"#);
    // With a user in front, who is no secret.
    let user = r#"[ \t"',=]*[^\s"',:]*:(\[REDACTED:[a-z-]+\]|[^\s"',/][^\s"',]*)"#;
    let share = r#"[ \t"',=]*[^\s"',%]*%(\[REDACTED:[a-z-]+\]|[^\s"',]+)"#;
    let mysql = "mysql(?:dump|admin|import|check|show|sh|binlog|pump|slap)?|mariadb(?:-[a-z]+)?";
    let login = r#"(?:docker|podman|nerdctl|buildah|helm)[ \t"',]+(?:registry[ \t"',]+)?login"#;
    vec![
        of("curl", "-u|-U|--user|--proxy-user", user),
        of("https?|xh", "-a|--auth", user),
        // With a blank behind it, it asks for the password.
        of(mysql, "-p", word),
        of("sshpass", "-p", &behind),
        of("redis-cli|valkey-cli", "-a", &behind),
        of(login, "-p", &behind),
        of(
            "ldap(?:search|add|modify|delete|passwd|whoami)",
            "-w",
            &behind,
        ),
        of("smbclient", "-U", share),
    ]
}

fn rule(kind: &'static str, pattern: &str, check: fn(&str, Range<usize>) -> bool) -> Rule {
    Rule {
        kind,
        pattern: compile(pattern),
        check,
    }
}

fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("patterns are constants, and a test compiles them all")
}
