//! Data that the product is made of, one file each, embedded and proven by tests.
//!
//! Knows [`crate::model`] and [`crate::expr`] and nothing else. To add a resource kind, put a file into
//! `catalog/kinds/`: `docs/development/adding-a-kind.md`. To add another sort of data,
//! see [`registry`].

pub mod access;
pub mod actions;
pub mod background_writes;
pub mod blueprints;
pub mod checks;
pub mod config_rules;
pub mod configuration;
pub mod error_codes;
pub mod errors;
pub mod escalations;
pub mod frameworks;
pub mod instances;
pub mod kinds;
pub mod lambda_runtimes;
pub mod opportunities;
mod placeholders;
pub mod price_list;
pub mod prices;
pub mod rates;
pub mod reads;
pub mod registry;
pub mod signatures;
pub mod stateful;
pub mod template;
pub mod writes;

pub use kinds::kind::Kind;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::model::ids::{Arn, KindId};

use kinds::compile::{CompiledKind, Programs};
use registry::{DataError, Registry};

/// Every kind the binary knows, and those a user added.
#[derive(Debug, Clone)]
pub struct Catalog {
    kinds: Registry<CompiledKind>,
}

impl Catalog {
    /// The kinds that are built in.
    ///
    /// # Errors
    /// The first fault in them; tests rule it out.
    pub fn built_in() -> Result<Self, DataError> {
        Self::with_user_kinds(&[]).map_err(|mut faults| faults.swap_remove(0))
    }

    /// The built-in kinds and a user's: name and text of each file. A user's kind with the id
    /// of a built-in one replaces it.
    ///
    /// # Errors
    /// The fault of every file that has one.
    pub fn with_user_kinds(files: &[(String, String)]) -> Result<Self, Vec<DataError>> {
        // They cannot change, and a process that decides more than once asks for them each time.
        static BUILT_IN: OnceLock<Result<Registry<CompiledKind>, Vec<DataError>>> = OnceLock::new();
        let built_in = BUILT_IN.get_or_init(|| Registry::load(&[])).as_ref();
        let kinds = built_in.map_err(Clone::clone)?.with(files)?;
        Ok(Self { kinds })
    }

    /// All kinds, sorted by id.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter().map(|compiled| &compiled.kind)
    }

    /// All kinds with their files, examples and compiled formulas.
    pub fn registry(&self) -> &Registry<CompiledKind> {
        &self.kinds
    }

    /// The kind with this id.
    pub fn kind(&self, id: &KindId) -> Option<&Kind> {
        self.kinds.get(id.as_str()).map(|compiled| &compiled.kind)
    }

    /// The kind with this id, with its compiled formulas.
    pub fn kind_with_programs(&self, id: &KindId) -> Option<(&Kind, &Programs)> {
        let CompiledKind { kind, programs } = self.kinds.get(id.as_str())?;
        Some((kind, programs))
    }

    /// What people call so many resources of these kinds: `RDS database`, `Lambda functions`,
    /// `resources` where they are of several kinds or of none.
    pub fn noun<'a>(
        &'a self,
        kinds: impl IntoIterator<Item = Option<&'a KindId>>,
        count: usize,
    ) -> &'a str {
        let mut kinds = kinds.into_iter();
        let first = kinds.next().flatten();
        let alike = kinds.all(|kind| kind == first);
        let kind = first.filter(|_| alike).and_then(|id| self.kind(id));
        match (kind, count) {
            (Some(kind), 1) => kind.title.as_str(),
            (Some(kind), _) => kind.plural.as_str(),
            (None, 1) => "resource",
            (None, _) => "resources",
        }
    }

    /// The kind whose pattern fits this ARN, with what the pattern's named groups caught.
    pub fn by_arn(&self, arn: &Arn) -> Option<(&Kind, BTreeMap<String, String>)> {
        self.kinds
            .iter()
            .find_map(|compiled| Some((&compiled.kind, compiled.programs.captures(arn)?)))
    }

    /// Returns the kind of a resource and what its ARN says of it, by [`Catalog::classify`].
    pub fn recognise(
        &self,
        resource_type: &str,
        arn: &Arn,
    ) -> Option<(&Kind, BTreeMap<String, String>)> {
        match self.classify(resource_type, arn) {
            Classified::Kind(kind, captures) => Some((kind, captures)),
            Classified::OtherArn { .. } | Classified::Unknown => None,
        }
    }

    /// Decides of what kind a resource is, by its type (Terraform's or CloudFormation's) and
    /// its ARN together. The one place that does: adopting, checking and observing ask here.
    pub fn classify(&self, resource_type: &str, arn: &Arn) -> Classified<'_> {
        let mut of_type = None;
        for compiled in self.kinds.iter() {
            if !compiled.kind.has_type(resource_type) {
                continue;
            }
            if let Some(captures) = compiled.programs.captures(arn) {
                return Classified::Kind(&compiled.kind, captures);
            }
            of_type = of_type.or(Some(&compiled.kind));
        }
        match (of_type, self.by_arn(arn)) {
            (Some(of_type), of_arn) => Classified::OtherArn {
                of_type,
                of_arn: of_arn.map(|(kind, _)| kind),
            },
            (None, Some((kind, captures))) => Classified::Kind(kind, captures),
            (None, None) => Classified::Unknown,
        }
    }
}

