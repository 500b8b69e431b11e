//! The clock of this machine beside the provider's. A window that ends in the provider's future
//! has no data, which must not pass for nothing having happened.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

use crate::cloud::aws::errors::Failure;
use crate::model::fact::GapCause;
use crate::model::window::Window;
use crate::text::times;

/// Seconds that clocks may differ by without a word: answers take their time.
const SLACK_SECONDS: i64 = 60;

/// CloudWatch lists metrics with data of the last three hours. One of them is for what is late.
const RECENT_SECONDS: i64 = 2 * 3600;

/// What the two clocks said about one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clocks {
    /// Ours, when the request was signed.
    ours: Timestamp,
    /// The provider's, when it answered.
    theirs: Timestamp,
}

impl Clocks {
    /// Parses the time of a signature (`20261130T052500Z`) and that of an answer, which is in
    /// whole seconds. `None` where one of them is missing or no time.
    pub(crate) fn parse(signed: Option<&str>, answered: Option<&str>) -> Option<Self> {
        let signed = DateTime::strptime("%Y%m%dT%H%M%SZ", signed?).ok()?;
        let ours = signed.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let theirs = rfc2822::parse(answered?).ok()?.timestamp();
        Some(Self { ours, theirs })
    }

    /// Whether a window is of the last two hours, as the provider counts them.
    pub(crate) fn is_recent(&self, window: &Window) -> bool {
        self.theirs.as_second() - window.start.as_second() <= RECENT_SECONDS
    }

    /// Why metrics of this window cannot be known; `None` where they can.
    pub(crate) fn hides(&self, operation: &str, window: &Window) -> Option<Failure> {
        let ahead = self.ours.as_second() - self.theirs.as_second();
        let in_future = window.end > self.theirs;
        (ahead > SLACK_SECONDS && in_future).then(|| {
            let message = format!(
                "this machine's clock is {} ahead of AWS's, so the window ends in AWS's future, of which there is no data",
                times::span(ahead)
            );
            Failure::ours(operation, GapCause::Clock, message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_in_the_future_of_the_provider_is_hidden() {
        let answered = "Mon, 30 Nov 2026 10:00:00 GMT";
        let end = |text: &str| Window {
            start: "2026-11-30T09:00:00Z".parse().expect("a time"),
            end: format!("2026-11-30T{text}Z").parse().expect("a time"),
            period_seconds: 300,
        };
        for (signed, window, hidden) in [
            ("20261130T100000Z", "09:55:00", None),
            ("20261130T102000Z", "10:15:00", Some("20 min")),
            ("20261130T120000Z", "11:55:00", Some("2 h")),
            // Behind, or fixed by hand to another time: the window is over for both.
            ("20261130T094000Z", "09:35:00", None),
            ("20261130T120000Z", "09:55:00", None),
            ("20261130T100030Z", "10:05:00", None),
        ] {
            let clocks = Clocks::parse(Some(signed), Some(answered)).expect("two times");
            let failure = clocks.hides("cloudwatch:GetMetricData", &end(window));
            let said = failure.as_ref().map(|failure| failure.message.raw());
            assert_eq!(said.is_some(), hidden.is_some(), "{signed}: {said:?}");
            let words = hidden.unwrap_or_default();
            assert!(said.is_none_or(|said| said.contains(words)), "{said:?}");
            assert!(failure.is_none_or(|failure| failure.cause == GapCause::Clock));
        }
        assert_eq!(Clocks::parse(None, Some(answered)), None);
        assert_eq!(Clocks::parse(Some("20261130T100000Z"), Some("soon")), None);
    }
}
