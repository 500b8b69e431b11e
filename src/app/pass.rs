//! One pass over environments: observe, decide, land and show. What `run` and `health` share.

use crate::app::alerts::AlertRun;
use crate::app::alerts::deliver::RecordFate;
use crate::app::answer::faults;
use crate::app::debug::record::{OwnRun, add_own_runs};
use crate::app::decide::Observation;
use crate::app::decide::decision::Decision;
use crate::app::formats::ReportFormat;
use crate::app::investigate::auto::AutoInvestigation;
use crate::app::observe;
use crate::app::observe::environments::Only;
use crate::app::occasion::Occasion;
use crate::app::publish::ForGithub;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing::{Landed, Landing, Proposal};
use crate::app::workspace::push::Pushed;
use crate::app::workspace::{landing, load, push};
use crate::app::{App, Outcome};
use crate::app::{decide, publish};
use crate::core::growth::{self, TimeDistance};
use crate::core::issues::{ChangeKind, IssueChange};
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::domain_health::DomainReport;
use crate::model::ids::EnvironmentName;
use crate::model::issue::Issue;
use crate::model::report::HealthReport;
use crate::render::templates::Templates;
use crate::render::{json, markdown, text};
use crate::text::phrases::counted;

/// What a pass is about, and what becomes of it.
pub(crate) struct Pass<'a> {
    /// These environments.
    pub(crate) names: &'a [EnvironmentName],
    /// All of each, or the resources of a name, id or ARN.
    pub(crate) only: Only<'a>,
    /// The occasion, whose list of operations is all that may be sent.
    pub(crate) occasion: Occasion,
    /// How the changes land.
    pub(crate) landing: Landing,
}

