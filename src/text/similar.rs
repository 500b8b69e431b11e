//! "Did you mean": the nearest of a list of words.

/// Returns the word that is nearest to `wrong`, where one is near enough to be meant. A swap of
/// neighbours counts as one slip.
pub(crate) fn nearest<'a>(
    wrong: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wrong = wrong.chars().take(64).collect::<String>().to_lowercase();
    let limit = (wrong.chars().count() / 3).clamp(1, 3);
    words
        .into_iter()
        .map(|word| (strsim::osa_distance(&wrong, &word.to_lowercase()), word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let words = ["active", "resolved", "environments", "account_id"];
        for (wrong, right) in [
            ("activ", Some("active")),
            ("Active", Some("active")),
            ("resovled", Some("resolved")),
            ("enviroments", Some("environments")),
            ("accountid", Some("account_id")),
            ("zebra", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, words), right, "{wrong}");
        }
    }
}
