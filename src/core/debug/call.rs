//! The call that failed, from what SDKs, tools and CloudFormation put around AWS's message.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// How often a message may be inside of another.
const DEEPEST: usize = 4;

/// The innermost call of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) service: Option<String>,
    pub(super) operation: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    pub(super) message: String,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

/// Go's second SDK: `operation error S3: CreateBucket, https response error …`.
static OPERATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?s)operation error ([A-Za-z0-9][\w .-]*?): ([A-Za-z]\w*)(?:, |: )(.*)")
});
static RESPONSE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?s)https? response error StatusCode: (\d+), RequestID: [^,]*,(?: HostID: [^,]*,)? ?(.*)",
    )
});
static API: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?s)\bapi error ([A-Za-z][\w.:-]*?):(?: (.*)|\s*$)"));
/// An error with a type of its own: `EntityAlreadyExists: Role with …`.
static TYPED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?s)^([A-Z][A-Za-z0-9_.]+):(?: (.*)|\s*$)"));
/// The command line and Python.
static TOOL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?s)An error occurred \(([\w.:-]+)\) when calling the (\w+) operation(?: \([^)]*\))?:\s*(.*)",
    )
});
/// Java, and CloudFormation.
static JAVA: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?s)^(.*?)\s*\(Service: ([^;,)]+)[;,] Status Code: (\d+)(?:[;,] Error Code: ([\w.]+))?[;,][^)]*\)(.*)$",
    )
});
static HANDLER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?s)Resource handler returned message: "(.*)" \(RequestToken: [^,]*, HandlerErrorCode: (\w+)\)"#,
    )
});
/// The same, where whoever copied it left out the end.
static HANDLER_ALONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?s)Resource handler returned message: "(.*)""#));
/// Go's first SDK: `CODE: message` and a line with the status.
static FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?s)(?:^|: )([A-Z][A-Za-z0-9]*(?:[.][A-Za-z0-9]+)*): (.*?)[\s,]*status code: (\d+), request id: ?\S*",
    )
});
static XML: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?s)<Code>([\w.]+)</Code>\s*(?:<Message>(.*?)</Message>)?"));
/// A code in front of the message, without anything that says so.
static BARE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?s)(?:^|: )((?:[A-Z][a-z0-9]+){2,}(?:\.[A-Z][A-Za-z]+)*|AWS(?:\.[A-Z][A-Za-z]+)+|[A-Z][A-Za-z0-9]*(?:Exception|Fault)|Invalid[A-Za-z]+\.[A-Za-z]+|[A-Z]{2,4}[a-z]+(?:[A-Z][a-z]+)+): (.+)$",
    )
});
static METADATA: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)\s*\{\s*RespMetadata: .*$"));
static TAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)[\s,]*\(?(?:status code: \d+, )?request id: ?[\w-]+(?:, host id: ?\S+)?\)?\s*$")
});

/// Reads the call out of a message. Where it names none, all of the message is the message.
pub(super) fn call(text: &str) -> Call {
    // Where lines were wrapped says nothing.
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut call = read(&words.join(" "), 0);
    call.message = tidy(&call.message);
    call
}

fn read(text: &str, depth: usize) -> Call {
    if depth > DEEPEST {
        return plain(text);
    }
    let forms: [fn(&str, usize) -> Option<Call>; 7] =
        [handler, operation, tool, java, first, xml, bare];
    let mut found = forms.into_iter().filter_map(|form| form(text, depth));
    found.next().unwrap_or_else(|| plain(text))
}

fn plain(text: &str) -> Call {
    Call {
        message: text.to_owned(),
        ..Call::default()
    }
}

fn group(found: &Captures<'_>, index: usize) -> Option<String> {
    let found = found.get(index)?.as_str().trim();
    (!found.is_empty()).then(|| found.to_owned())
}

fn handler(text: &str, depth: usize) -> Option<Call> {
    let whole = HANDLER.captures(text);
    let found = whole.or_else(|| HANDLER_ALONE.captures(text))?;
    let inner = read(&found[1], depth + 1);
    Some(Call {
        code: inner.code.clone().or_else(|| group(&found, 2)),
        ..inner
    })
}

fn operation(text: &str, _: usize) -> Option<Call> {
    let found = OPERATION.captures(text)?;
    let mut call = Call {
        service: group(&found, 1),
        operation: group(&found, 2),
        ..Call::default()
    };
    let mut rest = found[3].to_owned();
    if let Some(answer) = RESPONSE.captures(&found[3]) {
        call.status = answer[1].parse().ok();
        rest = answer[2].to_owned();
    }
    let coded = API.captures(&rest).or_else(|| TYPED.captures(&rest));
    match coded {
        Some(coded) => {
            call.code = group(&coded, 1);
            call.message = group(&coded, 2).unwrap_or_default();
        }
        None => call.message = rest,
    }
    Some(call)
}

