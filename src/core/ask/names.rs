//! Names that nothing has, and those that come near.

use super::AskContext;
use super::vocabulary::Vocabulary;
use super::words::Token;

/// So many near names are shown.
const MOST_NEAR: usize = 3;
/// From here on two names are near.
const NEAR: f64 = 0.84;

/// What to ask back about a word that nothing is called.
pub(super) fn unknown(
    token: &Token,
    next: Option<&Token>,
    world: &AskContext,
    vocabulary: &Vocabulary,
) -> String {
    let (raw, word) = (&token.raw, &token.word);
    let next = next.map_or("", |next| next.word.as_str());
    let environment = vocabulary.elsewhere.contains(word) || matches!(next, "env" | "environment");
    if environment && !world.environments.is_empty() {
        return format!(
            "no environment is called `{raw}`: {}",
            world.environments.join(", ")
        );
    }
    if next == "domain" && !world.domains.is_empty() {
        return format!("no domain is called `{raw}`: {}", world.domains.join(", "));
    }
    match near(word, world).as_slice() {
        [] => format!("what is `{raw}`? Nothing here is called so"),
        near => format!(
            "nothing here is called `{raw}`; near it: {}",
            near.join(", ")
        ),
    }
}

/// Names that come near, the nearest first.
pub(super) fn near(word: &str, world: &AskContext) -> Vec<String> {
    let services = world.services.iter().map(|service| &service.name);
    let all = services
        .chain(&world.environments)
        .chain(&world.domains)
        .chain(&world.issues);
    let far = |name: &str| {
        let parts = name.split(['-', '_', '.']).chain([name]);
        let alike = parts.map(|part| strsim::jaro_winkler(word, &part.to_lowercase()));
        alike.fold(0.0, f64::max)
    };
    let mut near: Vec<(f64, &String)> = all
        .map(|name| (far(name), name))
        .filter(|(alike, _)| *alike >= NEAR)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.dedup_by(|a, b| a.1 == b.1);
    near.into_iter()
        .take(MOST_NEAR)
        .map(|(_, name)| name.clone())
        .collect()
}

/// Whether people call both kinds the same.
pub(super) fn alike(own: &str, kind: &str, vocabulary: &Vocabulary) -> bool {
    own == kind || vocabulary.alike.get(own).is_some_and(|other| other == kind)
}

/// The services of a kind, to be named one by one.
pub(super) fn of_kind(kind: &str, world: &AskContext, vocabulary: &Vocabulary) -> String {
    let is = |own: &str| alike(own, kind, vocabulary);
    let all = world.services.iter();
    let names: Vec<&str> = all
        .filter(|service| service.kind.as_deref().is_some_and(is))
        .map(|service| service.name.as_str())
        .take(6)
        .collect();
    match names.as_slice() {
        [] => "none is registered".to_owned(),
        names => format!("name one of them: {}", names.join(", ")),
    }
}

/// What to ask back about an issue, a region or an account that cannot be.
pub(super) fn refused(
    slot: &str,
    value: &str,
    world: &AskContext,
    vocabulary: &Vocabulary,
) -> Option<String> {
    match slot {
        "issue" if !world.issues.is_empty() => {
            let known = world.issues.iter().any(|id| id.starts_with(value));
            let near = near(value, world);
            let near = match near.as_slice() {
                [] => String::new(),
                near => format!("; near it: {}", near.join(", ")),
            };
            (!known).then(|| format!("there is no issue {value}{near}"))
        }
        "region" if !vocabulary.regions.iter().any(|region| region == value) => {
            let near = vocabulary.regions.iter().max_by(|a, b| {
                strsim::jaro_winkler(value, a).total_cmp(&strsim::jaro_winkler(value, b))
            });
            let near = near
                .map(|near| format!("; near it: {near}"))
                .unwrap_or_default();
            Some(format!(
                "no region of AWS that is known here is called {value}{near}"
            ))
        }
        _ => None,
    }
}
