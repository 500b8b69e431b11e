//! What the code of all features shares: versions, provider, backend, and the values of each
//! environment. What somebody else's file has already is left out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalog::blueprints::ParameterValue;
use crate::core::infra::compose::FeatureVariable;
use crate::core::infra::fill::literal;
use crate::core::infra::naming::Naming;
use crate::hcl::{Block, Expr, Item, Key};
use crate::model::environments::Environment;
use crate::model::ids::{AccountId, EnvironmentName, Region};
use crate::model::project::Devops;
use crate::text::escape;

/// What is known of an environment of the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeEnvironment {
    /// Its name.
    pub name: EnvironmentName,
    /// Its region.
    pub region: Option<Region>,
    /// Its account.
    pub account: Option<AccountId>,
}

impl CodeEnvironment {
    /// Returns what an environment's own settings and those of the project say.
    pub fn new(environment: &Environment, devops: &Devops) -> Self {
        let hosting = devops.handlers.hosting.aws.as_ref();
        Self {
            name: environment.name.clone(),
            region: environment
                .region
                .clone()
                .or_else(|| hosting.and_then(|aws| aws.region.clone())),
            account: environment
                .account_id
                .clone()
                .or_else(|| hosting.and_then(|aws| aws.account_id.clone())),
        }
    }
}

/// A file that is shared, by its name in the directory.
pub type SharedFile = (String, Vec<Item>);

/// Makes the shared files of a directory. `taken` are the blocks of other people's files, as
/// [`block_key`] calls them; what is left out for them is in the second result.
pub fn shared_files(
    devops: &Devops,
    naming: &Naming,
    environments: &[CodeEnvironment],
    taken: &BTreeSet<String>,
) -> (Vec<SharedFile>, Vec<String>) {
    let mut left_out = Vec::new();
    let all = [
        ("provider.tf", provider(naming)),
        ("variables.tf", variables(environments)),
        ("versions.tf", versions(devops)),
    ];
    let kept = all.into_iter().filter_map(|(name, blocks)| {
        let items = blocks.into_iter().filter(|block| {
            let key = block_key(block);
            let is_taken = key.as_ref().is_some_and(|key| taken.contains(key));
            if is_taken {
                left_out.extend(key);
            }
            !is_taken
        });
        let items: Vec<Item> = items.map(Item::Block).collect();
        (!items.is_empty()).then(|| (name.to_owned(), items))
    });
    let kept = kept.collect();
    (kept, left_out)
}

/// What makes two blocks the same for Terraform, where a directory can have only one of them.
pub fn block_key(block: &Block) -> Option<String> {
    if let Some(address) = block.address() {
        return Some(address);
    }
    let aliased = block.attribute("alias").is_some();
    match (block.kind.as_str(), block.labels.as_slice()) {
        ("provider", [name]) if !aliased => Some(format!("provider.{name}")),
        ("variable" | "output", [name]) => Some(format!("{}.{name}", block.kind)),
        ("terraform", []) => Some("terraform".to_owned()),
        _ => None,
    }
}

fn object(entries: Vec<(&str, Expr)>) -> Expr {
    let entries = entries.into_iter();
    Expr::Object(
        entries
            .map(|(name, value)| (Key::Name(name.to_owned()), value))
            .collect(),
    )
}

fn versions(devops: &Devops) -> Vec<Block> {
    let aws = object(vec![
        ("source", Expr::text("hashicorp/aws")),
        ("version", Expr::text("~> 6.0")),
    ]);
    let providers = Block::new(
        "required_providers",
        &[],
        vec![Item::Attribute("aws".to_owned(), aws)],
    );
    let mut items = vec![
        Item::attribute("required_version", ">= 1.10"),
        Item::Block(providers),
    ];
    items.extend(backend(devops).map(Item::Block));
    vec![Block::new("terraform", &[], items)]
}

/// The backend of devops.json. What differs by environment is not in it: Terraform takes no
/// variables there, so `terraform init -backend-config` gives it.
fn backend(devops: &Devops) -> Option<Block> {
    let settings = &devops.handlers.iac.terraform.as_ref()?.backend;
    let kind = settings.get("type")?.as_str()?;
    let by_environment = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| text.contains("{environment}"))
    };
    let mut items: Vec<Item> = settings
        .iter()
        .filter(|(name, value)| *name != "type" && !by_environment(value))
        .filter_map(|(name, value)| {
            Some(Item::Attribute(
                name.clone(),
                literal(&ParameterValue::from_json(value)?),
            ))
        })
        .collect();
    if kind == "s3" {
        for (name, value) in [("encrypt", true), ("use_lockfile", true)] {
            if !settings.contains_key(name) {
                items.push(Item::attribute(name, value));
            }
        }
    }
    Some(Block::new("backend", &[kind], items))
}