impl Pass<'_> {
    /// Observes once, lands, and shows it.
    pub(crate) fn run(&self, app: &App, workspace: Workspace, format: ReportFormat) -> Outcome {
        self.refuse_other_times(app, &workspace)?;
        let observation = self.observe(app, &workspace)?;
        self.land_and_show(app, workspace, &observation, format)
    }

    /// A run whose clock was set must not record what was seen before over what was seen since:
    /// an outage of now would read as over. Nor may it be so far ahead that what is kept for
    /// months expires. Where nobody set the clock, it is the later one that lands last, and
    /// another machine's clock may be wrong.
    pub(crate) fn refuse_other_times(
        &self,
        app: &App,
        workspace: &Workspace,
    ) -> Result<(), CommandError> {
        if matches!(self.landing, Landing::Nothing | Landing::Diff) {
            return Ok(());
        }
        let now = app.clock.now();
        for name in self.names {
            let latest = workspace.records().latest(name);
            let Some(recorded) = latest.map(|report| report.generated_at) else {
                continue;
            };
            let refuse = |what: String, hint: &str| {
                let hint = format!(
                    "leave `--at` (or SOURCE_DATE_EPOCH) out, or set it to {hint}; `--dry-run` shows what it would say"
                );
                Err(CommandError::usage(what).hint(hint))
            };
            match growth::distance(recorded, now) {
                TimeDistance::Before if app.clock.is_fixed() => {
                    return refuse(
                        format!(
                            "`{name}` has an observation of {recorded} already, and this run is set to {now}"
                        ),
                        "a later time",
                    );
                }
                TimeDistance::FarAfter(days) if app.clock.is_fixed() => {
                    return refuse(
                        format!(
                            "the last observation of `{name}` is of {recorded}, and this run is set to {now}, {days} days later"
                        ),
                        "an earlier time",
                    );
                }
                TimeDistance::FarAfter(days) => app.ui.warn(&format!(
                    "the last observation of `{name}` is of {recorded}, {days} days ago by the clock of this machine; nothing old is removed in this run"
                )),
                TimeDistance::Before | TimeDistance::Near => {}
            }
        }
        Ok(())
    }

    /// Lands what was observed, and shows it.
    pub(crate) fn land_and_show(
        &self,
        app: &App,
        workspace: Workspace,
        observation: &Observation,
        format: ReportFormat,
    ) -> Outcome {
        let alerts = AlertRun::new(app, self.landing);
        let (workspace, decision, landed) = self.land(app, workspace, observation, &alerts)?;
        let pushed = push::push_pass(app, &workspace.repository, landed);
        let told = self.deliver(app, &workspace, &alerts, &pushed);
        let landed = pushed.landed;
        let templates = &workspace.templates;
        let reports = reports(&decision);
        let answer = || {
            let text = show(app, templates, format, &reports)?;
            show_domains(app, format, &decision, text)
        };
        publish::landed(app, format, &landed, answer)?;
        if landed != Landed::Looked {
            app.ui.note(&summary(&decision, &landed));
        }
        publish::github(app, &for_github(templates, &decision, &landed)?);
        let (worst, has_unknown) = (decision.worst(), decision.has_unknown());
        pushed.result.and(told)?;
        Ok(publish::exit_code(app.global.fail_on, worst, has_unknown))
    }

    /// Lands what was observed, pushes and sends, without showing anything; with what pushing
    /// and sending came to.
    pub(crate) fn land_and_deliver(
        &self,
        app: &App,
        workspace: Workspace,
        observation: &Observation,
    ) -> Result<(Workspace, Decision, Landed, Result<(), CommandError>), CommandError> {
        let alerts = AlertRun::new(app, self.landing);
        let (workspace, decision, landed) = self.land(app, workspace, observation, &alerts)?;
        let pushed = push::push_pass(app, &workspace.repository, landed);
        let told = self.deliver(app, &workspace, &alerts, &pushed);
        Ok((workspace, decision, pushed.landed, pushed.result.and(told)))
    }

    /// Sends what the commit has recorded as about to be sent, and records what became of it.
    fn deliver(
        &self,
        app: &App,
        workspace: &Workspace,
        alerts: &AlertRun<'_>,
        pushed: &Pushed,
    ) -> Result<(), CommandError> {
        if !alerts.has_planned() {
            return Ok(());
        }
        let repository = &workspace.repository;
        let fate = match pushed.is_recorded || push::keeps_records(app, repository, self.names) {
            true => RecordFate::Kept,
            false => RecordFate::InDoubt,
        };
        let landed = send_and_record(app, workspace, alerts, fate)?;
        landing::report(app, &landed);
        if !pushed.is_recorded {
            // What refused the commit before this one is said already.
            return Ok(());
        }
        push::push_record(app, repository, &landed).map_err(|error| {
            error.hint("alerts were sent, and this could not be recorded: the next run may send them again, with the same keys")
        })
    }

    /// Observes once; decides, lands and sends, without pushing or showing anything.
    pub(crate) fn observe_and_land(
        &self,
        app: &App,
        workspace: Workspace,
    ) -> Result<(Workspace, Decision, Landed), CommandError> {
        let observation = self.observe(app, &workspace)?;
        self.land_and_send(app, workspace, &observation)
    }

    /// Lands what was observed and sends, without pushing or showing anything.
    pub(crate) fn land_and_send(
        &self,
        app: &App,
        workspace: Workspace,
        observation: &Observation,
    ) -> Result<(Workspace, Decision, Landed), CommandError> {
        let alerts = AlertRun::new(app, self.landing);
        let (workspace, decision, landed) = self.land(app, workspace, observation, &alerts)?;
        if alerts.has_planned() {
            send_and_record(app, &workspace, &alerts, RecordFate::Kept)?;
        }
        Ok((workspace, decision, landed))
    }

    fn observe(&self, app: &App, workspace: &Workspace) -> Result<Observation, CommandError> {
        observe::observe(
            app,
            &workspace.scope(),
            self.names,
            self.occasion,
            self.only,
        )
    }

    /// Decides on what was observed, and lands it; again if the head moves meanwhile.
    fn land(
        &self,
        app: &App,
        workspace: Workspace,
        observation: &Observation,
        alerts: &AlertRun<'_>,
    ) -> Result<(Workspace, Decision, Landed), CommandError> {
        let lands = self.landing != Landing::Nothing;
        let looks = AutoInvestigation::new(app, self.occasion, self.landing);
        landing::decide_and_land(app, workspace, self.landing, |workspace| {
            let documents = workspace.documents();
            let now = app.clock.now();
            let mut decision = decide::decide(&documents, observation, self.occasion, lands, now)?;
            looks.attach(workspace, &mut decision)?;
            alerts.attach(&documents, &mut decision)?;
            if lands {
                self.add_refused(app, workspace, observation, &mut decision.transaction);
            }
            Ok(Proposal {
                transaction: std::mem::take(&mut decision.transaction),
                message: std::mem::take(&mut decision.message),
                facts: decision,
            })
        })
    }
}

