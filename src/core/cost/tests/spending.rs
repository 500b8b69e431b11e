//! What was spent.

use super::*;
use crate::model::cost_report::LimitState;
use crate::model::fact::{Gap, GapCause};

// Case 32.
#[test]
fn credits_stand_apart() {
    let mut scene = Scene::new(
        Table::new()
            .a_month([LAMBDA, "Lambda-GB-Second"], "Second", 300.0)
            .a_month(["Tax", "NoUsageType"], "", 30.0)
            .a_month(["AWS Support (Business)", "Dollar"], "", 100.0),
    );
    let records = Table::new()
        .a_month([LAMBDA, "Usage"], "", 300.0)
        .with(
            [LAMBDA, "Credit"],
            "",
            |day| if day < 30 { 0.0 } else { -10.0 },
        )
        .a_month(["Tax", "Tax"], "", 30.0);
    scene.spend.records = Ok(records.0);
    let (report, _) = scene.report();
    let spending = report.spending.expect("spending");
    assert_eq!(spending.total, 300.0);
    let lambda = spending.drivers.first().expect("a driver");
    assert_eq!((lambda.amount, lambda.credits), (300.0, -300.0));
    assert_eq!(lambda.change_percent, Some(0.0));
    let adjustments: Vec<_> = spending
        .adjustments
        .iter()
        .map(|one| (one.record_type.raw(), one.amount))
        .collect();
    assert_eq!(
        adjustments,
        [("Credit", -300.0), ("Support", 100.0), ("Tax", 30.0)]
    );
}

// Case 33.
#[test]
fn what_cost_explorer_does_not_say_is_unknown() {
    let gap = |cause, code: &str| Gap {
        operation: "ce:GetCostAndUsage".to_owned(),
        subject: "the cost of these days".to_owned(),
        cause,
        code: Some(Untrusted::from(code)),
        message: Untrusted::from("no"),
        missing_permission: None,
    };
    let denied = gap(GapCause::Denied, "AccessDeniedException");
    let early = gap(GapCause::ProviderError, "DataUnavailableException");
    for answer in [Err(denied.clone()), Err(early), Ok(Table::new().0)] {
        let mut scene = Scene::new(Table::new());
        scene.spend.usage = answer;
        let (report, _) = scene.report();
        assert_eq!(report.spending, None);
        assert!(!report.gaps.is_empty());
        assert_eq!(report.savings.share_percent, None);
    }
    // The rest is still reported where only the records are denied.
    let mut scene = Scene::new(Table::new().a_month([LAMBDA, "Request"], "", 3.0));
    scene.spend.records = Err(denied);
    let (report, _) = scene.report();
    assert_eq!(report.spending.map(|spending| spending.total), Some(3.0));
    assert_eq!(report.gaps.len(), 1);
}

#[test]
fn spikes_are_against_the_same_weekday() {
    // Twice as much on weekends, always: no spike. Then a jump on the last day but one.
    let weekly = |day: usize| if day % 7 < 2 { 20.0 } else { 10.0 };
    let jump = move |day: usize| if day == 58 { 45.0 } else { weekly(day) };
    let scene = Scene::new(
        Table::new()
            .with([LAMBDA, "Lambda-GB-Second"], "", weekly)
            .with([RDS, "InstanceUsage:db.t3.medium"], "", jump)
            // A fee on the first of each month, and one that is too small.
            .with(["Amazon Route 53", "HostedZone"], "", |day| {
                if day == 46 || day == 18 { 50.0 } else { 0.0 }
            })
            .with(
                ["AWS Glue", "DPU"],
                "",
                |day| if day == 58 { 0.9 } else { 0.1 },
            )
            .with(["Amazon Athena", "Data"], "", |day| {
                if day == 57 { 8.0 } else { 0.0 }
            }),
    );
    let (report, _) = scene.report();
    let spikes = report.spending.expect("spending").spikes;
    let found: Vec<_> = spikes
        .iter()
        .map(|it| (it.service.raw(), it.day.to_string(), it.amount, it.usual))
        .collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].0, "RDS");
    assert_eq!((found[0].2, found[0].3.is_some()), (45.0, true));
    // A service without a past is new.
    assert_eq!((found[1].0, found[1].2, found[1].3), ("Athena", 8.0, None));
}

#[test]
fn budgets_and_forecast() {
    let mut scene = Scene::new(Table::new().with([LAMBDA, "Request"], "", |_| 10.0));
    scene.settings.monthly_budget_usd = Some(200.0);
    scene.settings.daily_budget_usd = Some(12.0);
    let (report, _) = scene.report();
    let spending = report.spending.expect("spending");
    let forecast = spending.forecast.expect("a forecast");
    // 14 complete days of March at ten dollars; 31 in all.
    assert_eq!((forecast.so_far, forecast.expected), (140.0, 310.0));
    assert_eq!((forecast.low, forecast.high), (310.0, 310.0));
    let states: Vec<_> = spending.budgets.iter().map(|it| it.state).collect();
    assert_eq!(states, [LimitState::ExpectedAbove, LimitState::Within]);

    // On the first of a month nothing of it is known yet.
    let first: Timestamp = "2026-03-01T05:00:00Z".parse().expect("a time");
    let mut scene = Scene::new(Table::at(first).with([LAMBDA, "Request"], "", |_| 10.0));
    scene.now = first;
    let (report, _) = scene.report();
    let forecast = report
        .spending
        .expect("spending")
        .forecast
        .expect("a forecast");
    assert_eq!((forecast.so_far, forecast.expected), (0.0, 310.0));
}

#[test]
fn days_that_are_not_there_yet_are_not_zero() {
    let late = |day: usize| if day >= 58 { 0.0 } else { 10.0 };
    let mut scene = Scene::new(Table::new().with([LAMBDA, "Request"], "", late));
    scene.settings.daily_budget_usd = Some(5.0);
    let (report, _) = scene.report();
    let spending = report.spending.expect("spending");
    assert_eq!(spending.missing_days, 2);
    let forecast = spending.forecast.expect("a forecast");
    assert_eq!((forecast.so_far, forecast.expected), (120.0, 310.0));
    assert_eq!(spending.budgets[0].state, LimitState::Above);
}
