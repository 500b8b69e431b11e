//! Which log groups are meant, and what they are.

use std::collections::BTreeSet;

use crate::cloud::Cloud;
use crate::cloud::question::{LogGroupsQuestion, LogSourcesQuestion};
use crate::model::fact::Gap;
use crate::model::ids::{EnvironmentName, Region};
use crate::model::log_events::{LogGroup, LogSilence, LogsElsewhere};
use crate::model::resource::Resource;
use crate::text::Untrusted;
use crate::text::similar::nearest;

/// The most pages of names that are read for a name with `*`.
const MOST_PAGES: usize = 20;
/// The names that are said where one does not exist.
const NEAREST: usize = 3;

/// Which log groups are meant.
#[derive(Debug, Clone)]
pub(crate) enum WantedGroups {
    /// Those that these resources write to.
    Of(Vec<Resource>),
    /// Those with these names, in which `*` stands for anything.
    Named(Vec<String>),
}

/// A group that is meant.
#[derive(Debug, Clone)]
pub(crate) struct FoundGroup {
    /// Its name.
    pub(crate) name: String,
    /// What its name was taken from.
    pub(crate) named_by: Untrusted,
    /// What it is, or why that is not known.
    pub(crate) group: Result<LogGroup, NotFound>,
}

/// Why it is not known what a group is.
#[derive(Debug, Clone)]
pub(crate) enum NotFound {
    /// It is not there.
    Silent(LogSilence),
    /// It could not be read whether it is.
    Unknown(Gap),
}

/// The groups that are meant, and logs that are in none.
#[derive(Debug, Clone, Default)]
pub(crate) struct FoundGroups {
    pub(crate) groups: Vec<FoundGroup>,
    pub(crate) elsewhere: Vec<LogsElsewhere>,
}

/// Whom groups are asked of.
#[derive(Clone, Copy)]
pub(crate) struct GroupPlace<'a> {
    pub(crate) cloud: &'a dyn Cloud,
    pub(crate) environment: &'a EnvironmentName,
    pub(crate) region: &'a Region,
}

impl GroupPlace<'_> {
    /// Finds out which groups are meant, and what they are.
    pub(crate) async fn find(self, wanted: &WantedGroups) -> FoundGroups {
        let mut found = FoundGroups::default();
        match wanted {
            WantedGroups::Of(resources) => {
                for resource in resources {
                    self.of_resource(resource, &mut found).await;
                }
            }
            WantedGroups::Named(names) => {
                for name in names {
                    let by = Untrusted::from("--group");
                    match name.contains('*') {
                        true => self.matching(name, by, &mut found).await,
                        false => found.groups.push(self.describe(name, by).await),
                    }
                }
            }
        }
        let mut seen = BTreeSet::new();
        found.groups.retain(|group| seen.insert(group.name.clone()));
        found
    }

    async fn of_resource(self, resource: &Resource, found: &mut FoundGroups) {
        let question = LogSourcesQuestion {
            environment: self.environment.clone(),
            arn: resource.arn.clone(),
            resource: resource.clone(),
        };
        match self.cloud.log_sources(&question).await {
            Ok(sources) => {
                if sources.groups.is_empty() && sources.elsewhere.is_empty() {
                    found.elsewhere.push(LogsElsewhere {
                        resource: resource.name.clone(),
                        what: Untrusted::from(
                            "its kind does not say where it logs; name the log group with --group",
                        ),
                        gap: None,
                    });
                }
                found.elsewhere.extend(sources.elsewhere);
                for (name, of) in sources.groups {
                    let by = format!("{} of {}", of.raw(), resource.name.raw());
                    let group = self.describe(name.raw(), Untrusted::new(by)).await;
                    found.groups.push(group);
                }
            }
            Err(gap) => found.elsewhere.push(LogsElsewhere {
                resource: resource.name.clone(),
                what: Untrusted::from("it could not be read where it logs"),
                gap: Some(gap),
            }),
        }
    }

    /// Describes a group by its name. Names that begin with it come first, the shortest of them
    /// before the others.
    async fn describe(self, name: &str, named_by: Untrusted) -> FoundGroup {
        let group = match self.page(name, None).await {
            Err(gap) => Err(NotFound::Unknown(gap)),
            Ok((groups, _)) => {
                let exact = groups.into_iter().find(|group| group.name.raw() == name);
                match exact {
                    Some(group) => Ok(group),
                    None => Err(NotFound::Silent(LogSilence::NoSuchGroup(
                        self.near(name).await,
                    ))),
                }
            }
        };
        FoundGroup {
            name: name.to_owned(),
            named_by,
            group,
        }
    }

    async fn page(
        self,
        prefix: &str,
        page: Option<String>,
    ) -> Result<(Vec<LogGroup>, Option<String>), Gap> {
        let question = LogGroupsQuestion {
            environment: self.environment.clone(),
            region: self.region.clone(),
            prefix: prefix.to_owned(),
            page,
        };
        let page = self.cloud.log_groups(&question).await?;
        Ok((page.groups, page.next))
    }

    /// Names like one that does not exist: of all, as far as one page holds them, and of those in
    /// the same folder.
    async fn near(self, name: &str) -> Vec<Untrusted> {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut names: BTreeSet<String> = BTreeSet::new();
        for prefix in BTreeSet::from(["", folder]) {
            if let Ok((groups, _)) = self.page(prefix, None).await {
                names.extend(groups.iter().map(|group| group.name.raw().to_owned()));
            }
        }
        let mut near = Vec::new();
        while near.len() < NEAREST
            && let Some(one) = nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
        {
            names.remove(&one);
            near.push(Untrusted::new(one));
        }
        near
    }

    async fn matching(self, pattern: &str, named_by: Untrusted, found: &mut FoundGroups) {
        let prefix = pattern.split('*').next().unwrap_or_default();
        let before = found.groups.len();
        let (mut token, mut pages) = (None, 0);
        let stopped = loop {
            match self.page(prefix, token).await {
                Err(gap) => break Some(gap),
                Ok((groups, next)) => {
                    let fitting = groups
                        .into_iter()
                        .filter(|group| fits(pattern, group.name.raw()));
                    found.groups.extend(fitting.map(|group| FoundGroup {
                        name: group.name.raw().to_owned(),
                        named_by: named_by.clone(),
                        group: Ok(group),
                    }));
                    token = next;
                }
            }
            pages += 1;
            if token.is_none() {
                break None;
            }
            if pages == MOST_PAGES {
                found.elsewhere.push(LogsElsewhere {
                    resource: Untrusted::from(pattern),
                    what: Untrusted::from(
                        "more groups may fit; only the first 1,000 were compared",
                    ),
                    gap: None,
                });
                break None;
            }
        };
        let none = found.groups.len() == before;
        let why = match stopped {
            Some(gap) => NotFound::Unknown(gap),
            None if none => NotFound::Silent(LogSilence::NoSuchGroup(Vec::new())),
            None => return,
        };
        found.groups.push(FoundGroup {
            name: pattern.to_owned(),
            named_by,
            group: Err(why),
        });
    }
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name, want) in [
            ("/aws/lambda/*", "/aws/lambda/api", true),
            ("/aws/lambda/*", "/aws/rds/api", false),
            ("*-api*prod", "/x/orders-api/eu/prod", true),
            ("*-api*prod", "/x/orders-api/eu/prod2", false),
            ("a*a", "a", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, name), want, "{pattern} {name}");
        }
    }
}