impl Pass<'_> {
    /// Adds what AWS refused to the log of errors.
    fn add_refused(
        &self,
        app: &App,
        workspace: &Workspace,
        observation: &Observation,
        transaction: &mut Transaction,
    ) {
        let runs = observation.snapshots.iter().map(|snapshot| OwnRun {
            environment: &snapshot.environment,
            command: self.occasion.command(),
            gaps: &snapshot.gaps,
            is_complete: matches!(self.only, Only::Everything),
        });
        let runs: Vec<OwnRun<'_>> = runs.collect();
        add_own_runs(app, workspace, &runs, transaction);
    }
}

/// Sends what was planned on the state after it was recorded, and lands what became of it.
fn send_and_record(
    app: &App,
    workspace: &Workspace,
    alerts: &AlertRun<'_>,
    fate: RecordFate,
) -> Result<Landed, CommandError> {
    // What others pushed meanwhile is part of it now.
    let after = load::load_from(&app.ui, workspace.repository.clone())?;
    let delivered = alerts.send(&after.documents(), fate)?;
    let landed = landing::decide_and_land(app, after, Landing::Commit, |workspace| {
        delivered.propose(&workspace.documents())
    });
    landed.map(|(_, (), landed)| landed)
}

fn reports(decision: &Decision) -> Vec<&HealthReport> {
    let all = decision.environments.iter();
    all.map(|one| &one.report).collect()
}

/// Issue changes as lines for people: a verb, and the issue.
pub(crate) fn change_lines(changes: &[IssueChange]) -> Vec<(&'static str, &Issue)> {
    let verb = |kind: ChangeKind| match kind {
        ChangeKind::Opened => Some("opened"),
        ChangeKind::Reopened => Some("reopened"),
        ChangeKind::Worsened => Some("worse"),
        ChangeKind::Resolved => Some("resolved"),
        ChangeKind::Eased => Some("milder"),
        ChangeKind::StreakAdvanced => Some("better"),
        ChangeKind::Updated | ChangeKind::Touched => None,
    };
    changes
        .iter()
        .filter_map(|change| verb(change.kind).map(|verb| (verb, &change.after)))
        .collect()
}

/// Reports in a format. Several environments make one JSON array, or follow one another.
fn show(
    app: &App,
    templates: &Templates,
    format: ReportFormat,
    reports: &[&HealthReport],
) -> Result<String, CommandError> {
    let style = app.ui.style();
    Ok(match format {
        ReportFormat::Json => match reports {
            [one] => json::pretty(one).map_err(CommandError::bug)?,
            many => json::pretty(&many).map_err(CommandError::bug)?,
        },
        ReportFormat::Markdown => {
            let texts: Result<Vec<_>, _> = reports
                .iter()
                .map(|report| markdown::health(report, templates))
                .collect();
            texts.map_err(faults::template)?.join("\n")
        }
        ReportFormat::Text => reports
            .iter()
            .map(|report| text::health(report, &style))
            .collect::<Vec<_>>()
            .join("\n"),
    })
}

