//! The rules that people make for their own accounts: tags that everything has, regions, names.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::audit::AuditInput;
use crate::core::audit::estate::Estate;
use crate::core::audit::facts::{FactView, as_text, inside, text_in};
use crate::core::known::{Known, Obstacle, Obstacles};
use crate::core::policy::covers_exactly;
use crate::model::configuration::REGION;
use crate::model::fact::{Fact, Value};
use crate::model::monitoring::ComplianceSection;
use crate::text::escape;

use super::{DerivedFact, DerivedFacts, Place};

/// Where resources are that belong to no region.
const GLOBAL: &str = "global";
/// The region in which AWS lists the tags of those.
const HOME_OF_GLOBAL: &str = "us-east-1";
/// The attributes that hold the names of resources, the first that a type has.
const NAMES: [&str; 6] = [
    "bucket",
    "function_name",
    "identifier",
    "cluster_identifier",
    "replication_group_id",
    "name",
];

/// Names of tags by the ARN of what has them.
type TagsByArn = BTreeMap<String, BTreeSet<String>>;

/// The rules, and the tags that whole regions have.
pub(in crate::core::audit) struct HouseRules<'a> {
    rules: &'a ComplianceSection,
    patterns: Vec<String>,
    tagged: BTreeMap<&'a str, Known<TagsByArn>>,
}

impl<'a> HouseRules<'a> {
    /// Indexes what is needed for the rules that there are.
    pub(in crate::core::audit) fn new(input: &AuditInput<'a>, estate: &Estate<'a>) -> Self {
        let rules = input.rules;
        let names = rules.names.iter();
        let mut tagged = BTreeMap::new();
        if !rules.required_tags.is_empty() {
            for region in input.configuration.of_type(REGION) {
                tagged.insert(region.region.as_str(), tags_of(estate.view(region)));
            }
        }
        Self {
            rules,
            patterns: names
                .map(|name| name.replace("{environment}", input.environment))
                .collect(),
            tagged,
        }
    }

    /// Computes what the rules ask of a resource; nothing of settings that are no resource.
    pub(super) fn facts(&self, view: FactView<'_>) -> DerivedFacts {
        let mut facts = DerivedFacts::new();
        let Some(shape) = view.shape.filter(|_| is_resource(view)) else {
            return facts;
        };
        if shape.facts.contains_key("tags") {
            facts.insert("missing_tags", self.missing_tags(view));
        }
        facts.insert("outside_allowed_regions", self.is_outside(view).into());
        facts.insert("misnamed", self.is_misnamed(view).into());
        facts
    }

    fn missing_tags(&self, view: FactView<'_>) -> DerivedFact {
        if self.rules.required_tags.is_empty() {
            return DerivedFact::Places(Vec::new(), Obstacles::new());
        }
        match is_made_by_aws(view) {
            Ok(false) => {}
            Ok(true) => return DerivedFact::Places(Vec::new(), Obstacles::new()),
            Err(obstacles) => return DerivedFact::Unknown(obstacles),
        }
        let (present, hidden) = self.tags(view);
        let required = self.rules.required_tags.iter();
        let missing = required.filter(|tag| !present.contains(*tag));
        let places = missing.map(|tag| {
            let shown = escape::json(tag);
            Place::new(
                tag.clone(),
                format!("it has no tag `{shown}`, or an empty one"),
            )
        });
        let places: Vec<Place> = places.collect();
        match places.is_empty() || hidden.is_empty() {
            true => DerivedFact::Places(places, Obstacles::new()),
            // Any of them may be among those that were not seen.
            false => DerivedFact::Unknown(hidden),
        }
    }

