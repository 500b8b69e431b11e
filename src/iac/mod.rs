//! Readers of what an infrastructure-as-code tool knows to be deployed.
//!
//! Turns the bytes of a file into [`IacResource`]s and knows nothing of how they are
//! recorded or judged. Only attributes that identify a resource are taken over
//! ([`values`]); every other value of a state, sensitive or not, is dropped while it is
//! parsed. To add a tool, implement [`Iac`] and add it to [`tool`] and [`read`].

mod cloudformation;
mod decode;
mod detect;
mod documents;
mod error;
pub mod hcl;
mod other;
pub mod plan;
mod pulumi;
mod references;
mod resource;
mod show_json;
mod state_facts;
mod tfstate;
mod tfstate_v3;
mod values;

pub use detect::Format;
pub use detect::detect;
pub use documents::Noise;
pub use error::IacError;
pub use resource::IacInventory;
pub use resource::IacResource;
pub use resource::IndexKey;
pub use resource::Lineage;
pub use state_facts::{StateFacts, state_facts};

#[cfg(test)]
mod tests;

/// What can be read, for people.
pub const SUPPORTED: &str = "a Terraform or OpenTofu state (.tfstate, version 3 or 4), the output \
                             of `terraform show -json` for a state or a plan, of `pulumi stack \
                             export`, or of `aws cloudformation describe-stack-resources`";

/// An infrastructure-as-code tool whose files can be read.
pub trait Iac {
    /// Its name in `devops.json` (`handlers.iac.active`).
    fn name(&self) -> &'static str;

    /// The program that plans and applies, looked for in `PATH`.
    fn program(&self) -> &'static str;

    /// The resources that a file of this tool names.
    ///
    /// # Errors
    /// The file is of no supported form, damaged, too large or too deep.
    fn read_resources(&self, bytes: &[u8]) -> Result<IacInventory, IacError>;
}

const TERRAFORM: Terraform = Terraform {
    name: "terraform",
    program: "terraform",
};

/// Terraform, and OpenTofu, whose files have the same form.
#[derive(Debug, Clone, Copy)]
pub struct Terraform {
    name: &'static str,
    program: &'static str,
}

impl Iac for Terraform {
    fn name(&self) -> &'static str {
        self.name
    }

    fn program(&self) -> &'static str {
        self.program
    }

    fn read_resources(&self, bytes: &[u8]) -> Result<IacInventory, IacError> {
        let text = decode::text(bytes)?;
        let split = documents::split(&text)?;
        let of = split.documents.len();
        let mut all = Vec::new();
        for (index, document) in split.documents.iter().enumerate() {
            let read = read_document(document.text);
            all.push(read.map_err(|error| {
                let error = error.moved(document.line, document.column);
                match of {
                    1 => error,
                    _ => IacError::InDocument {
                        number: index + 1,
                        of,
                        line: document.line,
                        error: Box::new(error),
                    },
                }
            })?);
        }
        let mut inventory = IacInventory::joined(all).ok_or(IacError::Empty)?;
        inventory.noise = split.noise;
        Ok(inventory)
    }
}

fn read_document(text: &str) -> Result<IacInventory, IacError> {
    match detect::of_document(text)? {
        Format::StateV3 => tfstate_v3::read(text),
        Format::StateV4 => tfstate::read(text),
        Format::ShownState => show_json::read_state(text),
        Format::ShownPlan => show_json::read_plan(text),
        Format::PulumiStack => pulumi::read(text),
        Format::StackResources => cloudformation::read(text),
    }
}

/// The tool of this name, as `devops.json` has it.
///
/// # Errors
/// There is no reader for it; the error names the available ones.
pub fn tool(name: &str) -> Result<Box<dyn Iac>, IacError> {
    match name {
        "terraform" => Ok(Box::new(TERRAFORM)),
        "opentofu" | "tofu" => Ok(Box::new(Terraform {
            name: "opentofu",
            program: "tofu",
        })),
        other => Err(IacError::UnknownTool(crate::text::escape::json(other))),
    }
}

/// The resources in a file of any supported form.
///
/// # Errors
/// The file is of no supported form, damaged, too large or too deep.
pub fn read(bytes: &[u8]) -> Result<IacInventory, IacError> {
    TERRAFORM.read_resources(bytes)
}
