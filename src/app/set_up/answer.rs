//! What `init` says of what it did.

use crate::app::set_up::Scaffolding;
use crate::model::ids::DomainName;
use crate::state::documents::paths;

impl Scaffolding {
    /// Returns what was done and what to do next, for people.
    pub(crate) fn answer(&self, domain: Option<&DomainName>) -> String {
        let mut out = String::new();
        for path in &self.created {
            out.push_str(&format!("  + {path}\n"));
        }
        for name in &self.added {
            out.push_str(&format!("  ~ {} ({name} added)\n", paths::environments()));
        }
        for what in &self.filled {
            out.push_str(&format!("  ~ {} ({what} set)\n", paths::environments()));
        }
        for name in &self.domains {
            let path = paths::domain_monitors();
            out.push_str(&format!("  ~ {path} ({name} added)\n"));
        }
        for path in &self.renewed {
            out.push_str(&format!("  ~ {path} (now of this version)\n"));
        }
        for path in &self.kept {
            out.push_str(&format!("  = {path} (there already, kept)\n"));
        }
        if self.transaction.is_empty() {
            out.push_str("\nEverything is there already.\n");
        }
        for name in &self.unmonitored {
            out.push_str(&format!(
                "\n{} does not list {name}: add it there, so that `fractary run --all` sees it\n",
                paths::monitoring_toml()
            ));
        }
        for path in &self.unmapped {
            out.push_str(&format!(
                "\n{path} is yours and does not name the schemas: docs/editor.md has what to add\n"
            ));
        }
        if let Some(domain) = domain {
            out.push_str(&format!(
            "\nNext:\n  edit monitors/app-health.json          the URLs to ask, by environment\n  \
             fractary monitor validate {domain}  try it\n  fractary status                        all domains at a glance\n"
        ));
            return out;
        }
        out.push_str(
            "\nNext:\n  \
         fractary adopt terraform.tfstate   fill the registry from your Terraform state\n  \
         fractary adopt --tag app=orders    or from the tags of your resources\n  \
         fractary doctor                    is everything set up?\n  \
         fractary health                    look at your resources\n",
        );
        out
    }
}
