use super::*;

#[test]
fn every_action_of_the_tables_is_one_of_the_reference() {
    let reference = AccessReference::built_in();
    let of_types = reference.measured.values();
    let measured =
        of_types.flat_map(|one| [&one.create, &one.read, &one.delete].into_iter().flatten());
    let known = &reference.known;
    let ours = [&known.tags, &known.tags_of_type, &known.update];
    let ours = ours.into_iter().flat_map(BTreeMap::values).flatten();
    let mut count = 0;
    for name in measured.chain(ours).chain(known.always.keys()) {
        let found = reference.action(name);
        assert_eq!(found.map(|one| one.name).as_ref(), Some(name));
        count += 1;
    }
    assert!(count > 700, "{count}");
    let types: Vec<&str> = reference.types().collect();
    assert!(types.len() >= 95);
    let tables = [&known.update, &known.tags_of_type];
    for name in tables
        .into_iter()
        .flat_map(BTreeMap::keys)
        .chain(known.arns.keys())
        .chain(known.pass.keys())
    {
        assert!(
            types.contains(&name.as_str()),
            "{name} has no measured actions"
        );
    }
}

#[test]
fn actions_are_found_whatever_their_case_with_what_they_are_allowed_on() {
    let reference = AccessReference::built_in();
    let names = |name: &str| {
        let found = reference.action(name)?;
        let of = |all: &[ResourceForm<'_>]| {
            all.iter()
                .map(|one| one.name.to_owned())
                .collect::<Vec<_>>()
        };
        Some((
            found.name.clone(),
            found.is_list,
            of(&found.required),
            of(&found.optional),
        ))
    };
    let own = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    for (given, want) in [
        (
            "sqs:receivemessage",
            Some(("sqs:ReceiveMessage", false, vec!["queue"], vec![])),
        ),
        (
            "SNS:Publish",
            Some(("sns:Publish", false, vec!["topic"], vec![])),
        ),
        (
            "logs:DescribeLogGroups",
            Some(("logs:DescribeLogGroups", true, vec![], vec![])),
        ),
        (
            "rds:DescribeDBInstances",
            Some(("rds:DescribeDBInstances", true, vec![], vec!["db"])),
        ),
        ("sqs:Nothing", None),
        ("nothing", None),
        ("", None),
    ] {
        let want = want.map(
            |(name, list, required, optional): (&str, bool, Vec<&str>, Vec<&str>)| {
                (name.to_owned(), list, own(&required), own(&optional))
            },
        );
        assert_eq!(names(given), want, "{given}");
    }
}
