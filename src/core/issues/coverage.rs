//! Why a problem is not among the findings: it is over, or it was not looked for.

use std::collections::BTreeMap;

use crate::model::finding::{Checks, CleanReason, Examination};
use crate::model::subject::Subject;

/// Why a check that an issue is about was not found wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence {
    /// It was not judged, or nothing is said of it.
    Unjudged,
    /// It was judged and is well.
    Healthy,
    /// The subject was judged, and has no such check any more.
    NotChecked,
    /// There is no such subject any more.
    Gone,
}

/// What an examination covers, by subject.
pub(super) struct Covered<'a> {
    examination: &'a Examination,
    clean: BTreeMap<&'a Subject, Vec<(&'a Checks, CleanReason)>>,
    unknown: BTreeMap<&'a Subject, Vec<&'a Checks>>,
}

impl<'a> Covered<'a> {
    pub(super) fn new(examination: &'a Examination) -> Self {
        let mut clean: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for one in &examination.clean {
            let of_subject = clean.entry(&one.subject).or_default();
            of_subject.push((&one.checks, one.why));
        }
        let mut unknown: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for one in &examination.unknown {
            let of_subject = unknown.entry(&one.subject).or_default();
            of_subject.push(&one.checks);
        }
        Self {
            examination,
            clean,
            unknown,
        }
    }

    /// Why `check` was not found wrong on this subject.
    pub(super) fn absence(&self, subject: &Subject, check: &str) -> Absence {
        let clean = self.clean.get(subject);
        let unknown = self.unknown.get(subject);
        if clean.is_none() && unknown.is_none() {
            let inventory = self.examination.inventory.as_ref();
            return match inventory {
                Some(all) if !all.contains(subject) => Absence::Gone,
                _ => Absence::Unjudged,
            };
        }
        // Of a subject that is named twice, one that was not judged is enough.
        if unknown.into_iter().flatten().any(|c| c.contains(check)) {
            return Absence::Unjudged;
        }
        let matching = clean.into_iter().flatten();
        let matching = matching.filter(|(checks, _)| checks.contains(check));
        // The most specific first; of those that are alike, one that saw the check.
        match matching.min().map(|(_, why)| why) {
            Some(CleanReason::Healthy) => Absence::Healthy,
            Some(CleanReason::NotChecked) => Absence::NotChecked,
            None => Absence::Unjudged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{DomainName, EnvironmentName, SourceName};

    fn subject(name: &str) -> Subject {
        Subject::parse(&format!("arn:aws:s3:::{name}")).expect("a subject")
    }

    #[test]
    fn the_most_specific_word_counts_and_unknown_wins() {
        let mut seen = Examination::new(
            SourceName::observer(),
            DomainName::new("infrastructure").expect("a domain"),
            EnvironmentName::new("prod").expect("an environment"),
        );
        let a = subject("a");
        seen.mark_clean(&a, Checks::All, CleanReason::NotChecked);
        seen.mark_clean(&a, Checks::from_pattern("alarm/*"), CleanReason::NotChecked);
        seen.mark_clean(&a, Checks::from_pattern("alarm/x"), CleanReason::Healthy);
        seen.mark_clean(&a, Checks::from_pattern("twice"), CleanReason::NotChecked);
        seen.mark_clean(&a, Checks::from_pattern("twice"), CleanReason::Healthy);
        seen.mark_unknown(&a, Checks::from_pattern("alarm/y"));
        let (b, c, d) = (subject("b"), subject("c"), subject("d"));
        seen.mark_clean(&b, Checks::Only("state".to_owned()), CleanReason::Healthy);
        seen.mark_unknown(&c, Checks::All);
        for (subject, check, want) in [
            (&a, "state", Absence::NotChecked),
            (&a, "alarm/x", Absence::Healthy),
            (&a, "alarm/y", Absence::Unjudged),
            (&a, "alarm/z", Absence::NotChecked),
            (&a, "twice", Absence::Healthy),
            (&b, "state", Absence::Healthy),
            (&b, "other", Absence::Unjudged),
            (&c, "state", Absence::Unjudged),
            (&d, "state", Absence::Unjudged),
        ] {
            let got = Covered::new(&seen).absence(subject, check);
            assert_eq!(got, want, "{subject:?} {check}");
        }
        // Only a source that knows everything there is can say what is gone.
        seen.inventory = Some([a, b.clone(), c].into());
        assert_eq!(Covered::new(&seen).absence(&d, "state"), Absence::Gone);
        let other = Covered::new(&seen).absence(&b, "other");
        assert_eq!(other, Absence::Unjudged);
    }
}