/// What `terraform init -backend-config=FILE` needs for an environment; empty where the backend is
/// the same for all of them.
pub fn backend_values(devops: &Devops, environment: &EnvironmentName) -> Vec<Item> {
    let terraform = devops.handlers.iac.terraform.as_ref();
    let settings = terraform.map(|one| &one.backend).into_iter().flatten();
    let values = settings.filter_map(|(name, value)| {
        let text = value
            .as_str()
            .filter(|text| text.contains("{environment}"))?;
        let text = text.replace("{environment}", environment.as_str());
        Some(Item::attribute(name, text.as_str()))
    });
    values.collect()
}

fn provider(naming: &Naming) -> Vec<Block> {
    let mut tags = vec![
        ("Environment", Expr::path("var.environment")),
        ("ManagedBy", Expr::text("terraform")),
        ("Project", Expr::text(naming.project.as_str())),
    ];
    if let Some(subsystem) = &naming.subsystem {
        tags.push(("Subsystem", Expr::text(subsystem.as_str())));
    }
    let tags = Item::Attribute("tags".to_owned(), object(tags));
    let is_null = Expr::Binary(
        "==".to_owned(),
        Box::new([Expr::path("var.account_id"), Expr::Null]),
    );
    let accounts = Expr::Conditional(Box::new([
        is_null,
        Expr::Null,
        Expr::List(vec![Expr::path("var.account_id")]),
    ]));
    let items = vec![
        Item::Attribute("region".to_owned(), Expr::path("var.region")),
        Item::Attribute("allowed_account_ids".to_owned(), accounts),
        Item::Block(Block::new("default_tags", &[], vec![tags])),
    ];
    let data = ["aws_caller_identity", "aws_partition", "aws_region"];
    let mut blocks = vec![Block::new("provider", &["aws"], items)];
    blocks.extend(data.map(|kind| Block::new("data", &[kind, "current"], Vec::new())));
    blocks
}

fn variables(environments: &[CodeEnvironment]) -> Vec<Block> {
    let names: Vec<Expr> = environments
        .iter()
        .map(|one| Expr::text(one.name.as_str()))
        .collect();
    let shown: Vec<&str> = environments.iter().map(|one| one.name.as_str()).collect();
    let message = format!("environment must be one of {}.", shown.join(", "));
    let known = Expr::Call(
        "contains".to_owned(),
        vec![Expr::List(names), Expr::path("var.environment")],
    );
    let validation = vec![
        Item::Attribute("condition".to_owned(), known),
        Item::attribute("error_message", message.as_str()),
    ];
    let text = || Item::Attribute("type".to_owned(), Expr::path("string"));
    let block = |name: &str, description: &str, rest: Vec<Item>| {
        let mut items = vec![Item::attribute("description", description), text()];
        items.extend(rest);
        Block::new("variable", &[name], items)
    };
    vec![
        block(
            "account_id",
            "The one account that may be changed; any where it is null",
            vec![Item::Attribute("default".to_owned(), Expr::Null)],
        ),
        block(
            "environment",
            "The environment, as part of every name",
            vec![Item::Block(Block::new("validation", &[], validation))],
        ),
        block("region", "The region", Vec::new()),
    ]
}

/// Makes the values of one environment: its own, and those of every feature.
pub fn values(environment: &CodeEnvironment, features: &[Vec<FeatureVariable>]) -> Vec<Item> {
    let mut all: BTreeMap<String, Expr> = BTreeMap::new();
    all.insert(
        "environment".to_owned(),
        Expr::text(environment.name.as_str()),
    );
    if let Some(region) = &environment.region {
        all.insert("region".to_owned(), Expr::text(region.as_str()));
    }
    if let Some(account) = &environment.account {
        all.insert("account_id".to_owned(), Expr::text(account.as_str()));
    }
    for variable in features.iter().flatten() {
        let own = variable
            .values
            .iter()
            .find(|(name, _)| *name == environment.name);
        if let Some((_, value)) = own {
            all.insert(variable.name.clone(), literal(value));
        }
    }
    all.into_iter()
        .map(|(name, value)| Item::Attribute(name, value))
        .collect()
}

/// Returns the name of the file with the values of an environment, by the pattern of devops.json.
///
/// # Errors
/// The pattern does not tell environments apart, or leaves the directory.
pub fn values_file(devops: &Devops, environment: &EnvironmentName) -> Result<String, String> {
    let terraform = devops.handlers.iac.terraform.as_ref();
    let pattern = terraform.and_then(|one| one.var_file_pattern.as_deref());
    let pattern = pattern.unwrap_or("{environment}.tfvars");
    let shown = escape::cut(&escape::json(pattern), 80);
    if !pattern.contains("{environment}")
        || pattern.split('/').any(|part| part == "..")
        || pattern.starts_with('/')
    {
        return Err(format!(
            "`var_file_pattern` is `{shown}`; it must name `{{environment}}` and stay in the directory"
        ));
    }
    Ok(pattern.replace("{environment}", environment.as_str()))
}
