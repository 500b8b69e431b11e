//! What Cost Explorer is asked, once a day.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::workspace::views::settings::Settings;
use crate::cloud::Cloud;
use crate::cloud::question::SpendQuestion;
use crate::core::cost::{CostWindows, SpendAnswers};
use crate::model::cost::{CostDays, SpendGrouping, SpendTable};
use crate::model::environments::Environment;
use crate::model::fact::Gap;
use crate::model::ids::{AccountId, EnvironmentName};
use crate::model::monitoring::CostSection;
use crate::model::spending::{SpendingDocument, TaggedSpending};
use crate::text::Untrusted;

/// What is asked about an environment.
pub(super) struct BillQuestion {
    environment: EnvironmentName,
    days: CostDays,
    account: Option<AccountId>,
    tags: BTreeMap<String, String>,
    group_by_tag: Option<String>,
}

impl BillQuestion {
    /// Makes the question: the account of the environment, and its tags where it has any.
    pub(super) fn new(
        settings: Settings<'_>,
        environment: &Environment,
        cost: &CostSection,
        now: Timestamp,
    ) -> Self {
        Self {
            environment: environment.name.clone(),
            days: CostWindows::at(now).both(),
            account: settings.account(environment),
            tags: environment.tags.clone(),
            group_by_tag: cost.group_by_tag.clone(),
        }
    }

    /// Returns what is counted, in words.
    pub(super) fn scope(&self) -> Untrusted {
        let account = match &self.account {
            Some(account) => format!("account {account}"),
            None => "all accounts that the credentials see".to_owned(),
        };
        let tags: Vec<String> = self
            .tags
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Untrusted::from(match tags.is_empty() {
            true => account,
            false => format!("{account}, tagged {}", tags.join(", ")),
        })
    }

    /// Asks, unless today's answer is known; returns also what is to be kept.
    pub(super) async fn ask(
        &self,
        cloud: &dyn Cloud,
        known: Option<&SpendingDocument>,
        now: Timestamp,
    ) -> (SpendAnswers, Option<SpendingDocument>) {
        if let Some(known) = known.filter(|known| self.is_answered_by(known, now)) {
            return (of_document(known), None);
        }
        let by_usage = self.question(SpendGrouping::UsageType);
        let usage = cloud.spend(&by_usage).await;
        // Where the first is refused the next would be too, and each is paid for.
        let records = match &usage {
            Ok(_) => cloud.spend(&self.question(SpendGrouping::RecordType)).await,
            Err(gap) => Err(gap.clone()),
        };
        let by_tag = match (&usage, &self.group_by_tag) {
            (Ok(_), Some(tag)) => Some(
                cloud
                    .spend(&self.question(SpendGrouping::Tag(tag.clone())))
                    .await,
            ),
            _ => None,
        };
        let answers = SpendAnswers {
            usage,
            records,
            by_tag,
        };
        let document = self.document(&answers, now);
        (answers, document)
    }

    fn question(&self, by: SpendGrouping) -> SpendQuestion {
        SpendQuestion {
            environment: self.environment.clone(),
            days: self.days,
            by,
            account: self.account.clone(),
            tags: self.tags.clone().into_iter().collect(),
        }
    }

    fn is_answered_by(&self, known: &SpendingDocument, now: Timestamp) -> bool {
        let tag = known.by_tag.as_ref().map(|it| &it.tag);
        is_same_day(known.read_at, now)
            && known.days == self.days
            && known.account == self.account
            && known.tags == self.tags
            && tag == self.group_by_tag.as_ref()
    }

    /// What is kept: nothing unless every question was answered, and there is something.
    fn document(&self, answers: &SpendAnswers, now: Timestamp) -> Option<SpendingDocument> {
        let usage = answers
            .usage
            .as_ref()
            .ok()
            .filter(|table| !table.groups.is_empty())?;
        let records = answers.records.as_ref().ok()?;
        let by_tag = match &answers.by_tag {
            None => None,
            Some(answer) => Some(TaggedSpending {
                tag: self.group_by_tag.clone()?,
                table: answer.as_ref().ok()?.clone(),
            }),
        };
        Some(SpendingDocument {
            version: "1.0.0".to_owned(),
            environment: self.environment.clone(),
            read_at: now,
            days: self.days,
            account: self.account.clone(),
            tags: self.tags.clone(),
            usage: rounded(usage),
            records: rounded(records),
            by_tag: by_tag.map(|it| TaggedSpending {
                table: rounded(&it.table),
                ..it
            }),
        })
    }
}

fn of_document(known: &SpendingDocument) -> SpendAnswers {
    let tagged = known.by_tag.as_ref().map(|it| &it.table);
    SpendAnswers {
        usage: Ok(known.usage.clone()),
        records: Ok(known.records.clone()),
        by_tag: tagged.cloned().map(Ok),
    }
}

/// Answers of a run that could not even learn who it is.
pub(super) fn unread(gap: Gap) -> SpendAnswers {
    SpendAnswers {
        usage: Err(gap.clone()),
        records: Err(gap),
        by_tag: None,
    }
}

/// Amounts to a hundred-millionth, so that sums over many days and groups stay right to the cent, and
/// the file stays small.
fn rounded(table: &SpendTable) -> SpendTable {
    let round = |amounts: &mut Vec<f64>| {
        for amount in amounts {
            *amount = (*amount * 1e8).round() / 1e8 + 0.0;
        }
    };
    let mut table = table.clone();
    for group in &mut table.groups {
        round(&mut group.unblended);
        round(&mut group.net_amortized);
        round(&mut group.usage);
    }
    table
}

/// Whether two moments are of one day, which for Cost Explorer begins in UTC.
fn is_same_day(one: Timestamp, other: Timestamp) -> bool {
    let day = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).date();
    day(one) == day(other)
}
