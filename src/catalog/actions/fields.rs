//! What expressions and inputs of actions may name of a resource.

use std::collections::BTreeMap;

use crate::model::partition::Partition;
use crate::model::resource::Resource;
use crate::text::Untrusted;

/// Returns the fields of a resource by the names of `resource`.
pub fn resource_fields(resource: &Resource) -> BTreeMap<&'static str, String> {
    let attribute = |name: &str| resource.attributes.get(name).map(Untrusted::raw);
    let raw = |text: &Untrusted| text.raw().to_owned();
    let partition = Partition::of_arn(&resource.arn).unwrap_or(Partition::COMMERCIAL);
    let stage = attribute("at_stage").or_else(|| attribute("stage"));
    let mut fields = BTreeMap::from([
        ("account", resource.arn.account().to_owned()),
        ("arn", resource.arn.to_string()),
        (
            "id",
            attribute("id").map_or_else(|| raw(&resource.aws_id), str::to_owned),
        ),
        ("label", raw(&resource.name)),
        (
            "name",
            attribute("name").map_or_else(|| raw(&resource.name), str::to_owned),
        ),
        ("partition", partition.name.to_owned()),
        ("region", resource.region.to_string()),
    ]);
    if let Some(cluster) = attribute("cluster") {
        fields.insert("cluster", cluster.to_owned());
    } else if resource.resource_type == "aws_ecs_service" {
        fields.insert("cluster", "default".to_owned());
    }
    if let (Some(cluster), Some(name)) = (fields.get("cluster"), fields.get("name")) {
        // What Application Auto Scaling calls a service.
        let path = format!("service/{cluster}/{name}");
        fields.insert("service_path", path);
    }
    fields.extend(stage.map(|stage| ("stage", stage.to_owned())));
    fields
}
