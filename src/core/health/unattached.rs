//! Alarms that belong to no resource: composite ones, those over many resources or a whole
//! cluster, those on the metrics of a log filter. Each is judged as a thing of its own, so that
//! it is in every report and dashboard, has an issue, and alerts.

use std::collections::{BTreeMap, BTreeSet};

use super::alarms;
use super::{EvaluateInput, OpenChecks};
use crate::catalog::Catalog;
use crate::model::fact::GapCause;
use crate::model::ids::{Arn, EnvironmentName, Region};
use crate::model::monitoring::EnabledCheck;
use crate::model::report::{Problem, ResourceHealth, ResourceRef};
use crate::model::snapshot::{Alarm, AlarmState, Snapshot};
use crate::model::status::Status;
use crate::text::Untrusted;

/// What stands in the place of a kind.
pub(super) const ALARM: &str = "alarm";

/// The call that lists alarms.
const DESCRIBE_ALARMS: &str = "cloudwatch:DescribeAlarms";

/// Returns the alarms that are the environment's own: those that belong to no resource, and
/// whose name does not say that they are another environment's of `all`. `None` where the
/// snapshot holds only a part of what is registered: then every other resource's alarms look
/// as if they belonged to none.
pub fn environment_alarms<'a>(
    snapshot: &'a Snapshot,
    catalog: &Catalog,
    registered: &BTreeSet<Arn>,
    all: &[EnvironmentName],
) -> Option<Vec<&'a Alarm>> {
    let seen: BTreeSet<&Arn> = snapshot
        .resources
        .iter()
        .map(|observed| &observed.resource.arn)
        .collect();
    if !registered.iter().all(|arn| seen.contains(arn)) {
        return None;
    }
    let own = |alarm: &&Alarm| {
        alarm.arn.is_some()
            && !alarm.only_scales()
            && belongs_to_none(alarm, catalog)
            && !names_another(alarm, &snapshot.environment, all)
    };
    Some(snapshot.unmatched_alarms.iter().filter(own).collect())
}

/// Whether no single resource is meant. One with all dimensions of a kind is about a resource
/// that is not registered here, and so is one on an AWS service that no kind is known for.
pub(super) fn belongs_to_none(alarm: &Alarm, catalog: &Catalog) -> bool {
    if alarm.metric.is_empty() || alarm.dimensions.is_empty() {
        return true;
    }
    let namespace = alarm.namespace.raw();
    let mut kinds = catalog
        .kinds()
        .filter(|kind| kind.namespace.as_deref() == Some(namespace))
        .peekable();
    if kinds.peek().is_none() {
        return !namespace.starts_with("AWS/");
    }
    !kinds.any(|kind| {
        let mut needed = kind.dimensions.iter();
        needed.all(|(name, template)| {
            template.contains('?')
                || alarm
                    .dimensions
                    .contains_key(&Untrusted::from(name.as_str()))
        })
    })
}

/// Accounts are shared by environments, and alarms are named after them: `prod-checkout-down`
/// is no trouble of `test`.
fn names_another(alarm: &Alarm, own: &EnvironmentName, all: &[EnvironmentName]) -> bool {
    let name = alarm.name.raw().to_lowercase();
    let words: BTreeSet<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    let named = |environment: &EnvironmentName| words.contains(environment.as_str());
    !named(own) && all.iter().any(|other| other != own && named(other))
}

/// Judges them, and those whose issue is open.
pub(super) fn judge(input: &EvaluateInput<'_>) -> Vec<ResourceHealth> {
    let Some(alarms) = input.environment_alarms else {
        return Vec::new();
    };
    let is_on = input.settings.enabled(EnabledCheck::CloudwatchAlarms);
    let mut by_arn: BTreeMap<&Arn, &Alarm> = BTreeMap::new();
    for alarm in alarms.iter().filter(|_| is_on) {
        if let Some(arn) = &alarm.arn {
            by_arn.insert(arn, alarm);
        }
    }
    let mut out = Vec::new();
    for (arn, alarm) in &by_arn {
        let held = input.open.contains_key(*arn);
        match alarm.state {
            AlarmState::Alarm => out.push(in_alarm(input, arn, alarm)),
            // Having no data is the usual state of many alarms: only what rang is worth a word.
            AlarmState::InsufficientData if held => {
                let why = "the alarm has not enough data";
                out.push(unknown(input, arn, why));
            }
            AlarmState::InsufficientData | AlarmState::Ok => {}
        }
    }
    for (arn, name) in open_alarms(input.open) {
        if by_arn.contains_key(arn) {
            continue;
        }
        out.push(match why_unseen(input.snapshot, arn) {
            Some(why) if is_on => unknown(input, arn, &why),
            _ => {
                // The ARN has the name with what it may not hold escaped.
                let known = previous(input, arn).map(|known| known.resource.name.clone());
                let state = if is_on { "OK" } else { "not checked" };
                entry(arn, known.unwrap_or(name), Status::Healthy, state)
            }
        });
    }
    out
}

