//! What has solved a step before is shown before it is tried again.

use super::{MAIN, NOW, Scene};
use crate::support::fractary::Fractary;

/// Terraform's box for the step that fails in this scene.
const ERROR: &str = "╷
│ Error: local-exec provisioner error
│
│   with terraform_data.two,
│   on main.tf line 5, in resource \"terraform_data\" \"two\":
│
│ Error running command 'test ! -e ../../broken': exit status 1. Output:
╵
";

fn debug(scene: &Scene, arguments: &[&str]) {
    Fractary::in_repo(&scene.repo)
        .at(NOW)
        .args(["--env", "test", "debug", "-"])
        .args(arguments)
        .input(ERROR)
        .run()
        .exits(0);
}

#[test]
fn a_fix_that_worked_three_times_is_shown_before_the_step_that_failed_last_time() {
    let Some(scene) = Scene::new(MAIN) else {
        return;
    };
    let preview = || scene.infra(&["preview"]).run().exits(0).stderr;
    for worked in 1..=3 {
        debug(&scene, &["--commit"]);
        let shown = preview();
        assert!(!shown.contains("has worked"), "{worked}: {shown}");
        debug(&scene, &["--tried", "Removed the file", "--worked"]);
    }
    // It is solved: nothing says that the next attempt would fail.
    assert!(!preview().contains("has worked"), "{}", preview());
    debug(&scene, &["--commit"]);
    let shown = preview();
    assert!(shown.contains("This has worked 3 of 3 times"), "{shown}");
    assert!(shown.contains("Removed the file"), "{shown}");
    assert!(shown.contains("terraform_data.two"), "{shown}");
    // Nothing is done with it by itself: the deployment goes on as ever.
    let deployed = scene.infra(&["deploy", "--yes"]).run().exits(0);
    assert!(
        deployed.stderr.contains("This has worked 3 of 3 times"),
        "{}",
        deployed.stderr
    );
}
