//! Every format over sample documents, as snapshots.

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::model::cost_report::CostReport;
use crate::model::dashboard::{Dashboard, IssueRow};
use crate::model::deployed_page::{Deployed, DeployedGroup, DeployedRow};
use crate::model::ids::{Arn, EnvironmentName, Region};
use crate::model::issue::Issue;
use crate::model::paths::RepoPath;
use crate::model::report::HealthReport;
use crate::render::templates::Templates;
use crate::render::text::Style;
use crate::render::{github, html, json, markdown, text, voice};
use crate::text::Untrusted;

fn sample<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).expect("a sample of this type")
}

macro_rules! sample {
    ($name:literal) => {
        sample(include_str!(concat!("samples/", $name, ".json")))
    };
}

fn health_samples() -> [(&'static str, HealthReport); 5] {
    [
        ("healthy", sample!("health-healthy")),
        ("degraded", sample!("health-degraded")),
        ("unhealthy", sample!("health-unhealthy")),
        ("partial", sample!("health-partial")),
        ("empty", sample!("health-empty")),
    ]
}

fn dashboard_samples() -> [(&'static str, Dashboard); 2] {
    [
        ("healthy", sample!("dashboard-healthy")),
        ("busy", sample!("dashboard-busy")),
    ]
}

fn deployed_sample() -> Deployed {
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let region = Region::new("eu-central-1").expect("a region");
    let row = |name: &str, arn: &str, address: Option<&str>| DeployedRow {
        name: Untrusted::from(name),
        arn: Arn::new(arn).expect("an ARN"),
        region: region.clone(),
        terraform_address: address.map(Untrusted::from),
        console_url: Some(Untrusted::new(format!(
            "https://eu-central-1.console.aws.amazon.com/go?name={name}"
        ))),
        created: time("2026-11-03T21:00:00Z"),
    };
    Deployed {
        environment: EnvironmentName::new("prod").expect("a name"),
        project: Some("orders".to_owned()),
        last_deployed: time("2026-11-20T16:40:00Z"),
        groups: vec![
            DeployedGroup {
                title: "Lambda functions".to_owned(),
                monitored: true,
                rows: vec![
                    row(
                        "orders-api",
                        "arn:aws:lambda:eu-central-1:123456789012:function:orders-api",
                        Some("module.api.aws_lambda_function.this"),
                    ),
                    row(
                        "orders-worker",
                        "arn:aws:lambda:eu-central-1:123456789012:function:orders-worker",
                        None,
                    ),
                ],
            },
            DeployedGroup {
                title: "aws_route53_zone".to_owned(),
                monitored: false,
                rows: vec![row("example.org", "arn:aws:route53:::hostedzone/Z1", None)],
            },
        ],
        total: 3,
    }
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn text() {
    for (name, report) in health_samples() {
        snapshot(
            &format!("health-{name}.txt"),
            &text::health(&report, &Style::PLAIN),
        );
    }
    for (name, dashboard) in dashboard_samples() {
        snapshot(
            &format!("dashboard-{name}.txt"),
            &text::dashboard(&dashboard, &Style::PLAIN),
        );
    }
    let busy: Dashboard = sample!("dashboard-busy");
    let wide = Style {
        width: 120,
        ..Style::PLAIN
    };
    snapshot("dashboard-busy-120.txt", &text::dashboard(&busy, &wide));
    let ascii = Style {
        width: 60,
        unicode: false,
        ..Style::PLAIN
    };
    snapshot(
        "dashboard-busy-ascii-60.txt",
        &text::dashboard(&busy, &ascii),
    );
    let lines: String = busy
        .domains
        .iter()
        .map(|row| text::status_line(row, &Style::PLAIN))
        .collect();
    snapshot("status.txt", &lines);
    let rows: Vec<IssueRow> = sample!("issues");
    snapshot("issues.txt", &text::issues(&rows, &Style::PLAIN));
    let issue: Issue = sample!("issue");
    snapshot("issue.txt", &text::issue(&issue, &Style::PLAIN));
}

#[test]
fn markdown() {
    let templates = Templates::built_in();
    let done = |name: &str, text: Result<String, _>| {
        let text =
            text.unwrap_or_else(|error: crate::render::templates::TemplateError| panic!("{error}"));
        snapshot(name, &text);
    };
    for (name, report) in health_samples() {
        done(
            &format!("health-{name}.md"),
            markdown::health(&report, &templates),
        );
    }
    for (name, dashboard) in dashboard_samples() {
        done(
            &format!("dashboard-{name}.md"),
            markdown::dashboard(&dashboard, &templates),
        );
    }
    let issue: Issue = sample!("issue");
    done("issue.md", markdown::issue(&issue, &templates));
    done(
        "deployed.md",
        markdown::deployed(&deployed_sample(), &templates),
    );
}

/// Mermaid's documentation of XY charts: title, axes with a name in quotes, categories in
/// quotes or a range, and as many numbers as categories. GitHub shows an error otherwise.
#[test]
fn charts_are_what_mermaid_reads() {
    let number = r"-?\d+(\.\d+)?";
    let category = r#""[A-Za-z0-9 ._:/-]+""#;
    let list = |one: &str| format!(r"\[{one}(, {one})*\]");
    let forms = [
        r"%%\{init: \{.*\}\}%%".to_owned(),
        "xychart-beta".to_owned(),
        r#"    title "[A-Za-z0-9 ._:/-]+""#.to_owned(),
        format!(r#"    x-axis "[a-zA-Z ,()]+" {}"#, list(category)),
        format!(r#"    y-axis "[a-z ]+" {number} --> {number}"#),
        format!(r"    (bar|line) {}", list(number)),
    ]
    .map(|form| regex::Regex::new(&format!("^{form}$")).expect("a pattern"));
    let mut seen = 0;
    for (_, dashboard) in dashboard_samples() {
        let page = markdown::dashboard(&dashboard, &Templates::built_in()).expect("a page");
        for block in page.split("```mermaid\n").skip(1) {
            let lines: Vec<&str> = block.lines().take_while(|line| *line != "```").collect();
            assert_eq!(lines.len(), forms.len(), "{block}");
            for (line, form) in lines.iter().zip(&forms) {
                assert!(form.is_match(line), "{line} is not {form}");
            }
            let count = |line: &str| {
                line.rsplit('[')
                    .next()
                    .map_or(0, |l| l.matches(", ").count())
            };
            assert_eq!(count(lines[3]), count(lines[5]), "{block}");
            seen += 1;
        }
    }
    assert_eq!(seen, 4);
}

#[test]
fn html() {
    let templates = Templates::built_in();
    for (name, dashboard) in dashboard_samples() {
        let page = html::dashboard(&dashboard, &templates).expect("a page");
        // The style sheet is a file of its own, and its hash changes with it.
        let (before, rest) = page.split_once("<style>").expect("a style sheet");
        let (_, after) = rest.split_once("</style>").expect("its end");
        let hash = before.find("sha256-").expect("a hash") + 7;
        let before = format!("{}…{}", &before[..hash], &before[hash + 44..]);
        snapshot(
            &format!("dashboard-{name}.html"),
            &format!("{before}<style>…</style>{after}"),
        );
        for never in [
            "<script",
            "javascript:",
            " style=",
            " on",
            "src=",
            "http-equiv=\"refresh",
        ] {
            let found = page.match_indices(never).any(|(at, _)| {
                never != " on"
                    || page[at..]
                        .chars()
                        .take(12)
                        .collect::<String>()
                        .contains("=\"")
            });
            assert!(!found, "{never}");
        }
    }
}

#[test]
fn voice() {
    for (name, dashboard) in dashboard_samples() {
        snapshot(
            &format!("dashboard-{name}.voice"),
            &voice::dashboard(&dashboard),
        );
    }
}

#[test]
fn annotations() {
    let file = RepoPath::new(".fractary/plugins/helm-cloud/monitoring/prod/latest.json").ok();
    let mut out = String::new();
    for (_, report) in health_samples() {
        out.push_str(&github::annotations(&github::health_annotations(
            &report,
            file.as_ref(),
        )));
    }
    snapshot("annotations.txt", &out);
}

/// Every text output at every width, with and without colour and Unicode.
#[test]
fn text_is_never_wider_than_asked() {
    let rows: Vec<IssueRow> = sample!("issues");
    let issue: Issue = sample!("issue");
    for width in [40, 60, 80, 100, 120] {
        for unicode in [true, false] {
            let style = Style {
                width,
                color: false,
                unicode,
            };
            let mut outputs = vec![text::issues(&rows, &style), text::issue(&issue, &style)];
            for (_, report) in health_samples() {
                outputs.push(text::health(&report, &style));
            }
            for (_, dashboard) in dashboard_samples() {
                outputs.push(text::dashboard(&dashboard, &style));
                outputs.extend(
                    dashboard
                        .domains
                        .iter()
                        .map(|row| text::status_line(row, &style)),
                );
            }
            for output in outputs {
                for line in output.lines() {
                    let columns = unicode_width::UnicodeWidthStr::width(line);
                    assert!(columns <= width, "{columns} > {width}: {line}");
                    assert!(unicode || line.is_ascii(), "{line}");
                }
                let colored = Style {
                    color: true,
                    ..style
                };
                assert!(colored.color);
            }
        }
    }
}

#[test]
fn signs_in_ascii_mean_the_same() {
    let ascii = Style {
        unicode: false,
        ..Style::PLAIN
    };
    for (text, wanted) in [
        ("p95 ≤ 250 ms │ ≥ 95 %", "p95 <=250 ms | >=95 %"),
        ("at least ≥\n95 %", "at least >=\n95 %"),
        ("✓ done…", "+ done~"),
        ("score 71 → 84\n    → look", "score 71 ->84\n    > look"),
    ] {
        assert_eq!(ascii.signs(text.to_owned()), wanted);
        assert_eq!(Style::PLAIN.signs(text.to_owned()), text);
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let colored = Style {
        color: true,
        ..Style::PLAIN
    };
    for (_, dashboard) in dashboard_samples() {
        let plain = text::dashboard(&dashboard, &Style::PLAIN);
        let painted = text::dashboard(&dashboard, &colored);
        assert!(painted.contains('\u{1b}'));
        assert_eq!(anstream::adapter::strip_str(&painted).to_string(), plain);
    }
    for (_, report) in health_samples() {
        let painted = text::health(&report, &colored);
        let stripped = anstream::adapter::strip_str(&painted).to_string();
        let trimmed: String = stripped
            .lines()
            .map(|line| format!("{}\n", line.trim_end()))
            .collect();
        assert_eq!(trimmed, text::health(&report, &Style::PLAIN));
    }
}

#[test]
fn json_is_read_back_the_same() {
    for (name, report) in health_samples() {
        let text = json::pretty(&report).expect("a document");
        assert!(text.ends_with("}\n"));
        assert_eq!(sample::<HealthReport>(&text), report, "{name}");
    }
}

#[test]
fn a_cost_audit_reads_as_people_know_it() {
    let report: CostReport = sample!("cost-example");
    let environment = EnvironmentName::new("test").expect("a name");
    let shown = text::cost(&report, None, &environment, &Style::PLAIN);
    insta::assert_snapshot!("cost-example.txt", shown);
    insta::assert_snapshot!("cost-example.md", markdown::cost(&report, &environment));
    // What could not be read is never an amount.
    let unknown: CostReport = sample!("cost-unknown");
    let shown = text::cost(&unknown, None, &environment, &Style::PLAIN);
    assert!(!shown.contains("$0"), "{shown}");
    insta::assert_snapshot!("cost-unknown.txt", shown);
    insta::assert_snapshot!("cost-unknown.md", markdown::cost(&unknown, &environment));
    let busy: CostReport = sample!("cost-busy");
    let shown = text::cost(&busy, None, &environment, &Style::PLAIN);
    insta::assert_snapshot!("cost-busy.txt", shown);
    insta::assert_snapshot!("cost-busy.md", markdown::cost(&busy, &environment));
}
