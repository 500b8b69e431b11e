//! S3 buckets: one `HeadBucket` each.

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::future::join_all;
use serde_json::Value;

use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::NativeStatus;
use crate::cloud::aws::kinds::reads;
use crate::cloud::aws::kinds::{stated, text};
use crate::cloud::aws::lean::Members;
use crate::cloud::aws::seen::{LearnedPart, SeenStatus};
use crate::model::ids::Region;
use crate::model::resource::Resource;

const HEAD: &str = "s3:HeadBucket";

pub(crate) struct Buckets;

impl NativeStatus for Buckets {
    fn kind(&self) -> &'static str {
        "s3"
    }

    fn operations(&self) -> &'static [&'static str] {
        &[HEAD]
    }

    fn observe<'a>(
        &'a self,
        region: RegionClient<'a>,
        resources: Vec<&'a Resource>,
    ) -> LocalBoxFuture<'a, Vec<SeenStatus>> {
        async move {
            join_all(resources.iter().map(|resource| async move {
                let bucket = resource.arn.resource().into();
                let input = Members::from_iter([("Bucket".to_owned(), bucket)]);
                status(reads::send(region, HEAD, input, false).await)
            }))
            .await
        }
        .boxed_local()
    }
}

fn status(answer: Result<Value, Failure>) -> SeenStatus {
    let seen = |word: &str, reason: Option<&str>| {
        SeenStatus::known(stated(word, reason)).with("existence", text(Some(word)))
    };
    match answer {
        Ok(_) => seen("exists", None),
        Err(failure) => match (failure.http.status, &failure.http.bucket_region) {
            (Some(404), _) => SeenStatus::absent(),
            // Asked in another region than its own: S3 says where it is, so it is there.
            (Some(301 | 307 | 400), Some(region)) => {
                let reason = format!("it is in {region}");
                let home = Region::new(region.as_str()).ok().map(|region| LearnedPart {
                    sort: "home".to_owned(),
                    name: region.to_string(),
                    attributes: Vec::new(),
                    region: Some(region),
                });
                match home {
                    // Its metrics are where it is.
                    Some(home) => seen("exists in another region", Some(&reason)).made_of([home]),
                    None => seen("exists elsewhere", Some(&reason)),
                }
            }
            (Some(301 | 307), None) => seen("exists elsewhere", None),
            _ => SeenStatus::failed(failure),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::aws::errors::Http;
    use crate::model::fact::GapCause;

    #[test]
    fn status_codes_carry_the_answer() {
        let answer = |status: u16, region: Option<&str>| {
            Err(Failure {
                http: Box::new(Http {
                    status: Some(status),
                    bucket_region: region.map(str::to_owned),
                    ..Http::default()
                }),
                ..Failure::ours(HEAD, GapCause::Denied, "HTTP")
            })
        };
        assert!(matches!(status(answer(404, None)).state, Ok(None)));
        assert!(matches!(
            status(answer(301, Some("eu-west-1"))).state,
            Ok(Some(_))
        ));
        assert!(status(answer(403, Some("eu-west-1"))).state.is_err());
        assert!(status(answer(400, None)).state.is_err());
        assert!(status(answer(503, None)).state.is_err());
    }
}
