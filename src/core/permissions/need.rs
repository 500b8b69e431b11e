//! What applying a plan needs: actions, and what they are done to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalog::access::{AccessReference, IamAction, ResourceForm};
use crate::core::policy::covers;
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::preflight::{NeededAction, PlanPhase, UnknownNeed};
use crate::text::Untrusted;

/// Where a plan is applied, and how resources are named there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantScope {
    /// Partition (`aws`).
    pub partition: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// What the names of all resources begin with (`shop-orders-test-`); `None` without a pattern.
    pub prefix: Option<String>,
}

/// What a plan needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanNeeds {
    /// Actions, sorted.
    pub needed: Vec<NeededAction>,
    /// What is not known.
    pub unknown: Vec<UnknownNeed>,
}

/// What an action is needed for, by action, resource and service that a role is passed to.
type Wanted = BTreeMap<(String, String, Option<String>), WantedFor>;

#[derive(Debug, Default)]
struct WantedFor {
    scope: String,
    phases: BTreeSet<PlanPhase>,
    addresses: BTreeSet<String>,
}

/// Returns the part of a naming pattern before the name of the resource; `None` where it begins
/// with that, or names something that is not known.
pub fn name_prefix(
    pattern: &str,
    project: &str,
    subsystem: Option<&str>,
    environment: &str,
) -> Option<String> {
    let (before, _) = pattern.split_once("{resource}").unwrap_or((pattern, ""));
    let filled = before
        .replace("{project}", project)
        .replace("{subsystem}", subsystem.unwrap_or("{subsystem}"))
        .replace("{environment}", environment);
    let is_whole = !filled.contains(['{', '*', '?']) && filled.contains(environment);
    is_whole.then_some(filled)
}

/// Returns what applying a plan needs.
pub fn plan_needs(plan: &TerraformPlan<'_>, scope: &GrantScope) -> PlanNeeds {
    let mut needs = NeedReader {
        reference: AccessReference::built_in(),
        scope,
        wanted: Wanted::new(),
        unknown: BTreeMap::new(),
    };
    for change in &plan.changes {
        needs.read(change);
    }
    for (why, change) in &plan.deferred {
        let because = format!("it waits for another round: {}", why.raw());
        needs.add_unknown(change, because);
    }
    needs.finish()
}

struct NeedReader<'a> {
    reference: &'a AccessReference,
    scope: &'a GrantScope,
    wanted: Wanted,
    unknown: BTreeMap<(String, String), ()>,
}