    /// The names of the tags that have a value, and what may hide others.
    fn tags(&self, view: FactView<'_>) -> (BTreeSet<String>, Obstacles) {
        if !view.is_planned() && !view.was_asked("tags") {
            return match self.tags_in_region(view) {
                Ok(present) => (present, Obstacles::new()),
                Err(obstacles) => (BTreeSet::new(), obstacles),
            };
        }
        let (mut present, mut hidden) = (BTreeSet::new(), Obstacles::new());
        // A plan has those that the provider adds to everything beside the resource's own.
        let facts: &[&str] = match view.is_planned() {
            true => &["tags", "tags_all"],
            false => &["tags"],
        };
        for name in facts {
            match view.get(name) {
                Ok(Some(Value::Map(map))) => {
                    let set = map.entries.iter().filter(|(_, value)| !is_empty(value));
                    present.extend(set.map(|(tag, _)| tag.raw().to_owned()));
                    hidden.extend(map.unseen.iter().map(|gap| Obstacle::Gap(*gap)));
                }
                Ok(_) => {}
                Err(obstacles) => hidden.extend(obstacles),
            }
        }
        (present, hidden)
    }

    /// The same of a resource whose own calls do not say. What is not among the tagged has none.
    fn tags_in_region(&self, view: FactView<'_>) -> Known<BTreeSet<String>> {
        let not_read = || {
            let of = &view.resource.resource_type;
            Obstacles::from([Obstacle::NotRead(format!("{of}.tags"))])
        };
        let arn = view.resource.arn.as_ref().ok_or_else(not_read)?;
        let region = match view.resource.region.as_str() {
            GLOBAL => HOME_OF_GLOBAL,
            region => region,
        };
        match self.tagged.get(region).ok_or_else(not_read)? {
            Ok(all) => Ok(all.get(arn.as_str()).cloned().unwrap_or_default()),
            Err(obstacles) => Err(obstacles.clone()),
        }
    }

    fn is_outside(&self, view: FactView<'_>) -> Known<bool> {
        if self.rules.allowed_regions.is_empty() {
            return Ok(false);
        }
        // From version 6 of the provider on, a resource may name a region of its own.
        let has_own = view.shape.is_some_and(|it| it.facts.contains_key("region"));
        let own = match view.is_planned() && has_own {
            true => view.text("region")?,
            false => None,
        };
        let region = own.unwrap_or_else(|| view.resource.region.as_str().to_owned());
        let mut allowed = self.rules.allowed_regions.iter();
        Ok(region != GLOBAL && !allowed.any(|one| one.as_str() == region))
    }

    fn is_misnamed(&self, view: FactView<'_>) -> Known<bool> {
        if self.patterns.is_empty() {
            return Ok(false);
        }
        let name = name(view)?;
        Ok(!self.patterns.iter().any(|one| covers_exactly(one, &name)))
    }
}

fn is_resource(view: FactView<'_>) -> bool {
    view.resource.resource_type.starts_with("aws_")
}

/// Whether AWS made it, so that nobody can tag it.
fn is_made_by_aws(view: FactView<'_>) -> Known<bool> {
    match view.resource.resource_type.as_str() {
        "aws_iam_role" => Ok(view
            .text("path")?
            .is_some_and(|path| path.starts_with("/aws-"))),
        "aws_kms_key" => Ok(view.text("key_manager")?.as_deref() == Some("AWS")),
        _ => Ok(false),
    }
}

fn is_empty(value: &Fact) -> bool {
    match value {
        Fact::Absent => true,
        Fact::Known(value) => as_text(value).is_some_and(|text| text.is_empty()),
        // It is known only after the apply.
        Fact::Unreadable(_) => false,
    }
}

/// The name that people gave it. A plan does not always know it.
fn name(view: FactView<'_>) -> Known<String> {
    if !view.is_planned() {
        return Ok(view.name().raw().to_owned());
    }
    let mut names = NAMES.iter().filter(|name| view.was_asked(name));
    let found = match names.next() {
        Some(name) => view.text(name)?,
        None => None,
    };
    found.ok_or_else(|| Obstacles::from([Obstacle::NotRead("its name".to_owned())]))
}

