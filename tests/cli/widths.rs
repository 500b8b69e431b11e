//! Reports on terminals of any width, and in ASCII.

use unicode_width::UnicodeWidthStr;

use crate::audit;
use crate::demo::{END, Played};
use crate::support::fractary::Fractary;

/// Widths around every place where a renderer decides something.
const WIDTHS: [usize; 7] = [10, 41, 48, 55, 71, 80, 200];
/// The narrowest and the widest that is used.
const USED: (usize, usize) = (40, 120);

/// Holds a report at every width to its width, and in ASCII to ASCII.
fn hold(what: &str, run: &dyn Fn() -> Fractary) {
    for width in WIDTHS {
        let locales: &[&str] = match width {
            80 => &["C.UTF-8", "C"],
            _ => &["C.UTF-8"],
        };
        for &locale in locales {
            let out = run()
                .env("COLUMNS", width.to_string())
                .env("LC_ALL", locale)
                .run();
            assert!(
                !out.stderr.contains("bug"),
                "{what} at {width}: {}",
                out.stderr
            );
            assert!(
                [0, 1, 3].contains(&out.code),
                "{what} at {width}: {}",
                out.stderr
            );
            assert!(!out.stdout.is_empty(), "{what} at {width}");
            let most = width.clamp(USED.0, USED.1);
            for line in out.stdout.lines() {
                assert!(line.width() <= most, "{what} at {width}: {line}");
            }
            let is_ascii = out.stdout.is_ascii() && out.stderr.is_ascii();
            assert!(
                locale != "C" || is_ascii,
                "{what}: {}{}",
                out.stdout,
                out.stderr
            );
        }
    }
}

#[test]
fn reports_of_the_demo_fit() {
    let played = Played::new();
    let id = played.issue();
    let commands: [&[&str]; 11] = [
        &["dashboard"],
        &["status"],
        &["health"],
        &["issues"],
        &["issues", "show", &id],
        &["slo"],
        &["slo", "show", "orders-api"],
        &["monitor", "list"],
        &["prices"],
        &["doctor", "--offline"],
        &["audit", "--type", "cost"],
    ];
    for arguments in commands {
        hold(&arguments.join(" "), &|| played.fractary(END, arguments));
    }
}

#[test]
fn an_audit_fits() {
    let scene = audit::Scene::new();
    hold("audit", &|| scene.audit(&["--framework", "cis-aws-7.0"]));
}

#[test]
fn reports_of_files_fit() {
    let folder = tempfile::tempdir().expect("a folder");
    let log: String = (0..40)
        .map(|n| format!("2026-11-29T14:00:{n:02}Z INFO orders: charged card {n} for ärger{n}\n"))
        .collect();
    std::fs::write(folder.path().join("a.log"), log).expect("written");
    let series: String = (0..400)
        .map(|n| format!("{},{}\n", 1_795_960_800 + 300 * n, n % 7))
        .collect();
    let series = format!("timestamp,value\n{series}");
    std::fs::write(folder.path().join("a.csv"), series).expect("written");
    let denied = "An error occurred (AccessDenied) when calling the GetObject operation: User: arn:aws:sts::123456789012:assumed-role/ci/x is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::b/k\" because no identity-based policy allows the s3:GetObject action";
    let commands: [&[&str]; 3] = [
        &["logs", "--file", "a.log", "--baseline", "a.log"],
        &["performance", "--csv", "a.csv", "--limit", "100"],
        &["permissions", "explain", denied],
    ];
    for arguments in commands {
        hold(arguments[0], &|| {
            Fractary::in_folder(folder.path(), folder.path()).args(arguments)
        });
    }
}
