//! Alarms: one paged `DescribeAlarms` a region, matched to resources by dimensions.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use aws_sdk_cloudwatch::types::AlarmType;
use aws_sdk_cloudwatch::types::CompositeAlarm;
use aws_sdk_cloudwatch::types::Dimension;
use aws_sdk_cloudwatch::types::MetricAlarm;
use aws_sdk_cloudwatch::types::StateValue;
use aws_smithy_types::DateTime;
use futures_util::future::join_all;
use jiff::Timestamp;

use crate::cloud::aws::client::{Aws, Deadline, RegionClient};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::errors::unknown_attribute;
use crate::cloud::aws::pages::next_page;
use crate::cloud::aws::seen::SeenAlarms;
use crate::model::fact::GapCause;
use crate::model::ids::{Arn, Region};
use crate::model::resource::Resource;
use crate::model::snapshot::{Alarm, AlarmState};
use crate::text::Untrusted;

pub(crate) const DESCRIBE_ALARMS: &str = "cloudwatch:DescribeAlarms";

/// Most alarms that one page holds.
const PAGE: i32 = 100;

type Dimensions = BTreeMap<String, String>;

/// Alarms of every resource by its place in the list, and those that are not quiet and fit none.
#[derive(Debug)]
pub(crate) struct Alarms {
    pub(crate) by_resource: Vec<SeenAlarms>,
    pub(crate) unmatched: Vec<Alarm>,
}

/// The alarms of one region, sorted by name, and why there may be more.
type List = (Vec<ListedAlarm>, Option<Failure>);

/// An alarm, and every metric that it looks at.
#[derive(Debug, Clone)]
struct ListedAlarm {
    alarm: Alarm,
    watches: Vec<Watched>,
}

#[derive(Debug, Clone)]
struct Watched {
    namespace: String,
    metric: String,
    dimensions: Dimensions,
}

/// What the alarms of one resource look like.
struct Wanted {
    region: Region,
    pattern: Option<(String, Dimensions)>,
}

/// Reads the alarms of all regions that these resources are in.
pub(crate) async fn observe(aws: &Aws, resources: &[Resource], deadline: Deadline) -> Alarms {
    let wanted: Vec<Result<Wanted, Failure>> = resources
        .iter()
        .map(|resource| want(aws, resource))
        .collect();
    let regions: BTreeSet<&Region> = wanted.iter().flatten().map(|want| &want.region).collect();
    let lists: BTreeMap<&Region, List> = join_all(
        regions
            .into_iter()
            .map(|region| async move { (region, list(aws.in_region(region, deadline)).await) }),
    )
    .await
    .into_iter()
    .collect();
    let mut matched: BTreeSet<(&Region, usize)> = BTreeSet::new();
    let mut by_resource = Vec::with_capacity(resources.len());
    for wanted in &wanted {
        by_resource.push(match wanted {
            Err(failure) => SeenAlarms {
                alarms: Vec::new(),
                failure: Some(failure.clone()),
            },
            Ok(wanted) => {
                let (found, failure) = &lists[&wanted.region];
                let alarms = fitting(wanted, found)
                    .map(|number| {
                        matched.insert((&wanted.region, number));
                        found[number].alarm.clone()
                    })
                    .collect();
                SeenAlarms {
                    alarms,
                    failure: failure.clone(),
                }
            }
        });
    }
    let unmatched = lists
        .iter()
        .flat_map(|(region, (found, _))| {
            found
                .iter()
                .enumerate()
                .map(move |(number, found)| ((*region, number), &found.alarm))
        })
        .filter(|(key, alarm)| alarm.state != AlarmState::Ok && !matched.contains(key))
        .map(|(_, alarm)| alarm.clone())
        .collect();
    Alarms {
        by_resource,
        unmatched,
    }
}

fn want(aws: &Aws, resource: &Resource) -> Result<Wanted, Failure> {
    let Some(kind) = aws.kind(resource) else {
        return Ok(Wanted {
            region: aws.endpoint_region(&resource.region).clone(),
            pattern: None,
        });
    };
    let dimensions: Dimensions = kind
        .dimensions_for(resource)
        .map_err(|missing| unknown_attribute(DESCRIBE_ALARMS, &missing))?
        .into_iter()
        .collect();
    Ok(Wanted {
        region: aws.metrics_region(kind, resource),
        // Without dimensions every alarm of the namespace would fit.
        pattern: kind
            .namespace
            .clone()
            .filter(|_| !dimensions.is_empty())
            .map(|namespace| (namespace, dimensions)),
    })
}