fn tool(text: &str, _: usize) -> Option<Call> {
    let found = TOOL.captures(text)?;
    Some(Call {
        code: group(&found, 1),
        operation: group(&found, 2),
        message: found[3].to_owned(),
        ..Call::default()
    })
}

fn java(text: &str, depth: usize) -> Option<Call> {
    let found = JAVA.captures(text)?;
    let inner = read(&found[1], depth + 1);
    Some(Call {
        service: group(&found, 2),
        status: found[3].parse().ok(),
        code: group(&found, 4).or(inner.code),
        operation: inner.operation,
        message: inner.message,
    })
}

fn first(text: &str, _: usize) -> Option<Call> {
    let found = FIRST.captures(text)?;
    Some(Call {
        code: group(&found, 1),
        status: found[3].parse().ok(),
        message: found[2].to_owned(),
        ..Call::default()
    })
}

fn xml(text: &str, _: usize) -> Option<Call> {
    let found = XML.captures(text)?;
    Some(Call {
        code: group(&found, 1),
        message: group(&found, 2).unwrap_or_default(),
        ..Call::default()
    })
}

fn bare(text: &str, _: usize) -> Option<Call> {
    let coded = API.captures(text).or_else(|| BARE.captures(text))?;
    Some(Call {
        code: group(&coded, 1),
        message: group(&coded, 2).unwrap_or_default(),
        ..Call::default()
    })
}

/// One line, without what is about the answer and not about the fault.
fn tidy(message: &str) -> String {
    let message = METADATA.replace(message, "");
    let message = TAIL.replace(&message, "");
    let words: Vec<&str> = message.split_whitespace().collect();
    words.join(" ")
}

/// What is done to what: the first word of a wrapper (`creating S3 Bucket (x)`), or the first of
/// an operation (`CreateBucket`).
pub(super) fn verb(summary: &str, operation: Option<&str>) -> &'static str {
    let words = summary.trim_start().to_lowercase();
    let words = ["error ", "failed to ", "failed ", "an error occurred "]
        .iter()
        .find_map(|start| words.strip_prefix(start))
        .unwrap_or(&words);
    let first = words.split(' ').next().unwrap_or_default();
    let of_wrapper = VERBS.iter().find(|verb| {
        let rest = first.strip_prefix(verb.stem);
        rest.is_some_and(|rest| matches!(rest, "ing" | "e" | "" | "ting" | "ning"))
    });
    if let Some(verb) = of_wrapper {
        return verb.means;
    }
    let operation = operation.unwrap_or_default();
    if operation.is_empty() {
        return "";
    }
    let lower = operation.to_lowercase();
    let of_operation = VERBS.iter().find(|verb| lower.starts_with(verb.stem));
    of_operation.map_or("other", |verb| verb.means)
}

struct Verb {
    stem: &'static str,
    means: &'static str,
}

const fn as_verb(stem: &'static str, means: &'static str) -> Verb {
    Verb { stem, means }
}

const VERBS: &[Verb] = &[
    as_verb("creat", "create"),
    as_verb("run", "create"),
    as_verb("launch", "create"),
    as_verb("allocat", "create"),
    as_verb("register", "create"),
    as_verb("request", "create"),
    as_verb("import", "create"),
    as_verb("read", "read"),
    as_verb("get", "read"),
    as_verb("describ", "read"),
    as_verb("list", "read"),
    as_verb("head", "read"),
    as_verb("retriev", "read"),
    as_verb("find", "read"),
    as_verb("fetch", "read"),
    as_verb("delet", "delete"),
    as_verb("destroy", "delete"),
    as_verb("remov", "delete"),
    as_verb("terminat", "delete"),
    as_verb("detach", "delete"),
    as_verb("disassociat", "delete"),
    as_verb("revok", "delete"),
    as_verb("releas", "delete"),
    as_verb("deregister", "delete"),
    as_verb("wait", "wait"),
    as_verb("updat", "update"),
    as_verb("modify", "update"),
    as_verb("put", "update"),
    as_verb("set", "update"),
    as_verb("enabl", "update"),
    as_verb("attach", "update"),
    as_verb("associat", "update"),
    as_verb("add", "update"),
    as_verb("authoriz", "update"),
    as_verb("tag", "update"),
    as_verb("assum", "update"),
];