/// What [`Catalog::classify`] says of a resource.
#[derive(Debug)]
pub enum Classified<'a> {
    /// It is of this kind; what the named groups of the kind's ARN pattern caught.
    Kind(&'a Kind, BTreeMap<String, String>),
    /// Kinds have its type, but none of them such an ARN: a gateway load balancer among
    /// `aws_lb`, a cluster recorded as `aws_db_instance`, the alias of a function. To ask about
    /// it as if it were of that kind would call it gone.
    OtherArn {
        /// The first kind that has the type.
        of_type: &'a Kind,
        /// The kind that has such ARNs, where one does.
        of_arn: Option<&'a Kind>,
    },
    /// Neither its type nor its ARN is of a kind.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lambda_with(line: &str) -> String {
        let files = registry::folders::KINDS.files.iter();
        let mut lambda = files.filter(|(id, _)| *id == "lambda");
        let (_, text) = lambda.next().expect("lambda is built in");
        text.replacen("title = \"Lambda function\"", line, 1)
    }

    fn file(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn a_users_kind_replaces_the_built_in_one() {
        let own = lambda_with("title = \"Our function\"");
        let catalog = Catalog::with_user_kinds(&[file("kinds/lambda.toml", &own)]).expect("kinds");
        let id = KindId::new("lambda").expect("an id");
        assert_eq!(
            catalog.kind(&id).map(|k| k.title.as_str()),
            Some("Our function")
        );
        assert_eq!(
            catalog.kinds().count(),
            registry::folders::KINDS.files.len()
        );
        let arn = Arn::new("arn:aws:lambda:eu-west-1:123456789012:function:a").expect("an ARN");
        let found = catalog.recognise("aws_lambda_function", &arn);
        let title = found.map(|(kind, _)| kind.title.as_str());
        assert_eq!(title, Some("Our function"));
    }

    #[test]
    fn type_and_arn_decide_together() {
        let catalog = Catalog::built_in().expect("the catalogue");
        let lb = |path: &str| format!("elasticloadbalancing:eu-west-1:123456789012:{path}");
        let cases = [
            ("aws_lb", lb("loadbalancer/app/web/50dc"), "alb"),
            ("aws_lb", lb("loadbalancer/net/tcp/50dc"), "nlb"),
            ("aws_lb", lb("loadbalancer/gwy/fw/50dc"), "not alb"),
            (
                "aws_db_instance",
                "rds:eu-west-1:123456789012:cluster:db".to_owned(),
                "not rds",
            ),
            (
                "aws_sqs_queue",
                "lambda:eu-west-1:123456789012:function:f".to_owned(),
                "not sqs but lambda",
            ),
            (
                "AWS::Lambda::Function",
                "lambda:eu-west-1:123456789012:function:f".to_owned(),
                "lambda",
            ),
            (
                "AWS::DynamoDB::Table",
                "lambda:eu-west-1:123456789012:function:f".to_owned(),
                "not dynamodb but lambda",
            ),
            (
                "made_up",
                "lambda:eu-west-1:123456789012:function:f".to_owned(),
                "lambda",
            ),
            ("made_up", "iam::123456789012:role/r".to_owned(), "unknown"),
        ];
        for (resource_type, arn, expected) in cases {
            let arn = Arn::new(format!("arn:aws:{arn}")).expect("an ARN");
            let said = match catalog.classify(resource_type, &arn) {
                Classified::Kind(kind, _) => kind.id.to_string(),
                Classified::OtherArn { of_type, of_arn } => {
                    let but = of_arn.map_or_else(String::new, |kind| format!(" but {}", kind.id));
                    format!("not {}{but}", of_type.id)
                }
                Classified::Unknown => "unknown".to_owned(),
            };
            assert_eq!(said, expected, "{resource_type} {arn}");
        }
    }

    #[test]
    fn a_users_kind_without_states_keeps_those_of_the_built_in_one() {
        let files = registry::folders::KINDS.files.iter();
        let mut rds = files.filter(|(id, _)| *id == "rds");
        let (_, text) = rds.next().expect("rds is built in");
        let mut table: toml::Table = toml::from_str(text).expect("TOML");
        let status = table["status"].as_table_mut().expect("a table");
        for key in ["states", "word", "sources"] {
            status.remove(key).expect("rds has it");
        }
        let own = toml::to_string(&table).expect("TOML");
        let catalog = Catalog::with_user_kinds(&[file("kinds/rds.toml", &own)]).expect("kinds");
        let id = KindId::new("rds").expect("an id");
        let built_in = Catalog::built_in().expect("kinds");
        let rows = |catalog: &Catalog| catalog.kind(&id).and_then(|k| Some(k.states()?.rows.len()));
        assert!(rows(&built_in) > Some(30));
        assert_eq!(rows(&catalog), rows(&built_in));
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let good = lambda_with("title = \"Our function\"");
        let bad = lambda_with("titel = \"x\"");
        let faults = Catalog::with_user_kinds(&[
            file("a/lambda.toml", &good),
            file("b/lambda.toml", &good),
            file("c/lambda.toml", &bad),
            file("d/x.toml", "\u{0}"),
        ])
        .expect_err("three faults");
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert_eq!(
            faults[0],
            "b/lambda.toml:1:1: the kind `lambda` is already in a/lambda.toml: remove one of the two files"
        );
    }
}
