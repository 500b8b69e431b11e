//! Operations that change something, one file a service: how their requests are written. They are
//! kept apart from [`reads`](crate::catalog::reads), whose table holds nothing that changes
//! anything; only `app/apply` sends them.

use std::sync::LazyLock;

use crate::catalog::reads::service::{NoExample, Operation, Protocol, Service, is_harmless_read};
use crate::catalog::registry::{DataError, DataFile, Fault, Folder, Registry, Step, folders};

static BUILT_IN: LazyLock<Writes> =
    LazyLock::new(|| Writes::read().expect("tests rule out that the built-in files are faulty"));

/// All services with operations that change something.
#[derive(Debug)]
pub struct Writes(Registry<WriteService>);

/// A service, and what may be changed in it.
#[derive(Debug, Clone)]
pub struct WriteService(Service);

impl Writes {
    /// Returns those that are built in.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Reads the built-in files.
    ///
    /// # Errors
    /// The fault of every file that has one.
    pub fn read() -> Result<Self, Vec<DataError>> {
        Registry::load(&[]).map(Self)
    }

    /// Returns all services, sorted by IAM's prefix.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.0.iter().map(|one| &one.0)
    }

    /// Returns an operation such as `ecs:UpdateService`, with its service and its own name.
    pub fn operation<'a>(&'a self, name: &'a str) -> Option<(&'a Service, &'a str, &'a Operation)> {
        let (prefix, operation) = name.split_once(':')?;
        let service = &self.0.get(prefix)?.0;
        Some((service, operation, service.operations.get(operation)?))
    }

    /// Returns the IAM action that an operation needs; `None` where the table does not hold it.
    pub fn action(&self, operation: &str) -> Option<String> {
        let (service, name, _) = self.operation(operation)?;
        Some(service.action(name))
    }
}

impl DataFile for WriteService {
    const FOLDER: Folder = folders::WRITES;
    const NOUN: &'static str = "service";
    type Form = Service;
    type Example = NoExample;

    fn prove(id: &str, mut form: Service) -> Result<Self, Fault> {
        form.prefix = id.to_owned();
        for (name, operation) in &form.operations {
            let at = |key: &str| ["operations".into(), Step::from(name.as_str()), key.into()];
            if is_harmless_read(id, name) {
                let message = format!("`{name}` reads: it belongs to the reads");
                return Err(Fault::new(at(""), message));
            }
            let (method, path) = operation.method_and_path();
            let rest = matches!(form.protocol, Protocol::RestJson | Protocol::RestXml);
            let fits = match rest {
                true => {
                    ["DELETE", "PATCH", "POST", "PUT"].contains(&method) && path.starts_with('/')
                }
                false => operation.http == "POST /",
            };
            if !fits {
                return Err(Fault::new(
                    at("http"),
                    "expected `PUT /path` of a service with paths",
                ));
            }
        }
        Ok(Self(form))
    }

    fn examples(&self) -> &[NoExample] {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::actions::Actions;
    use crate::cloud::actions::GRANTING;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_makes_sense_and_every_operation_is_used() {
        let writes = Writes::read().unwrap_or_else(|faults| {
            let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
            panic!("{}", all.join("\n"))
        });
        let actions = Actions::read().unwrap_or_else(|faults| {
            let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
            panic!("{}", all.join("\n"))
        });
        // Alerts are published, and permissions are granted, by no action.
        let used: BTreeSet<&str> = actions
            .iter()
            .flat_map(|one| one.write_operations())
            .chain(["sns:Publish"])
            .chain(GRANTING)
            .collect();
        let mut named = BTreeSet::new();
        for service in writes.services() {
            for name in service.operations.keys() {
                named.insert(format!("{}:{name}", service.prefix));
            }
        }
        let named: BTreeSet<&str> = named.iter().map(String::as_str).collect();
        assert_eq!(named, used);
    }

    #[test]
    fn nothing_in_the_table_destroys_or_opens_anything() {
        // Grants have operations of their own, which no action may use.
        let actions = Actions::built_in().iter();
        let mut of_actions = actions.flat_map(|one| one.write_operations());
        assert!(!of_actions.any(|name| name.starts_with("iam:")));
        let all = Writes::built_in().services();
        for service in all.filter(|one| one.prefix != "iam") {
            for name in service.operations.keys() {
                let never = [
                    "Terminate",
                    "Purge",
                    "Put Policy",
                    "Attach",
                    "AddPermission",
                ];
                assert!(!never.iter().any(|start| name.starts_with(start)), "{name}");
                // What these delete is a setting, and an action sets it again.
                let settings = [
                    "DeleteFunctionConcurrency",
                    "DeleteProvisionedConcurrencyConfig",
                ];
                let deletes = name.starts_with("Delete");
                assert!(!deletes || settings.contains(&name.as_str()), "{name}");
            }
            assert_ne!(service.prefix, "s3");
        }
    }
}
