//! Which intent is meant, and how sure that is.

use super::entity::Placed;
use super::explained::{self, polite, related};
use super::hits::Hit;
use super::rank::{
    CAN_BE_NOTHING, NO_CHANGE, NOTHING_AT_LEAST, SHARE_EXPLAINS, Scored, VERY_SURE, ranked,
    says_nothing, share, share_of_changes,
};
use super::rest::{self, Rest};
use super::vocabulary::{Intent, Lack};
use super::{AskContext, Candidate, Reading, lacks, line, model, names, places, several};
use super::{ReadingDepth, Utterance};

/// Below this it asks back.
const SURE: f64 = 0.6;
/// What a command line has one of.
const SINGLE: &[&str] = &[
    "format", "domain", "top", "since", "region", "account", "output", "record", "replay",
    "timeout", "at", "fail-on", "folder", "assignee", "shell", "schema", "command",
];
/// Verbs that change nothing without an object that does: `put the dashboard into a web page`.
const GENERIC_VERBS: &[&str] = &["adoptish", "setverb"];
/// Below this it asks back before it even shows a change.
const SURE_TO_CHANGE: f64 = 0.65;

/// Reads an utterance whose parts are known.
pub(super) fn judge(utterance: &Utterance<'_>, hits: &[Hit], world: &AskContext) -> Reading {
    let mut doubts = Vec::new();
    let (mut scored, nothing) = ranked(utterance, hits);
    if nothing >= NOTHING_AT_LEAST || says_nothing(utterance, hits) {
        scored.clear();
    }
    doubts.extend(barred(utterance, hits, &mut scored));
    if joined(utterance, hits, scored.first().map(|first| first.intent)) {
        doubts.push("that is more than one thing; ask for one at a time".to_owned());
    }
    let mut candidates = candidates(utterance, hits, &scored);
    let best = (!candidates.is_empty()).then(|| candidates.remove(0));
    candidates.truncate(2);
    let (mut ignored, mut taken) = (Vec::new(), Vec::new());
    match &best {
        Some(best) => {
            doubts.extend(doubt(best, utterance));
            if best.confidence < SURE {
                doubts.extend(nearly(utterance, world));
            }
            let sure = share(best, &scored) >= VERY_SURE
                && share_of_changes(&scored) < NO_CHANGE
                && several::joins(utterance).is_none()
                && !model::begins_with_a_change(utterance);
            let passed_over = passed_over(best, utterance, hits);
            doubts.extend(passed_over.filter(|_| doubts.is_empty() && !sure));
            if doubts.is_empty() && is_there(best, world) {
                let share = share(best, &scored);
                let rest = left(best, utterance, hits, world, share);
                doubts.extend(rest.doubts);
                (ignored, taken) = (rest.ignored, rest.taken);
            }
        }
        None if utterance.clauses.negated => {
            doubts.push("the words say only what not to do".to_owned())
        }
        None => {
            doubts.push("no command comes to mind".to_owned());
            doubts.extend(nearly(utterance, world));
        }
    }
    let mut out = Reading {
        words: explained::recognised(utterance, hits, best.as_ref(), &taken),
        ignored,
        best,
        others: candidates,
        doubts,
    };
    lacking(&mut out, utterance, hits, nothing);
    out
}

/// Names that a word nearly is, where nothing else is known of it.
fn nearly(utterance: &Utterance<'_>, world: &AskContext) -> Option<String> {
    let vocabulary = utterance.vocabulary;
    utterance.tokens.iter().enumerate().find_map(|(at, token)| {
        let known = token.quoted || utterance.is_named(at) || vocabulary.knows(&token.word);
        let near = if known {
            Vec::new()
        } else {
            names::near(&token.word, world)
        };
        let next = utterance.tokens.get(at + 1);
        (!near.is_empty()).then(|| names::unknown(token, next, world, vocabulary))
    })
}

