//! Trails: whether they record, and whether one of them covers what is asked.

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::{FactView, SeenItems, flag_in, list_in, text_in};
use crate::core::known::{Known, Obstacle, all, any, unclear};
use crate::model::fact::Value;
use crate::text::escape;

use super::{DerivedFact, DerivedFacts, s3};

pub(super) fn trail<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let bucket = |holds: &dyn Fn(FactView<'a>) -> Known<bool>| -> Known<bool> {
        let Some(name) = view.text("s3_bucket_name")? else {
            return Ok(false);
        };
        match estate.find("aws_s3_bucket", "bucket", &name)? {
            Some(bucket) => holds(bucket),
            // In another account, as for trails of an organisation: nothing is known of it here.
            None => Err(unclear(format!(
                "the bucket `{}` is not in this account",
                escape::cut(&name, 63)
            ))),
        }
    };
    let public = bucket(
        &|bucket| match s3::bucket(estate, bucket).remove("public") {
            Some(DerivedFact::Value(Some(Value::Flag(flag)))) => Ok(flag),
            Some(DerivedFact::Unknown(obstacles)) => Err(obstacles),
            _ => Ok(false),
        },
    );
    let logged = bucket(&|bucket| Ok(bucket.get("logging")?.is_some()));
    let to_logs = view
        .text("cloud_watch_logs_group_arn")
        .map(|arn| arn.is_some_and(|arn| !arn.is_empty()));
    DerivedFacts::from([
        ("logging", DerivedFact::from(is_logging(view))),
        ("bucket_public", DerivedFact::from(public)),
        ("bucket_logged", DerivedFact::from(logged)),
        ("to_logs", DerivedFact::from(to_logs)),
    ])
}

/// What the trails of the account do together: any that covers something is enough, be it one
/// of another region or of the organisation.
pub(super) fn account(estate: &Estate<'_>) -> DerivedFacts {
    let one = |asked: &dyn Fn(FactView<'_>) -> Known<bool>| {
        let found = estate.any("aws_cloudtrail", |view| {
            all([asked(view), is_logging(view)])
        });
        DerivedFact::from(found)
    };
    let watched = |view: FactView<'_>| {
        let arn = view.text("cloud_watch_logs_group_arn")?;
        Ok(arn.is_some_and(|arn| !arn.is_empty()))
    };
    DerivedFacts::from([
        (
            "multi_region_trail",
            one(&|view| all([view.flag("is_multi_region_trail"), records_management(view)])),
        ),
        (
            "trail_records_s3_writes",
            one(&|view| records_objects(view, "WriteOnly")),
        ),
        (
            "trail_records_s3_reads",
            one(&|view| records_objects(view, "ReadOnly")),
        ),
        ("trail_watched", one(&watched)),
    ])
}

/// Whether a trail records. A plan says so by `enable_logging`; AWS by the trail's status, which
/// members of an organisation may not read.
pub(super) fn is_logging(view: FactView<'_>) -> Known<bool> {
    if view.is_planned() && !view.was_asked("is_logging") {
        return view.flag("enable_logging");
    }
    view.flag("is_logging").map_err(|mut obstacles| {
        if view.flag("is_organization_trail") == Ok(true) {
            let arn = view.resource.arn.as_ref();
            let owner = arn.map_or("the management account", |arn| arn.account());
            obstacles.insert(Obstacle::Unclear(format!(
                "the status of a trail of the organisation can be read in its management account \
                 ({owner})"
            )));
        }
        obstacles
    })
}

/// Whether a trail records reading and writing in the management of the account.
fn records_management(view: FactView<'_>) -> Known<bool> {
    let basic = view.list("event_selector")?;
    let advanced = view.list("advanced_event_selector")?;
    let is_none = |seen: &SeenItems| seen.items.is_empty() && seen.hidden.is_empty();
    if is_none(&basic) && is_none(&advanced) {
        // The default of a trail.
        return Ok(true);
    }
    let records = |wanted: &str| {
        let of_basic = basic.any(|one| {
            let kind = text_in(one, "read_write_type")?;
            let is_meant = kind.is_none_or(|kind| kind == "All" || kind == wanted);
            Ok(flag_in(one, "include_management_events")? && is_meant)
        });
        let of_advanced = advanced.any(|one| {
            Ok(has_field(one, "eventCategory", "Management")?
                && !has_field(one, "readOnly", read_only_of_others(wanted))?)
        });
        any([of_basic, of_advanced])
    };
    all([records("ReadOnly"), records("WriteOnly")])
}

/// What `readOnly` is in a selector that records the opposite alone.
fn read_only_of_others(wanted: &str) -> &'static str {
    match wanted {
        "ReadOnly" => "false",
        _ => "true",
    }
}

/// Whether a trail records reading (`ReadOnly`) or writing (`WriteOnly`) of every object in S3.
fn records_objects(view: FactView<'_>, wanted: &str) -> Known<bool> {
    let of_basic = view.list("event_selector")?.any(|one| {
        let kind = text_in(one, "read_write_type")?.unwrap_or_else(|| "All".to_owned());
        let of_s3 = list_in(one, "data_resource")?.any(|data| {
            let of = text_in(data, "type")?;
            let values: SeenItems = list_in(data, "values")?;
            let is_all = |text: &String| text == "arn:aws:s3" || text == "arn:aws:s3:::";
            Ok(of.as_deref() == Some("AWS::S3::Object") && values.texts().iter().any(is_all))
        })?;
        Ok(of_s3 && (kind == "All" || kind == wanted))
    });
    let of_advanced = view.list("advanced_event_selector")?.any(|one| {
        Ok(has_field(one, "resources.type", "AWS::S3::Object")?
            && !has_field(one, "readOnly", read_only_of_others(wanted))?)
    });
    any([of_basic, of_advanced])
}

fn has_field(selector: &Value, field: &str, value: &str) -> Known<bool> {
    list_in(selector, "field_selector")?.any(|one| {
        let name = text_in(one, "field")?;
        let values = list_in(one, "equals")?.texts();
        Ok(name.as_deref() == Some(field) && values.iter().any(|found| found == value))
    })
}