/// Alarms that have an open issue.
fn open_alarms(open: &OpenChecks) -> impl Iterator<Item = (&Arn, Untrusted)> {
    open.keys()
        .filter(|arn| is_alarm(arn))
        .map(|arn| (arn, name_in(arn)))
}

fn is_alarm(arn: &Arn) -> bool {
    arn.service() == "cloudwatch" && arn.resource().starts_with("alarm:")
}

fn name_in(arn: &Arn) -> Untrusted {
    let name = arn.resource().strip_prefix("alarm:").unwrap_or_default();
    Untrusted::from(name)
}

/// Why nothing is known of an alarm that was not listed.
fn why_unseen(snapshot: &Snapshot, arn: &Arn) -> Option<String> {
    let hides = |cause: GapCause| cause != GapCause::NotAsked;
    let mut gaps = snapshot.gaps.iter();
    let gap = gaps.find(|gap| {
        (gap.operation == DESCRIBE_ALARMS && hides(gap.cause))
            || matches!(gap.cause, GapCause::ShardMissing | GapCause::NotRecorded)
    });
    if let Some(gap) = gap {
        return Some(format!(
            "alarms unknown: {} {}",
            gap.operation,
            gap.cause.words()
        ));
    }
    if snapshot.identity.gap().is_some() {
        return Some("alarms unknown: AWS was not asked".to_owned());
    }
    // Alarms are listed in the regions of resources.
    let mut regions = snapshot.resources.iter().map(|one| &one.resource.region);
    let asked =
        regions.any(|region| region.as_str() == arn.region() || region.as_str() == "global");
    (!asked).then(|| format!("alarms unknown: no resource is in {}", arn.region()))
}

fn in_alarm(input: &EvaluateInput<'_>, arn: &Arn, alarm: &Alarm) -> ResourceHealth {
    let check = alarms::check(&alarm.name);
    let title = Untrusted::new(format!("alarm {} is in ALARM", alarm.name.raw()));
    let problem = Problem {
        severity: None,
        status: Status::Degraded,
        slo_breach: false,
        alarm_only: true,
        title: title.clone(),
        symptoms: vec![alarms::symptom(alarm)],
        seen: seen_before(input, arn, &check).saturating_add(1),
        burn: None,
        check,
    };
    ResourceHealth {
        alarms: alarms::lines(std::slice::from_ref(alarm)),
        reasons: vec![title],
        problems: vec![problem],
        ..entry(arn, alarm.name.clone(), Status::Degraded, "ALARM")
    }
}

fn unknown(input: &EvaluateInput<'_>, arn: &Arn, why: &str) -> ResourceHealth {
    let name = name_in(arn);
    let previous = previous(input, arn);
    let held = previous.map_or_else(BTreeMap::new, |previous| {
        let problems = previous
            .problems
            .iter()
            .map(|one| (one.check.clone(), one.seen));
        problems.chain(previous.held.clone()).collect()
    });
    ResourceHealth {
        reasons: vec![Untrusted::from(why)],
        unjudged: vec![alarms::ALL.to_owned()],
        held,
        ..entry(arn, name, Status::Unknown, "unknown")
    }
}

fn previous<'a>(input: &EvaluateInput<'a>, arn: &Arn) -> Option<&'a ResourceHealth> {
    let mut checks = input.previous?.checks.iter();
    checks.find(|check| check.resource.arn == *arn)
}

/// Consecutive runs that saw it, as of the report before.
fn seen_before(input: &EvaluateInput<'_>, arn: &Arn, check: &str) -> u32 {
    let Some(previous) = previous(input, arn) else {
        return 0;
    };
    let mut problems = previous.problems.iter();
    let seen = problems.find(|one| one.check == check).map(|one| one.seen);
    seen.or_else(|| previous.held.get(check).copied())
        .unwrap_or(0)
}

fn entry(arn: &Arn, name: Untrusted, status: Status, state: &str) -> ResourceHealth {
    let global = || Region::new("global").expect("`global` is a region");
    ResourceHealth {
        resource: ResourceRef {
            name,
            kind: ALARM.to_owned(),
            arn: arn.clone(),
            region: Region::new(arn.region()).unwrap_or_else(|_| global()),
            console_url: None,
        },
        status,
        state: Untrusted::from(state),
        idle: false,
        changing: false,
        slis: Vec::new(),
        alarms: Vec::new(),
        reasons: Vec::new(),
        problems: Vec::new(),
        unjudged: Vec::new(),
        held: BTreeMap::new(),
        last_data_at: None,
        state_seen_at: None,
        issue_id: None,
    }
}