/// Why nothing is changed for a question or a condition; changes are taken out of what may be
/// meant where something else may.
fn barred(utterance: &Utterance<'_>, hits: &[Hit], scored: &mut Vec<Scored<'_>>) -> Option<String> {
    let clauses = &utterance.clauses;
    let changes = changes(utterance, hits);
    let meant_change = scored.first().is_some_and(|first| first.intent.write);
    if !(clauses.question || clauses.condition) {
        return None;
    }
    if meant_change && !clauses.condition && asks_for_a_cause(utterance) {
        leave_out_changes(scored);
        return None;
    }
    // `would an update change anything, as a dry run?`: nothing is changed by that.
    let wished = utterance.entities.of("wish");
    let mut leanings = utterance.leanings.iter();
    let rehearsed = leanings.any(|one| {
        let first = scored.first();
        one.option == "--dry-run"
            && first.is_some_and(|first| one.is_asked_of(&first.intent.command))
    });
    let rehearsed = rehearsed || wished.contains(&"dry-run");
    if clauses.question && !clauses.condition && rehearsed {
        return None;
    }
    let condition = "a condition cannot be carried out; ask for the one thing to do";
    let first = scored.first();
    let looks = first.is_some_and(|first| !first.intent.write && first.share >= VERY_SURE)
        && share_of_changes(scored) < NO_CHANGE
        && !model::begins_with_a_change(utterance);
    if clauses.condition && (meant_change || changes && !looks) {
        return Some(condition.to_owned());
    }
    let asks_of_an_issue = utterance.entities.first("issue").is_some()
        && !utterance
            .tokens
            .first()
            .is_some_and(|first| matches!(first.word.as_str(), "should" | "how" | "shall" | "may"));
    if meant_change && !asks_of_an_issue {
        return Some("that is a question, and nothing is changed for a question".to_owned());
    }
    scored.retain(|one| !one.intent.write);
    None
}

/// Whether a cause is asked for: `why does it restart every hour` tells of a restart, and orders none.
/// `why don't you restart it` and `why should I` speak of what to do.
fn asks_for_a_cause(utterance: &Utterance<'_>) -> bool {
    let word = |at: usize| {
        let token = utterance.tokens.get(at).filter(|token| !token.quoted);
        token.map_or("", |token| token.word.as_str())
    };
    (0..utterance.tokens.len()).any(|at| {
        let behind = match (word(at), word(at + 1)) {
            ("why", _) => at + 1,
            ("how", "come") => at + 2,
            _ => return false,
        };
        match word(behind) {
            "do" | "does" | "did" | "is" | "are" | "was" | "were" | "has" | "have" | "had" => {
                !matches!(word(behind + 1), "not" | "i" | "we" | "you")
            }
            "the" => true,
            _ => behind < utterance.tokens.len() && utterance.is_named(behind),
        }
    })
}

/// Takes changes out of what may be meant; what is left is as likely as it is among itself.
fn leave_out_changes(scored: &mut Vec<Scored<'_>>) {
    let left = (1.0 - share_of_changes(scored)).max(f64::MIN_POSITIVE);
    scored.retain(|one| !one.intent.write);
    for one in scored {
        one.share = (one.share / left).min(1.0);
    }
}

/// Whether this version has the command; where the commands are not known, any may be there.
fn is_there(best: &Candidate, world: &AskContext) -> bool {
    world.commands.is_empty() || world.offers(best)
}

/// What of the words the best has no place for.
fn left(
    best: &Candidate,
    utterance: &Utterance<'_>,
    hits: &[Hit],
    world: &AskContext,
    share: f64,
) -> Rest {
    let mut out = Rest::default();
    let Some(intent) = utterance.intent_of(best) else {
        return out;
    };
    if !intent.free {
        out = rest::of(best, intent, utterance, hits, world, share);
    }
    for one in &utterance.entities.all {
        out.doubts.extend(names::refused(
            one.slot,
            &one.value,
            world,
            utterance.vocabulary,
        ));
    }
    if let Some((from, to)) = utterance.clauses.exclusion {
        let said = utterance.said(from, to);
        out.doubts.push(format!(
            "`{said}`: nothing can be left out; name what to look at"
        ));
    }
    let placed = places::of(intent, utterance);
    let many = |slot: &str| {
        let command = utterance.command_of(intent);
        let place = command.and_then(|command| command.option(slot));
        place.is_some_and(|place| place.many)
    };
    for slot in SINGLE {
        // `check` and `dashboard` are names of commands where one is asked for, and words elsewhere.
        if matches!(*slot, "command" | "schema" | "shell") && !intent.has(slot) {
            continue;
        }
        let values = utterance.entities.of(slot).into_iter();
        let own = |value: &&str| *value != intent.command && *value != "permissions";
        let placed = |value: &&str| !placed.iter().any(|one| one.value == **value);
        let values: Vec<&str> = values.filter(own).filter(placed).collect();
        if values.len() > 1
            && !many(slot)
            && (best
                .arguments
                .iter()
                .any(|one| values.contains(&one.as_str())))
        {
            let said = values.join(", ");
            let doubt = format!("`{}` takes one at a time: {said}", best.command);
            out.doubts.push(doubt);
        }
    }
    out
}

