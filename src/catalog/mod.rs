//! Data that the product is made of, one file each, embedded and proven by tests.
//!
//! Knows [`crate::model`] and nothing else. To add a resource kind, put a file into
//! `catalog/kinds/` and its line into [`kinds`]'s list; see `docs/adding-a-kind.md`.

pub mod expression;
pub mod kinds;
pub mod template;

pub use kinds::kind::Kind;

use std::collections::BTreeMap;

use crate::model::ids::{Arn, KindId};

use kinds::compile::Programs;
use kinds::kind::KindError;

/// Every kind the binary knows, and those a user added.
#[derive(Debug, Clone)]
pub struct Catalog {
    kinds: Vec<Kind>,
    /// Compiled parts of the kind at the same index.
    programs: Vec<Programs>,
}

impl Catalog {
    /// The kinds that are built in.
    pub fn built_in() -> Result<Self, KindError> {
        Ok(Self::from_parts(kinds::load()?))
    }

    /// The built-in kinds and a user's: name and text of each file. A user's kind with the id
    /// of a built-in one replaces it. All faults at once.
    pub fn with_user_kinds(files: &[(String, String)]) -> Result<Self, Vec<KindError>> {
        let mut parts = kinds::load().map_err(|error| vec![error])?;
        let mut faults = Vec::new();
        let mut seen: BTreeMap<KindId, &str> = BTreeMap::new();
        for (file, text) in files {
            match kinds::compile::parse(file, text) {
                Ok((kind, programs)) => {
                    if let Some(first) = seen.insert(kind.id.clone(), file) {
                        faults.push(KindError::Duplicate {
                            file: file.clone(),
                            id: kind.id.clone(),
                            first: first.to_owned(),
                        });
                    }
                    parts.retain(|(known, _)| known.id != kind.id);
                    parts.push((kind, programs));
                }
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() {
            Ok(Self::from_parts(parts))
        } else {
            Err(faults)
        }
    }

    fn from_parts(mut parts: Vec<(Kind, Programs)>) -> Self {
        parts.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        let (kinds, programs) = parts.into_iter().unzip();
        Self { kinds, programs }
    }

    /// All kinds, sorted by id.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The kind with this id.
    pub fn kind(&self, id: &KindId) -> Option<&Kind> {
        self.index(id).map(|index| &self.kinds[index])
    }

    /// The kind with this id, with its compiled expressions.
    pub fn kind_with_programs(&self, id: &KindId) -> Option<(&Kind, &Programs)> {
        self.index(id)
            .map(|index| (&self.kinds[index], &self.programs[index]))
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

    fn index(&self, id: &KindId) -> Option<usize> {
        self.kinds.binary_search_by(|kind| kind.id.cmp(id)).ok()
    }

    /// The first kind that has this Terraform type. Some types (`aws_lb`) belong to several
    /// kinds, which only the ARN tells apart: see [`Catalog::recognise`].
    pub fn by_terraform_type(&self, resource_type: &str) -> Option<&Kind> {
        self.kinds
            .iter()
            .find(|kind| kind.has_terraform_type(resource_type))
    }

    /// The kind whose pattern fits this ARN, with what the pattern's named groups caught.
    pub fn by_arn(&self, arn: &Arn) -> Option<(&Kind, BTreeMap<String, String>)> {
        self.kinds
            .iter()
            .zip(&self.programs)
            .find_map(|(kind, programs)| Some((kind, programs.captures(arn)?)))
    }

    /// The kind of a resource and what its ARN says of it: a kind that fits type and ARN, else
    /// one that has the type, else one that fits the ARN.
    pub fn recognise(
        &self,
        resource_type: &str,
        arn: &Arn,
    ) -> Option<(&Kind, BTreeMap<String, String>)> {
        let by_type = |kind: &Kind| kind.has_terraform_type(resource_type);
        self.kinds
            .iter()
            .zip(&self.programs)
            .filter(|(kind, _)| by_type(kind))
            .find_map(|(kind, programs)| Some((kind, programs.captures(arn)?)))
            .or_else(|| Some((self.by_terraform_type(resource_type)?, BTreeMap::new())))
            .or_else(|| self.by_arn(arn))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lambda_with(line: &str) -> String {
        let (_, text) = kinds::BUILT_IN
            .iter()
            .find(|(id, _)| *id == "lambda")
            .expect("lambda is built in");
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
        assert_eq!(catalog.kinds().len(), kinds::BUILT_IN.len());
        let of_type = catalog.by_terraform_type("aws_lambda_function");
        assert_eq!(of_type.map(|k| k.title.as_str()), Some("Our function"));
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
            "b/lambda.toml: the kind `lambda` is already in a/lambda.toml"
        );
    }
}