/// Places of the alarms that look at this resource: the alarm's dimensions hold all of the
/// resource's with equal values, so that an alarm on a whole cluster fits none of its services.
fn fitting<'a>(wanted: &'a Wanted, found: &'a [ListedAlarm]) -> impl Iterator<Item = usize> + 'a {
    found.iter().enumerate().filter_map(|(number, found)| {
        let (namespace, dimensions) = wanted.pattern.as_ref()?;
        found
            .watches
            .iter()
            .any(|watched| {
                watched.namespace == *namespace
                    && dimensions
                        .iter()
                        .all(|(name, value)| watched.dimensions.get(name) == Some(value))
            })
            .then_some(number)
    })
}

/// All alarms of a region. What is missing or not understood leaves the rest as it is.
async fn list(region: RegionClient<'_>) -> List {
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    let mut trouble = None;
    loop {
        match page(region, token.as_ref(), &mut found, &mut trouble).await {
            Ok(None) => break,
            Ok(next) => token = next,
            Err(failure) => {
                trouble = Some(failure);
                break;
            }
        }
    }
    found.sort_by(|a, b| a.alarm.name.cmp(&b.alarm.name));
    (found, trouble)
}

/// One page, and the token of the next.
async fn page(
    region: RegionClient<'_>,
    token: Option<&String>,
    found: &mut Vec<ListedAlarm>,
    trouble: &mut Option<Failure>,
) -> Result<Option<String>, Failure> {
    let send = region
        .cloudwatch()
        .describe_alarms()
        .alarm_types(AlarmType::CompositeAlarm)
        .alarm_types(AlarmType::MetricAlarm)
        .max_records(PAGE)
        .set_next_token(token.cloned())
        .send();
    let page = region.call(DESCRIBE_ALARMS, send).await?;
    let metric = page.metric_alarms().iter().map(from_metric);
    for alarm in metric.chain(page.composite_alarms().iter().map(from_composite)) {
        match alarm {
            Ok(alarm) => found.push(alarm),
            Err(failure) => *trouble = Some(failure),
        }
    }
    next_page(DESCRIBE_ALARMS, token, page.next_token)
}

fn from_metric(alarm: &MetricAlarm) -> Result<ListedAlarm, Failure> {
    let direct = alarm.metric_name().map(|metric| Watched {
        namespace: alarm.namespace().unwrap_or_default().to_owned(),
        metric: metric.to_owned(),
        dimensions: dimensions(alarm.dimensions()),
    });
    let in_expressions = alarm.metrics().iter().filter_map(|query| {
        let metric = query.metric_stat()?.metric()?;
        Some(Watched {
            namespace: metric.namespace().unwrap_or_default().to_owned(),
            metric: metric.metric_name().unwrap_or_default().to_owned(),
            dimensions: dimensions(metric.dimensions()),
        })
    });
    let watches: Vec<Watched> = direct.into_iter().chain(in_expressions).collect();
    let shown = watches.first();
    Ok(ListedAlarm {
        alarm: Alarm {
            name: Untrusted::from(alarm.alarm_name().unwrap_or_default()),
            arn: alarm.alarm_arn().and_then(arn),
            state: state(alarm.alarm_name(), alarm.state_value())?,
            since: alarm
                .state_transitioned_timestamp()
                .or(alarm.state_updated_timestamp())
                .and_then(instant),
            reason: Untrusted::from(alarm.state_reason().unwrap_or_default()),
            metric: Untrusted::from(shown.map_or("", |watched| watched.metric.as_str())),
            namespace: Untrusted::from(shown.map_or("", |watched| watched.namespace.as_str())),
            dimensions: shown
                .map(|watched| &watched.dimensions)
                .into_iter()
                .flatten()
                .map(|(name, value)| {
                    (
                        Untrusted::from(name.as_str()),
                        Untrusted::from(value.as_str()),
                    )
                })
                .collect(),
            actions: actions(alarm.alarm_actions()),
        },
        watches,
    })
}

fn actions(arns: &[String]) -> Vec<Untrusted> {
    let arns = arns.iter().map(String::as_str);
    arns.map(Untrusted::from).collect()
}

fn from_composite(alarm: &CompositeAlarm) -> Result<ListedAlarm, Failure> {
    Ok(ListedAlarm {
        alarm: Alarm {
            name: Untrusted::from(alarm.alarm_name().unwrap_or_default()),
            arn: alarm.alarm_arn().and_then(arn),
            state: state(alarm.alarm_name(), alarm.state_value())?,
            since: alarm
                .state_transitioned_timestamp()
                .or(alarm.state_updated_timestamp())
                .and_then(instant),
            reason: Untrusted::from(alarm.state_reason().unwrap_or_default()),
            metric: Untrusted::default(),
            namespace: Untrusted::default(),
            dimensions: BTreeMap::new(),
            actions: actions(alarm.alarm_actions()),
        },
        watches: Vec::new(),
    })
}