/// Asks back an order that no command carries out, with what there is instead.
fn lacking(reading: &mut Reading, utterance: &Utterance<'_>, hits: &[Hit], nothing: f64) {
    let found = lacks::find(utterance);
    // Nothing is changed past words that may ask for something else.
    let looks = reading.best.as_ref().is_some_and(|best| !best.write);
    let sure = utterance.reach != ReadingDepth::Vocabulary && nothing < CAN_BE_NOTHING && looks;
    let begin = utterance.clauses.begin;
    let mut unmet = found
        .iter()
        .filter(|(lack, from, _)| !(lack.yields && sure && *from > begin));
    let Some((lack, from, to)) =
        unmet.find(|(lack, from, to)| !is_met(reading, utterance, hits, lack, *from, *to))
    else {
        return;
    };
    let (from, to) = (*from, *to);
    let said = utterance.said(from, to);
    reading.doubts = vec![format!("`{said}`: {}", lack.says)];
    let concepts: Vec<&str> = hits.iter().map(|hit| hit.concept.as_str()).collect();
    let intents = utterance.vocabulary.intents.iter();
    let near = intents.filter(|intent| lack.near.contains(&intent.command));
    let mut near: Vec<Candidate> = near
        .map(|intent| candidate(intent, line::make(intent, utterance, &concepts), 0.0))
        .collect();
    reading.ignored.clear();
    reading.best = (!near.is_empty()).then(|| near.remove(0));
    near.truncate(2);
    reading.others = near;
}

/// Whether what is meant does what these words ask for.
fn is_met(
    reading: &Reading,
    utterance: &Utterance<'_>,
    hits: &[Hit],
    lack: &Lack,
    from: usize,
    to: usize,
) -> bool {
    if !lack.yields {
        return false;
    }
    let best = reading.best.as_ref();
    let Some(intent) = best.and_then(|best| utterance.intent_of(best)) else {
        return false;
    };
    // `close`: what there is, is said with the same words or more of them.
    let related = explained::related(intent);
    let meant = hits.iter().any(|hit| {
        hit.from <= from
            && hit.to >= to
            && hit.weight > 1.0
            && related.contains(&hit.concept.as_str())
    });
    // `stop the audit after 200 calls`, `freeze the findings as base.json`: an option does it.
    let leads = |one: &Placed| from < one.to && one.from <= to + 3;
    meant || places::of(intent, utterance).iter().any(leads)
}

fn candidate(intent: &Intent, made: line::Made, confidence: f64) -> Candidate {
    Candidate {
        command: intent.command.clone(),
        arguments: made.arguments,
        write: intent.write || made.changes,
        confidence: (confidence * 100.0).round() / 100.0,
        example: intent.example.clone(),
        missing: made.missing,
        instead: made.instead,
    }
}

fn candidates(utterance: &Utterance<'_>, hits: &[Hit], scored: &[Scored<'_>]) -> Vec<Candidate> {
    let concepts: Vec<&str> = hits.iter().map(|hit| hit.concept.as_str()).collect();
    let mut out: Vec<Candidate> = Vec::new();
    for (i, one) in scored.iter().enumerate() {
        let made = line::make(one.intent, utterance, &concepts);
        if out.iter().any(|other| other.arguments == made.arguments) {
            continue;
        }
        let next = scored[i + 1..]
            .iter()
            .find(|next| next.intent.command != one.intent.command);
        let margin = next.map_or(1.0, |next| one.score - next.score);
        let clarity = match margin {
            margin if margin >= 0.4 => 1.0,
            margin if margin >= 0.15 => 0.9,
            _ => 0.75,
        };
        // Several intents of one command are no doubt about which command is meant.
        let same = scored
            .iter()
            .filter(|other| other.intent.command == one.intent.command);
        let share: f64 = same.map(|other| other.share).sum();
        // What comes after the first is less sure than the first.
        let behind = scored.first().map_or(0.0, |first| first.score - one.score);
        let confidence =
            (0.35 + 0.65 * one.coverage.max(SHARE_EXPLAINS * share)) * clarity / (1.0 + behind);
        out.push(candidate(one.intent, made, confidence));
    }
    out
}

/// Why the best is not good enough.
fn doubt(best: &Candidate, utterance: &Utterance<'_>) -> Vec<String> {
    let mut out: Vec<String> = best.missing.clone();
    let limit = if best.write { SURE_TO_CHANGE } else { SURE };
    if best.confidence < limit {
        out.push("too many of the words say nothing to it, or too many commands fit".to_owned());
    }
    let intent = utterance.intent_of(best);
    let many = intent.is_some_and(|intent| intent.many || !intent.has("env"));
    let environments = utterance.entities.of("env");
    if environments.len() > 1 && !many {
        out.push(format!(
            "`{}` takes one environment at a time",
            best.command
        ));
    }
    out
}