/// The answer with what the programs of other domains said; as JSON, one array of all.
fn show_domains(
    app: &App,
    format: ReportFormat,
    decision: &Decision,
    mut text: String,
) -> Result<String, CommandError> {
    let told: Vec<&DomainReport> = decision.domains.iter().map(|one| &one.report).collect();
    if told.is_empty() {
        return Ok(text);
    }
    match format {
        ReportFormat::Json => {
            let value =
                |result: serde_json::Result<serde_json::Value>| result.map_err(CommandError::bug);
            let mut all = Vec::new();
            for report in reports(decision) {
                all.push(value(serde_json::to_value(report))?);
            }
            for report in told {
                all.push(value(serde_json::to_value(report))?);
            }
            return json::pretty(&all).map_err(CommandError::bug);
        }
        ReportFormat::Markdown => {
            for report in told {
                text.push('\n');
                text.push_str(&markdown::domain(report));
            }
        }
        ReportFormat::Text => {
            for report in told {
                text.push('\n');
                text.push_str(&text::domain(report, &app.ui.style()));
            }
        }
    }
    Ok(text)
}

fn count(decision: &Decision, kinds: &[ChangeKind]) -> u32 {
    let changes = decision.changes();
    let counted = changes.filter(|change| kinds.contains(&change.kind));
    u32::try_from(counted.count()).unwrap_or(u32::MAX)
}

const OPENED: [ChangeKind; 2] = [ChangeKind::Opened, ChangeKind::Reopened];

/// One line: what landed, and why.
fn summary(decision: &Decision, landed: &Landed) -> String {
    let opened = count(decision, &OPENED);
    let resolved = count(decision, &[ChangeKind::Resolved]);
    let reasons = decision.environments.iter().filter_map(|one| {
        let reason = one.reason?;
        Some(format!("{}: {}", one.report.environment, reason.words()))
    });
    let told = decision.domains.iter().filter_map(|one| {
        let (reason, report) = (one.reason?, &one.report);
        let place = format!("{} in {}", report.domain, report.environment);
        Some(format!("{place}: {}", reason.words()))
    });
    let audited = decision.audits.iter().map(|one| {
        let (environment, words) = (&one.report.environment, one.words());
        format!("audit of {environment}: {words}")
    });
    let reasons: Vec<String> = reasons.chain(told).chain(audited).collect();
    match landed {
        Landed::Commit(commit) => format!(
            "committed {} ({}; {opened} opened, {resolved} resolved)",
            commit.short(),
            if reasons.is_empty() {
                // What a quiet run commits is generated, or it is what was sent.
                "no change of health".to_owned()
            } else {
                reasons.join("; ")
            },
        ),
        Landed::Files(files) => format!(
            "wrote {}, nothing was committed",
            counted(*files as u64, "file")
        ),
        Landed::Diff(diff) if diff.is_empty() => "dry run: nothing would change".to_owned(),
        Landed::Diff(_) => "dry run: nothing was written".to_owned(),
        Landed::Looked | Landed::Nothing => {
            "nothing changed since the last commit, so there is none".to_owned()
        }
    }
}

/// What is reported to GitHub Actions.
fn for_github<'a>(
    templates: &Templates,
    decision: &'a Decision,
    landed: &Landed,
) -> Result<ForGithub<'a>, CommandError> {
    let reports = reports(decision);
    let texts: Result<Vec<_>, _> = reports
        .iter()
        .map(|report| markdown::health(report, templates))
        .collect();
    let stored = matches!(landed, Landed::Commit(_) | Landed::Files(_));
    let report_path = decision
        .environments
        .iter()
        .find(|one| stored && one.reason.is_some())
        .map(|one| one.report_path.clone());
    let told = decision.domains.iter();
    let mut texts = texts.map_err(faults::template)?;
    texts.extend(told.map(|one| markdown::domain(&one.report)));
    Ok(ForGithub {
        summary: texts,
        opened: count(decision, &OPENED),
        resolved: count(decision, &[ChangeKind::Resolved]),
        report_path,
        commit: match landed {
            Landed::Commit(commit) => Some(commit.clone()),
            _ => None,
        },
        overall_health: decision.worst(),
        reports,
    })
}