impl NeedReader<'_> {
    fn read(&mut self, change: &PlannedChange<'_>) {
        let of = change.resource_type.raw();
        if !of.starts_with("aws_") {
            return;
        }
        let phases = phases(&change.action);
        if let PlanAction::Other(what) = &change.action {
            self.add_unknown(
                change,
                format!("the plan does something that is not known: {}", what.raw()),
            );
        }
        let Some(measured) = self.reference.measured(of) else {
            // Every plan and apply reads what is there, also where nothing changes.
            self.add_unknown(
                change,
                "which actions this type needs is not known".to_owned(),
            );
            return;
        };
        for phase in &phases {
            let actions = match phase {
                PlanPhase::Create => measured.create.as_slice(),
                PlanPhase::Read => measured.read.as_slice(),
                PlanPhase::Delete => measured.delete.as_slice(),
                PlanPhase::Update => self.reference.update(of).unwrap_or_default(),
                PlanPhase::Tag | PlanPhase::PassRole => &[],
            };
            let is_known = !actions.is_empty() || *phase == PlanPhase::Read;
            if !is_known {
                let because = format!(
                    "which actions {} this type is not known",
                    phase_words(*phase)
                );
                self.add_unknown(change, because);
            }
            for action in actions {
                self.add(change, action, *phase);
            }
        }
        if phases.contains(&PlanPhase::Create) || phases.contains(&PlanPhase::Update) {
            self.add_tags(change, of);
            self.add_passes(change, of);
        }
    }

    fn add_tags(&mut self, change: &PlannedChange<'_>, of: &str) {
        let (after, later) = (change.after(), change.after_unknown());
        let has = |value: &Value, name: &str| match value.get(name) {
            Some(Value::Object(tags)) => !tags.is_empty(),
            Some(Value::Bool(is_unknown)) => *is_unknown,
            _ => false,
        };
        let is_tagged = ["tags", "tags_all"]
            .iter()
            .any(|name| has(&after, name) || has(&later, name));
        if is_tagged {
            for action in self.reference.tags(of) {
                self.add(change, action, PlanPhase::Tag);
            }
        }
    }

    fn add_passes(&mut self, change: &PlannedChange<'_>, of: &str) {
        let (after, later) = (change.after(), change.after_unknown());
        for (attribute, service) in self.reference.passes(of) {
            let resource = match (after.get(attribute), later.get(attribute)) {
                (Some(Value::String(arn)), _) if arn.starts_with("arn:") => arn.clone(),
                (Some(Value::String(name)), _) => self.role(name),
                (_, Some(Value::Bool(true))) => self.role(&self.any_name()),
                _ => continue,
            };
            let scope = self.widen(&resource);
            let key = ("iam:PassRole".to_owned(), resource, Some(service.clone()));
            self.want(key, scope, PlanPhase::PassRole, change);
        }
    }

    fn role(&self, name: &str) -> String {
        let GrantScope {
            partition, account, ..
        } = self.scope;
        format!("arn:{partition}:iam::{account}:role/{name}")
    }

    /// Any name that follows the pattern.
    fn any_name(&self) -> String {
        format!("{}*", self.scope.prefix.as_deref().unwrap_or_default())
    }

    fn add(&mut self, change: &PlannedChange<'_>, action: &str, phase: PlanPhase) {
        let Some(action) = self.reference.action(action) else {
            self.add_unknown(change, format!("`{action}` is no action that is known"));
            return;
        };
        for (resource, scope) in self.resources(change, &action) {
            self.want((action.name.clone(), resource, None), scope, phase, change);
        }
    }

    fn want(
        &mut self,
        key: (String, String, Option<String>),
        scope: String,
        phase: PlanPhase,
        change: &PlannedChange<'_>,
    ) {
        let wanted = self.wanted.entry(key).or_default();
        wanted.scope = scope;
        wanted.phases.insert(phase);
        wanted.addresses.insert(change.address.raw().to_owned());
    }

    /// What an action is done to, each with what a grant names for it.
    fn resources(
        &self,
        change: &PlannedChange<'_>,
        action: &IamAction<'_>,
    ) -> Vec<(String, String)> {
        let everything = || vec![("*".to_owned(), "*".to_owned())];
        if let Some(arn) = self.reference.arn(change.resource_type.raw()) {
            let arn = self.place(arn);
            return vec![(arn.clone(), arn)];
        }
        if action.required.is_empty() && (action.is_list || action.optional.is_empty()) {
            return everything();
        }
        let fill = |form: &&ResourceForm<'_>| self.fill(change, form);
        let mut found: Vec<FilledArn> = action.required.iter().map(|one| fill(&one)).collect();
        // An action on many types, such as the one that tags, is done to the type that is made.
        let own = self.own_forms(change.resource_type.raw());
        let is_own = |form: &&ResourceForm<'_>| own.contains(form.name);
        let is_one_of = action
            .required
            .iter()
            .chain(&action.optional)
            .any(|one| is_own(&one));
        let optional = action
            .optional
            .iter()
            .filter(|one| !is_one_of || is_own(one));
        let optional: Vec<FilledArn> = optional.map(|one| fill(&one)).collect();
        let is_named = |one: &&FilledArn| one.is_named;
        match found.is_empty() && !optional.iter().any(|one| one.is_named) {
            true => found = optional,
            false => found.extend(optional.iter().filter(is_named).cloned()),
        }
        let mut all: Vec<(String, String)> =
            found.into_iter().map(|one| (one.arn, one.scope)).collect();
        all.sort();
        all.dedup();
        match all.is_empty() {
            true => everything(),
            false => all,
        }
    }

    /// Names of the types of resources that making a type always names.
    fn own_forms(&self, of: &str) -> BTreeSet<&str> {
        let measured = self.reference.measured(of);
        let made = measured.into_iter().flat_map(|one| &one.create);
        let known = made.filter_map(|action| self.reference.action(action));
        let forms = known.flat_map(|action| action.required);
        forms.map(|form| form.name).collect()
    }

    /// Partition, account and region of an ARN with placeholders.
    fn place(&self, arn: &str) -> String {
        arn.replace("${Partition}", &self.scope.partition)
            .replace("${Region}", &self.scope.region)
            .replace("${Account}", &self.scope.account)
    }

    fn fill(&self, change: &PlannedChange<'_>, form: &ResourceForm<'_>) -> FilledArn {
        let placed = self.place(form.arn);
        let values = match change.after() {
            Value::Null => change.before(),
            after => after,
        };
        let own = change
            .before()
            .get("arn")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if let Some(arn) = own.filter(|arn| fits(form.arn, arn)) {
            let scope = self.widen(&arn);
            return FilledArn {
                arn,
                scope,
                is_named: true,
            };
        }
        let (mut arn, mut scope, mut is_named) = (String::new(), String::new(), true);
        let mut rest = placed.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (placeholder, after) = after.split_once('}').unwrap_or((after, ""));
            let name = self.name(&values, placeholder, !after.contains("${"));
            is_named &= name.is_some();
            let name = name.unwrap_or_else(|| "*".to_owned());
            let is_any = name == "*" && is_ours(placeholder) && self.scope.prefix.is_some();
            for (text, value) in [
                (
                    &mut arn,
                    if is_any {
                        self.any_name()
                    } else {
                        name.clone()
                    },
                ),
                (
                    &mut scope,
                    if is_any {
                        self.any_name()
                    } else {
                        self.widen(&name)
                    },
                ),
            ] {
                text.push_str(before);
                text.push_str(&value);
            }
            rest = after;
        }
        arn.push_str(rest);
        scope.push_str(rest);
        FilledArn {
            arn,
            scope,
            is_named,
        }
    }

    /// What an attribute of the resource says for a placeholder.
    fn name(&self, values: &Value, placeholder: &str, is_last: bool) -> Option<String> {
        let text = |name: &str| {
            let text = values.get(name)?.as_str()?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        let found = match self.reference.attributes(placeholder) {
            Some(names) => names.iter().find_map(|name| text(name)),
            None if is_last && is_ours(placeholder) => text("name"),
            None => None,
        }?;
        let found = match found.strip_prefix("arn:") {
            Some(_) => found.rsplit([':', '/']).next()?.to_owned(),
            None => found,
        };
        // A name with a wildcard in it would grant more than it names.
        if found.contains(['*', '?', '$']) {
            return None;
        }
        Some(match placeholder {
            "SecretId" => format!("{found}-??????"),
            "ParameterNameWithoutLeadingSlash" => found.trim_start_matches('/').to_owned(),
            _ => found,
        })
    }

    /// Everything that is named after the same pattern, where a name or an ARN follows it.
    fn widen(&self, text: &str) -> String {
        let prefix = self
            .scope
            .prefix
            .as_deref()
            .filter(|prefix| !prefix.is_empty());
        let found = prefix.and_then(|prefix| Some((text.find(prefix)?, prefix)));
        match found {
            Some((at, prefix)) if at == 0 || text[..at].ends_with([':', '/']) => {
                format!("{}*", &text[..at + prefix.len()])
            }
            _ => text.to_owned(),
        }
    }

    fn add_unknown(&mut self, change: &PlannedChange<'_>, because: String) {
        let of = change.resource_type.raw().to_owned();
        self.unknown.insert((of, because), ());
    }

    fn finish(self) -> PlanNeeds {
        let needed = self
            .wanted
            .into_iter()
            .map(|((action, resource, passed_to), of)| NeededAction {
                action,
                resource: Untrusted::new(resource),
                passed_to,
                scope: Untrusted::new(of.scope),
                phases: of.phases.into_iter().collect(),
                addresses: of.addresses.into_iter().map(Untrusted::new).collect(),
            });
        let unknown = self.unknown.into_keys().map(|(of, because)| UnknownNeed {
            needed: None,
            resource_type: Some(Untrusted::new(of)),
            because: Untrusted::new(because),
        });
        PlanNeeds {
            needed: needed.collect(),
            unknown: unknown.collect(),
        }
    }
}