/// An order to change something that looking does not carry out: it is not passed over.
fn passed_over(best: &Candidate, utterance: &Utterance<'_>, hits: &[Hit]) -> Option<String> {
    let intent = utterance.intent_of(best)?;
    if intent.write || intent.free || utterance.clauses.question {
        return None;
    }
    let related = related(intent);
    // `give me an overview` gives nobody anything.
    let says = |i: usize| {
        let fillers = &utterance.vocabulary.fillers;
        !fillers.contains(&utterance.tokens[i].word) && !polite(utterance, i)
    };
    // `assigned to sam` and `policy for run` are arguments.
    let argument = |hit: &Hit| {
        let mut all = utterance.entities.all.iter();
        all.any(|one| match one.slot {
            "assignee" => intent.has("assignee") && one.from <= hit.from && hit.to <= one.to,
            "command" => {
                (hit.from..hit.to).contains(&one.from) && best.arguments.contains(&one.value)
            }
            _ => false,
        })
    };
    // `a policy to hand to security` says what for.
    let purpose = |hit: &Hit| {
        let before = hit.from.checked_sub(1).map(|at| &utterance.tokens[at].word);
        before.is_some_and(|before| before == "to") && hit.from > utterance.clauses.begin
    };
    let placed = places::of(intent, utterance);
    let order = hits.iter().find(|hit| {
        hit.weight > 1.0
            && !GENERIC_VERBS.contains(&hit.concept.as_str())
            && lacks::begins_an_order(utterance, hit.from)
            && !argument(hit)
            && !placed
                .iter()
                .any(|one| one.from <= hit.from && hit.to <= one.to)
            && (hit.from..hit.to).any(says)
            && utterance.vocabulary.verbs.contains(&hit.concept)
            && !same_span(hit, hits, &related)
            && !purpose(hit)
    })?;
    let (start, end) = (
        utterance.tokens[order.from].start,
        utterance.tokens[order.to - 1].end,
    );
    Some(format!(
        "`{}` asks for a change, and `{}` only looks",
        &utterance.text[start..end],
        best.command
    ))
}

/// Whether a change is asked for somewhere.
fn changes(utterance: &Utterance<'_>, hits: &[Hit]) -> bool {
    hits.iter()
        .any(|hit| hit.weight > 1.0 && utterance.vocabulary.verbs.contains(&hit.concept))
}

/// `… and restart …`: one more order behind another.
fn joined(utterance: &Utterance<'_>, hits: &[Hit], best: Option<&Intent>) -> bool {
    // `content-004 came back, open it again`: the same order in other words.
    let related = best.map(related).unwrap_or_default();
    let open = |i: usize| !utterance.clauses.masked.contains(&i);
    let says = |i: &usize| {
        open(*i)
            && !utterance
                .vocabulary
                .fillers
                .contains(&utterance.tokens[*i].word)
            && !polite(utterance, *i)
    };
    (1..utterance.tokens.len()).any(|at| {
        let token = &utterance.tokens[at];
        let comma = utterance.tokens[at - 1]
            .stop
            .is_some_and(|stop| stop != ':');
        let joiner = open(at) && utterance.vocabulary.joiners.contains(&token.word);
        if !(joiner || comma && open(at - 1) && open(at)) {
            return false;
        }
        // `… and its notes` is a thing, and no order.
        let thing = |i: usize| {
            matches!(
                utterance.tokens[i].word.as_str(),
                "its" | "their" | "the" | "all"
            )
        };
        if thing(at) || thing((at + 1).min(utterance.tokens.len() - 1)) {
            return false;
        }
        let before = (utterance.clauses.begin..at).any(|i| says(&i));
        let behind = (at + usize::from(joiner)..utterance.tokens.len()).find(says);
        before
            && behind.is_some_and(|next| {
                hits.iter().any(|hit| {
                    hit.from == next
                        && hit.weight > 1.0
                        && utterance.vocabulary.verbs.contains(&hit.concept)
                        && !same_span(hit, hits, &related)
                })
            })
    })
}

/// Whether the same words, or more, say something that goes with the best.
fn same_span(hit: &Hit, hits: &[Hit], related: &[&str]) -> bool {
    hits.iter().any(|other| {
        other.from <= hit.from
            && other.to >= hit.to
            && other.weight > 1.0
            && related.contains(&other.concept.as_str())
    })
}