/// Names of alarms may hold what an ARN may not, blanks for instance.
fn arn(text: &str) -> Option<Arn> {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b if b.is_ascii_alphanumeric() || b":/_.+=,@*$#~!()-".contains(&b) => {
                out.push(char::from(b));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    Arn::new(out).ok()
}

fn dimensions(dimensions: &[Dimension]) -> Dimensions {
    dimensions
        .iter()
        .filter_map(|dimension| Some((dimension.name()?.to_owned(), dimension.value()?.to_owned())))
        .collect()
}

/// An alarm whose state is not understood must not pass for a quiet one.
fn state(name: Option<&str>, value: Option<&StateValue>) -> Result<AlarmState, Failure> {
    match value {
        Some(StateValue::Ok) => Ok(AlarmState::Ok),
        Some(StateValue::Alarm) => Ok(AlarmState::Alarm),
        Some(StateValue::InsufficientData) => Ok(AlarmState::InsufficientData),
        other => Err(Failure::ours(
            DESCRIBE_ALARMS,
            GapCause::Garbled,
            format!(
                "alarm {:?} is in a state that is not known here: {:?}",
                name.unwrap_or_default(),
                other.map_or("none", StateValue::as_str)
            ),
        )),
    }
}

fn instant(at: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(at.secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudwatch::types::Metric;
    use aws_sdk_cloudwatch::types::MetricDataQuery;
    use aws_sdk_cloudwatch::types::MetricStat;

    fn dimension(name: &str, value: &str) -> Dimension {
        Dimension::builder().name(name).value(value).build()
    }

    fn service() -> Wanted {
        Wanted {
            region: Region::new("eu-central-1").expect("a region"),
            pattern: Some((
                "AWS/ECS".to_owned(),
                Dimensions::from([
                    ("ClusterName".to_owned(), "shop".to_owned()),
                    ("ServiceName".to_owned(), "web".to_owned()),
                ]),
            )),
        }
    }

    #[test]
    fn an_alarm_fits_when_it_has_all_dimensions_of_the_resource() {
        let cases = [
            (
                "AWS/ECS",
                vec![("ClusterName", "shop"), ("ServiceName", "web")],
                true,
            ),
            (
                "AWS/ECS",
                vec![
                    ("ClusterName", "shop"),
                    ("ServiceName", "web"),
                    ("Extra", "x"),
                ],
                true,
            ),
            ("AWS/ECS", vec![("ClusterName", "shop")], false),
            (
                "AWS/ECS",
                vec![("ClusterName", "shop"), ("ServiceName", "api")],
                false,
            ),
            (
                "AWS/Lambda",
                vec![("ClusterName", "shop"), ("ServiceName", "web")],
                false,
            ),
            ("AWS/ECS", vec![], false),
        ];
        for (namespace, dimensions, expected) in cases {
            let dimensions: Vec<Dimension> =
                dimensions.iter().map(|(n, v)| dimension(n, v)).collect();
            let direct = MetricAlarm::builder()
                .state_value(StateValue::Alarm)
                .metric_name("CPUUtilization")
                .namespace(namespace)
                .set_dimensions(Some(dimensions.clone()))
                .build();
            let metric = Metric::builder()
                .namespace(namespace)
                .metric_name("CPUUtilization")
                .set_dimensions(Some(dimensions.clone()))
                .build();
            let query = MetricDataQuery::builder().id("m1").metric_stat(
                MetricStat::builder()
                    .metric(metric)
                    .stat("Sum")
                    .period(60)
                    .build(),
            );
            let expression = MetricAlarm::builder()
                .state_value(StateValue::Alarm)
                .metrics(
                    MetricDataQuery::builder()
                        .id("e1")
                        .expression("m1 * 2")
                        .build(),
                )
                .metrics(query.build())
                .build();
            for alarm in [direct, expression] {
                let found = [from_metric(&alarm).expect("a known state")];
                let fits = fitting(&service(), &found).count() == 1;
                assert_eq!(fits, expected, "{namespace} {dimensions:?}");
            }
        }
    }

    #[test]
    fn any_name_of_an_alarm_makes_an_arn() {
        let made = |name: &str| {
            let text = format!("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{name}");
            arn(&text).map(|arn| arn.resource().to_owned())
        };
        assert_eq!(made("shop-5xx").as_deref(), Some("alarm:shop-5xx"));
        assert_eq!(
            made("shop 5xx | ü").as_deref(),
            Some("alarm:shop%205xx%20%7C%20%C3%BC")
        );
        assert_ne!(made("a%20b"), made("a b"));
    }

    #[test]
    fn a_state_that_is_not_known_is_not_quiet() {
        let alarm = MetricAlarm::builder()
            .alarm_name("a")
            .state_value(StateValue::from("SNOOZED"))
            .build();
        let failure = from_metric(&alarm).expect_err("a failure");
        assert_eq!(failure.cause, GapCause::Garbled);
    }
}