#[derive(Debug, Clone)]
struct FilledArn {
    arn: String,
    scope: String,
    /// Whether the plan says every name in it.
    is_named: bool,
}

/// Whether a placeholder is a name that people choose, and not an id that AWS gives.
fn is_ours(placeholder: &str) -> bool {
    placeholder.ends_with("Name") || placeholder.ends_with("NameWithPath")
}

/// Whether an ARN has the form of a type of resource.
fn fits(form: &str, arn: &str) -> bool {
    let mut pattern = String::new();
    let mut rest = form;
    while let Some((before, after)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push('*');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    pattern.push_str(rest);
    // `log-group:*` would also fit a stream in it.
    let colons = |text: &str| text.matches(':').count();
    let slashes = |text: &str| text.matches('/').count();
    covers(&pattern, arn)
        && colons(form) == colons(arn)
        && slashes(form) <= slashes(arn)
        && !arn.contains(['*', '?'])
}

fn phases(action: &PlanAction) -> Vec<PlanPhase> {
    use PlanPhase::{Create, Delete, Read, Update};
    match action {
        PlanAction::NoOp | PlanAction::Read | PlanAction::Forget | PlanAction::Other(_) => {
            vec![Read]
        }
        PlanAction::Create | PlanAction::CreateThenForget => vec![Create, Read],
        PlanAction::Update => vec![Read, Update],
        PlanAction::DestroyThenCreate | PlanAction::CreateThenDestroy => vec![Create, Read, Delete],
        PlanAction::Destroy => vec![Read, Delete],
    }
}

fn phase_words(phase: PlanPhase) -> &'static str {
    match phase {
        PlanPhase::Create => "make",
        PlanPhase::Read => "read",
        PlanPhase::Update => "change",
        PlanPhase::Delete => "destroy",
        PlanPhase::Tag => "tag",
        PlanPhase::PassRole => "pass a role to",
    }
}