/// The tags of everything in a region.
fn tags_of(region: FactView<'_>) -> Known<TagsByArn> {
    let Some(_) = region.get("tagged_resources")? else {
        let name = "region.tagged_resources".to_owned();
        return Err(Obstacles::from([Obstacle::NotRead(name)]));
    };
    let seen = region.list("tagged_resources")?;
    if !seen.hidden.is_empty() {
        return Err(seen.hidden);
    }
    let mut all = TagsByArn::new();
    for item in &seen.items {
        let (Some(arn), Some(Value::Map(tags))) = (text_in(item, "arn")?, inside(item, "tags")?)
        else {
            continue;
        };
        let set = tags.entries.iter().filter(|(_, value)| !is_empty(value));
        let names = set.map(|(tag, _)| tag.raw().to_owned());
        all.entry(arn).or_default().extend(names);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::checks::Check;
    use crate::catalog::registry::Registry;
    use crate::core::audit::evaluate;
    use crate::model::audit::CheckVerdict;
    use crate::model::configuration::{Configuration, ConfiguredResource};
    use crate::model::fact::{FactName, Gap, GapCause};
    use crate::model::ids::{Arn, Region};
    use crate::text::Untrusted;

    const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:orders";

    fn resource(of: &str, arn: &str, facts: &[(&str, Fact)]) -> ConfiguredResource {
        let facts = facts.iter().map(|(name, fact)| {
            let name = FactName::parse(name).expect("a name");
            (name, fact.clone())
        });
        ConfiguredResource {
            resource_type: of.to_owned(),
            arn: Arn::new(arn).ok(),
            address: None,
            name: Untrusted::from("orders"),
            region: Region::new("eu-west-1").expect("a region"),
            account: None,
            facts: facts.collect(),
        }
    }

    /// The verdict on a queue, whose own calls say nothing of tags, by what the region says.
    fn verdict(tagged: Fact, gap: Option<Gap>) -> (CheckVerdict, Vec<String>) {
        let mut read = Configuration::new("2026-11-30T00:00:00Z".parse().expect("a moment"));
        if let Some(gap) = gap {
            read.add_gap(gap);
        }
        let arn = "arn:aws:ec2:eu-west-1:123456789012:region/eu-west-1";
        let region = resource(REGION, arn, &[("tagged_resources", tagged)]);
        read.resources = vec![resource("aws_sqs_queue", QUEUE, &[]), region];
        let checks = Registry::<Check>::load(&[]).expect("the built-in checks");
        let check = checks.get("tags-required").expect("a check");
        let rules = ComplianceSection {
            required_tags: vec!["stage".to_owned(), "team".to_owned()],
            ..ComplianceSection::default()
        };
        let input = AuditInput {
            environment: "prod",
            critical: false,
            configuration: &read,
            rules: &rules,
        };
        let found = evaluate(&input, &[check]).judgements.swap_remove(0);
        let keys = found.failures.into_iter().filter_map(|one| one.key);
        (found.verdict, keys.collect())
    }

    fn tagged(arn: &str, tags: &[(&str, &str)]) -> Fact {
        let tags = tags.iter().map(|(name, value)| (*name, Fact::from(*value)));
        let tags = Fact::Known(Value::map(tags));
        let one = Value::map([("arn", Fact::from(arn)), ("tags", tags)]);
        Fact::Known(Value::list([Fact::Known(one)]))
    }

    #[test]
    fn tags_come_from_the_region_where_no_call_of_the_resource_has_them() {
        let all = tagged(QUEUE, &[("team", "web"), ("stage", "prod")]);
        assert_eq!(verdict(all, None), (CheckVerdict::Pass, vec![]));
        let some = tagged(QUEUE, &[("team", "web"), ("stage", "")]);
        let missing = |names: &[&str]| names.iter().map(|one| (*one).to_owned()).collect();
        assert_eq!(
            verdict(some, None),
            (CheckVerdict::Fail, missing(&["stage"]))
        );
        let other = tagged(&format!("{QUEUE}-dead"), &[("team", "web")]);
        let both = missing(&["stage", "team"]);
        assert_eq!(verdict(other, None), (CheckVerdict::Fail, both));
    }

    #[test]
    fn tags_that_could_not_be_read_are_not_missing() {
        let gap = Gap {
            operation: "tag:GetResources".to_owned(),
            subject: "eu-west-1".to_owned(),
            cause: GapCause::Denied,
            code: None,
            message: Untrusted::from("denied"),
            missing_permission: None,
        };
        let denied = Fact::Unreadable(crate::model::fact::GapId(0));
        assert_eq!(verdict(denied, Some(gap)), (CheckVerdict::Unknown, vec![]));
        assert_eq!(verdict(Fact::Absent, None), (CheckVerdict::Unknown, vec![]));
    }
}
