//! Whether an action may be run at all, and who has to agree.

use jiff::Timestamp;

use crate::catalog::actions::{Action, DefaultLevel};
use crate::model::monitoring::RemediationSection;
use crate::model::remediation::ConsentWay;
use crate::text::{Untrusted, times};

/// What an action requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SafetyLevel {
    /// Nothing: runs apply it by themselves.
    Auto,
    /// Consent.
    Confirm,
    /// It is never run.
    Never,
}

impl SafetyLevel {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Confirm => "confirm",
            Self::Never => "never",
        }
    }
}

/// The lists of `[remediation]`, of the checkout and of the branch that everybody has agreed on.
/// A change of the checkout can only make them stricter.
#[derive(Debug, Clone, Copy)]
pub struct SafetyRules<'a> {
    /// Those of the checkout.
    pub here: &'a RemediationSection,
    /// Those of the default branch, where it is known.
    pub trusted: Option<&'a RemediationSection>,
}

impl SafetyRules<'_> {
    /// Returns what an action requires. The strictest list that names it counts; an action in no
    /// list needs consent.
    pub fn level(&self, action: &Action) -> SafetyLevel {
        let here = level_in(self.here, action);
        let trusted = self.trusted.map(|section| level_in(section, action));
        trusted.map_or(here, |trusted| trusted.max(here))
    }
}

fn level_in(section: &RemediationSection, action: &Action) -> SafetyLevel {
    let named = |list: &[String]| {
        list.iter()
            .any(|name| name == "*" || action.is_called(name))
    };
    if action.level == DefaultLevel::Never || named(&section.never_auto) {
        SafetyLevel::Never
    } else if named(&section.require_confirmation) || !named(&section.auto_remediate) {
        SafetyLevel::Confirm
    } else {
        SafetyLevel::Auto
    }
}

/// `FREEZE`: no automatic action until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Why.
    pub reason: Untrusted,
    /// When it ends; never where it does not say.
    pub until: Option<Timestamp>,
}

impl Freeze {
    /// Reads the file: `reason = "…"` and `until = "…"`. What cannot be read freezes without end.
    pub fn read(text: &str) -> Self {
        let table = text.parse::<toml::Table>().unwrap_or_default();
        let word = |key: &str| table.get(key).map(ToString::to_string);
        let word = |key: &str| word(key).map(|text| text.trim_matches('"').to_owned());
        let reason = word("reason").or_else(|| text.lines().next().map(str::to_owned));
        Self {
            reason: Untrusted::new(reason.unwrap_or_default()),
            until: word("until").and_then(|text| text.parse().ok()),
        }
    }

    /// Whether it still counts.
    pub fn counts(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// What is known when an action is about to be run.
#[derive(Debug, Clone, Copy)]
pub struct PermitInput<'a> {
    /// What it requires.
    pub level: SafetyLevel,
    /// Whether every action needs consent in the environment.
    pub is_protected: bool,
    /// How someone agreed.
    pub way: ConsentWay,
    /// `FREEZE`, where there is one.
    pub freeze: Option<&'a Freeze>,
    /// Until when `auto_remediate` counts, where that is known.
    pub review_by: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// Why an action may not be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forbidden {
    /// It is never run.
    Never,
    /// The environment is protected, and nobody typed `yes`.
    Protected,
    /// It needs consent.
    NeedsConsent,
    /// Automatic actions are frozen, for this reason.
    Frozen(Untrusted),
    /// What runs may do by themselves was to be looked at again by this time.
    Overdue(Timestamp),
}

impl Forbidden {
    /// Says why.
    pub fn words(&self) -> String {
        match self {
            Self::Never => "it is in `never_auto`, so this program never runs it".to_owned(),
            Self::Protected => {
                "every action in this environment needs consent, and `--yes` is none".to_owned()
            }
            Self::NeedsConsent => "it needs consent".to_owned(),
            Self::Overdue(by) => format!(
                "`auto_remediate` was to be reviewed by {}, so it needs consent",
                times::date(*by)
            ),
            Self::Frozen(reason) if reason.is_empty() => "automatic actions are frozen".to_owned(),
            Self::Frozen(reason) => format!("automatic actions are frozen: {}", reason.raw()),
        }
    }
}

/// Whether an action may be run.
///
/// # Errors
/// Why it may not.
pub fn permit(input: &PermitInput<'_>) -> Result<(), Forbidden> {
    if input.level == SafetyLevel::Never {
        return Err(Forbidden::Never);
    }
    match input.way {
        ConsentWay::Typed | ConsentWay::Merged => Ok(()),
        ConsentWay::Flag if input.is_protected => Err(Forbidden::Protected),
        ConsentWay::Flag => Ok(()),
        ConsentWay::Automatic if input.level != SafetyLevel::Auto || input.is_protected => {
            Err(Forbidden::NeedsConsent)
        }
        ConsentWay::Automatic => {
            if let Some(freeze) = input.freeze.filter(|one| one.counts(input.now)) {
                return Err(Forbidden::Frozen(freeze.reason.clone()));
            }
            match input.review_by.filter(|by| input.now >= *by) {
                Some(by) => Err(Forbidden::Overdue(by)),
                None => Ok(()),
            }
        }
    }
}
