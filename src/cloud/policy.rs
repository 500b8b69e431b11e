//! What each command may send to AWS, and the least IAM policy that allows it.
//!
//! Operations are named as in the receipt (`lambda:ListFunctions`); IAM sometimes calls the
//! permission otherwise (`s3:HeadBucket` needs `s3:ListBucket`), which the kinds say as data.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use serde_json::json;

use crate::catalog::Catalog;
use crate::cloud::actions::{Actions, IDENTITY};
use crate::cloud::aws::guard::Operations;
use crate::cloud::aws::kinds;
use crate::model::ids::Arn;

/// Tells a topic: the only operation that changes anything, and only where helm.toml has a
/// channel of type `sns`.
pub(crate) const PUBLISH: &str = "sns:Publish";

/// A command, as far as it may ask AWS something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// Fills the registry; `--tag` asks AWS.
    Adopt,
    /// Validates files.
    Check,
    /// Shows state files.
    Dashboard,
    /// Runs on a recorded world.
    Demo,
    /// Looks whether all is set up, which includes everything that `run` needs.
    Doctor,
    /// Judges resources.
    Health,
    /// Lists issues.
    Issues,
    /// The scheduled job.
    Run,
}

impl Command {
    /// All of them, sorted by name.
    pub const ALL: [Self; 8] = [
        Self::Adopt,
        Self::Check,
        Self::Dashboard,
        Self::Demo,
        Self::Doctor,
        Self::Health,
        Self::Issues,
        Self::Run,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adopt => "adopt",
            Self::Check => "check",
            Self::Dashboard => "dashboard",
            Self::Demo => "demo",
            Self::Doctor => "doctor",
            Self::Health => "health",
            Self::Issues => "issues",
            Self::Run => "run",
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Command {
    type Err = UnknownCommand;

    fn from_str(text: &str) -> Result<Self, UnknownCommand> {
        Self::ALL
            .into_iter()
            .find(|command| command.name() == text)
            .ok_or(UnknownCommand)
    }
}

/// There is no such command, or it has nothing to do with AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a command that has permissions: use one of {}", Command::ALL.map(Command::name).join(", "))]
pub struct UnknownCommand;

/// What a command may send. Anything else is refused before it leaves the process.
pub fn operations(command: Command, catalog: &Catalog) -> Operations {
    let observing = || {
        let statuses = catalog
            .kinds()
            .iter()
            .filter_map(|kind| Some((kind, kind.status.as_ref()?)))
            .flat_map(|(kind, status)| {
                let sent = kinds::of(kind.id.as_str()).map_or(&[][..], |code| code.operations());
                let listed = status.operations.iter().map(String::as_str);
                listed.chain(sent.iter().copied())
            });
        [
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetMetricData",
            IDENTITY,
        ]
        .into_iter()
        .chain(statuses)
    };
    match command {
        Command::Adopt => [IDENTITY, "tag:GetResources"].into_iter().collect(),
        Command::Doctor | Command::Health | Command::Run => observing().collect(),
        Command::Check | Command::Dashboard | Command::Demo | Command::Issues => {
            Operations::default()
        }
    }
}

/// What telling topics may send: nothing else goes through that connection, and publishing
/// goes through no other.
pub fn publishing() -> Operations {
    [PUBLISH].into_iter().collect()
}

/// The statement that a job needs which tells these topics, with a note on it; `None` where
/// there are none.
pub fn publishing_policy(topics: &BTreeSet<Arn>) -> Option<(Value, &'static str)> {
    let statement = json!({
        "Sid": "PublishAlerts",
        "Effect": "Allow",
        "Action": [PUBLISH],
        "Resource": topics,
    });
    let note = "PublishAlerts is for the channels of type sns; a topic that is encrypted with \
                your own key needs kms:GenerateDataKey and kms:Decrypt on it too.";
    (!topics.is_empty()).then_some((statement, note))
}

/// The least-privilege IAM policy of a command: one statement a service. A command that sends
/// nothing, or only what needs no permission, has no statements.
pub fn policy(command: Command, catalog: &Catalog) -> Value {
    let actions = Actions::new(catalog);
    let mut by_service: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in operations(command, catalog).iter() {
        if operation == IDENTITY {
            continue;
        }
        let action = actions.action_of(operation);
        let service = action.split(':').next().unwrap_or_default().to_owned();
        by_service.entry(service).or_default().insert(action);
    }
    let statements: Vec<Value> = by_service
        .iter()
        .map(|(service, actions)| {
            json!({
                "Sid": sid(service),
                "Effect": "Allow",
                "Action": actions,
                "Resource": resources(service),
            })
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// What a reader of the policy should know and its format has no place for.
pub fn notes(command: Command, catalog: &Catalog) -> Vec<&'static str> {
    let operations = operations(command, catalog);
    if operations.is_empty() {
        return vec!["This command sends nothing to AWS."];
    }
    let mut notes = vec!["sts:GetCallerIdentity is sent too; it needs no permission."];
    if operations.allows("s3:HeadBucket") {
        notes.push(
            "HeadBucket needs s3:ListBucket; narrow its Resource to your own buckets if you like.",
        );
    }
    notes
}

/// `ReadCloudwatch`: letters and digits only, as IAM wants it.
fn sid(service: &str) -> String {
    let mut letters = service.chars().filter(char::is_ascii_alphanumeric);
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let rest: String = letters.collect();
    format!("Read{}{rest}", first.map_or(String::new(), String::from))
}

/// The narrowest resources that the operations of a service accept. List and describe calls
/// accept only `*`.
fn resources(service: &str) -> Value {
    match service {
        "apigateway" => json!([
            "arn:aws:apigateway:*::/apis",
            "arn:aws:apigateway:*::/apis/*",
            "arn:aws:apigateway:*::/restapis",
            "arn:aws:apigateway:*::/restapis/*",
        ]),
        "s3" => json!("arn:aws:s3:::*"),
        _ => json!("*"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        Catalog::built_in().expect("the catalogue")
    }

    #[test]
    fn commands_are_sorted_and_go_by_their_names() {
        assert!(Command::ALL.map(Command::name).is_sorted());
        for command in Command::ALL {
            assert_eq!(command.name().parse(), Ok(command));
        }
        assert_eq!("walk".parse::<Command>(), Err(UnknownCommand));
    }

    #[test]
    fn commands_that_only_read_files_may_send_nothing() {
        for command in [
            Command::Check,
            Command::Dashboard,
            Command::Demo,
            Command::Issues,
        ] {
            assert!(operations(command, &catalog()).is_empty(), "{command}");
            assert_eq!(
                policy(command, &catalog())["Statement"],
                json!([]),
                "{command}"
            );
        }
    }

    #[test]
    fn the_policy_of_the_job() {
        let policy = policy(Command::Run, &catalog());
        let text = serde_json::to_string_pretty(&policy).expect("plain data");
        insta::assert_snapshot!(text, @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "ReadApigateway",
          "Effect": "Allow",
          "Action": [
            "apigateway:GET"
          ],
          "Resource": [
            "arn:aws:apigateway:*::/apis",
            "arn:aws:apigateway:*::/apis/*",
            "arn:aws:apigateway:*::/restapis",
            "arn:aws:apigateway:*::/restapis/*"
          ]
        },
        {
          "Sid": "ReadCloudwatch",
          "Effect": "Allow",
          "Action": [
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetMetricData"
          ],
          "Resource": "*"
        },
        {
          "Sid": "ReadEcs",
          "Effect": "Allow",
          "Action": [
            "ecs:DescribeServices"
          ],
          "Resource": "*"
        },
        {
          "Sid": "ReadLambda",
          "Effect": "Allow",
          "Action": [
            "lambda:GetFunctionConfiguration",
            "lambda:ListFunctions"
          ],
          "Resource": "*"
        },
        {
          "Sid": "ReadRds",
          "Effect": "Allow",
          "Action": [
            "rds:DescribeDBInstances",
            "rds:DescribeDBParameters"
          ],
          "Resource": "*"
        },
        {
          "Sid": "ReadS3",
          "Effect": "Allow",
          "Action": [
            "s3:ListBucket"
          ],
          "Resource": "arn:aws:s3:::*"
        }
      ]
    }
    "#);
    }

    #[test]
    fn topics_are_published_to_by_their_arn_alone() {
        assert_eq!(publishing_policy(&BTreeSet::new()), None);
        let arn = Arn::new("arn:aws:sns:us-east-1:123456789012:alerts").expect("an ARN");
        let (statement, _) = publishing_policy(&BTreeSet::from([arn])).expect("a statement");
        insta::assert_snapshot!(statement, @r#"{"Sid":"PublishAlerts","Effect":"Allow","Action":["sns:Publish"],"Resource":["arn:aws:sns:us-east-1:123456789012:alerts"]}"#);
        for command in Command::ALL {
            assert!(
                !operations(command, &catalog()).allows(PUBLISH),
                "{command}"
            );
        }
    }

    #[test]
    fn the_policy_of_adopting() {
        let policy = policy(Command::Adopt, &catalog());
        let text = serde_json::to_string(&policy).expect("plain data");
        insta::assert_snapshot!(text, @r#"{"Version":"2012-10-17","Statement":[{"Sid":"ReadTag","Effect":"Allow","Action":["tag:GetResources"],"Resource":"*"}]}"#);
    }
}
