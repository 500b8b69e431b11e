//! Lists that come in pages, joined by the names of the table.

use serde_json::{Map, Value};

use crate::catalog::reads::path::items;
use crate::catalog::reads::service::Operation;
use crate::cloud::aws::errors::Failure;
use crate::model::fact::GapCause;

/// Input of an operation, or results by name.
pub(crate) type Members = Map<String, Value>;

/// What an operation gave: the answer, its pages joined, and why there may be more.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listing {
    /// The answer; of one that pages, the results by name as far as they were read.
    pub(crate) answer: Value,
    /// Pages that were read.
    pub(crate) pages: u32,
    /// Why it is not known to be all.
    pub(crate) failure: Option<Failure>,
}

/// Most pages of one list. Ten million results; behind that there is a fault.
const MOST_PAGES: u32 = 10_000;

/// Reads all pages. `ask` gives one page. A failure keeps what was read before it.
pub(crate) async fn all_pages(
    name: &str,
    operation: &Operation,
    mut input: Members,
    ask: impl AsyncFn(Members) -> Result<Value, Failure>,
) -> Listing {
    let Some(paging) = &operation.paging else {
        return match ask(input).await {
            Ok(answer) => Listing {
                answer,
                pages: 1,
                failure: None,
            },
            Err(failure) => Listing {
                answer: Value::Null,
                pages: 0,
                failure: Some(failure),
            },
        };
    };
    if let Some(limit) = &paging.limit {
        input.entry(limit.clone()).or_insert(paging.size.into());
    }
    let (mut results, mut pages) = (Map::new(), 0);
    let failure = loop {
        let mut answer = match ask(input.clone()).await {
            Ok(answer) => answer,
            Err(failure) => break Some(failure),
        };
        pages += 1;
        for name in &operation.results {
            let all = results
                .entry(name.clone())
                .or_insert_with(|| Value::Array(Vec::new()));
            if let (Value::Array(all), Some(more)) = (all, answer.get(name)) {
                all.extend_from_slice(items(more));
            }
        }
        match next(&mut answer, &paging.output) {
            Next::End => break None,
            Next::Page(token) if pages < MOST_PAGES && input.get(&paging.input) != Some(&token) => {
                input.insert(paging.input.clone(), token);
            }
            Next::Page(_) => break Some(endless(name, "the pages do not end")),
            Next::Nameless => break Some(endless(name, "there are more pages, but no token")),
        }
    };
    Listing {
        answer: Value::Object(results),
        pages,
        failure,
    }
}

enum Next {
    End,
    Page(Value),
    Nameless,
}

fn next(answer: &mut Value, output: &str) -> Next {
    let says_so = |value: &Value| value.as_bool() == Some(true) || value.as_str() == Some("true");
    let more = ["IsTruncated", "Truncated", "isTruncated"];
    let more = more
        .iter()
        .any(|name| answer.get(*name).is_some_and(says_so));
    let token = answer.get_mut(output).map(Value::take);
    match token.filter(|token| !token.is_null() && token.as_str() != Some("")) {
        Some(token) => Next::Page(token),
        None if more => Next::Nameless,
        None => Next::End,
    }
}

fn endless(name: &str, message: &str) -> Failure {
    Failure::ours(name, GapCause::Partial, message)
}
