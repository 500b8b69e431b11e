//! The issues that a command line is about.

use super::line::Line;

impl Line<'_> {
    /// The issues that it is about.
    pub(super) fn ids(&mut self) {
        let ids = self.utterance.entities.of("issue");
        let many = self.takes("issues");
        if ids.len() > 1 && !many {
            let problem = format!("`{}` takes one issue at a time", self.intent.command);
            self.made.missing.push(problem);
        }
        let most = if many { ids.len() } else { 1 };
        let ids: Vec<String> = ids.iter().take(most).map(|id| (*id).to_owned()).collect();
        for id in ids {
            self.push(id);
        }
    }

    /// `merge A and B into C`, `A is a duplicate of C`, `A is part of the incident of C`.
    pub(super) fn merged(&mut self, option: &str) {
        let tokens = &self.utterance.tokens;
        // `keep 001`.
        let kept = tokens.windows(2).find(|pair| {
            matches!(
                pair[0].word.as_str(),
                "keep" | "keeping" | "stays" | "surviving"
            )
        });
        let ids = self.utterance.entities.of("issue");
        let kept = kept.and_then(|pair| {
            let mut ids = ids.iter();
            ids.find(|id| id.ends_with(&pair[1].word)).copied()
        });
        if let Some(kept) = kept {
            let others: Vec<String> = ids
                .iter()
                .filter(|id| **id != kept)
                .map(|id| (*id).to_owned())
                .collect();
            self.made.arguments.extend(others);
            self.option(option, Some(kept.to_owned()));
            return;
        }
        let into = tokens.iter().rposition(|token| {
            matches!(
                token.word.as_str(),
                "into" | "of" | "with" | "to" | "duplicates" | "as" | "under"
            )
        });
        let issues = self.utterance.entities.all.iter();
        let issues = issues.filter(|one| one.slot == "issue");
        let (stays, others): (Vec<_>, Vec<_>) =
            issues.partition(|one| into.is_some_and(|at| one.from > at));
        for other in others {
            self.push(other.value.clone());
        }
        if let [one] = stays.as_slice() {
            self.option(option, Some(one.value.clone()));
        }
    }
}
