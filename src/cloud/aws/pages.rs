//! Lists that come in pages.

use crate::cloud::aws::errors::Failure;
use crate::model::fact::GapCause;

/// What is on a page, and the token of the next one.
pub(crate) type Page<T> = (Vec<T>, Option<String>);

/// Everything that an operation lists. `ask` is given the token of a page, `None` for the first.
///
/// # Errors
/// The first failure of a page: half of a list would make the other half look absent.
pub(crate) async fn all_pages<T>(
    operation: &str,
    ask: impl AsyncFn(Option<String>) -> Result<Page<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let (items, next) = ask(token.clone()).await?;
        all.extend(items);
        token = next_page(operation, token.as_ref(), next)?;
        if token.is_none() {
            return Ok(all);
        }
    }
}

/// What to do behind a page: the token of the next one, `None` behind the last.
pub(crate) fn next_page(
    operation: &str,
    asked: Option<&String>,
    next: Option<String>,
) -> Result<Option<String>, Failure> {
    match next.filter(|next| !next.is_empty()) {
        // Would never end.
        Some(next) if asked == Some(&next) => Err(Failure::ours(
            operation,
            GapCause::Partial,
            "the same page came twice",
        )),
        next => Ok(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    /// Reads a list whose pages are identified by their tokens.
    fn read(pages: &[(Option<&str>, i32, Option<&str>)]) -> Result<Vec<i32>, Failure> {
        let all = all_pages("x:List", async |token: Option<String>| {
            let page = pages.iter().find(|(at, ..)| *at == token.as_deref());
            let (_, item, next) = page.expect("a page that was named");
            Ok((vec![*item], next.map(str::to_owned)))
        });
        all.now_or_never().expect("nothing waits")
    }

    #[test]
    fn pages_are_read_to_the_last_and_never_twice() {
        assert_eq!(read(&[(None, 1, None)]), Ok(vec![1]));
        assert_eq!(read(&[(None, 1, Some(""))]), Ok(vec![1]));
        let three = [
            (None, 1, Some("b")),
            (Some("b"), 2, Some("c")),
            (Some("c"), 3, None),
        ];
        assert_eq!(read(&three), Ok(vec![1, 2, 3]));
        let circle = read(&[(None, 1, Some("b")), (Some("b"), 2, Some("b"))]);
        assert_eq!(circle.expect_err("a circle").cause, GapCause::Partial);
    }

    #[test]
    fn a_page_that_fails_fails_the_list() {
        let failed = all_pages("x:List", async |token: Option<String>| match token {
            None => Ok((vec![1], Some("b".to_owned()))),
            Some(_) => Err(Failure::ours("x:List", GapCause::Throttled, "slow down")),
        });
        let failed = failed.now_or_never().expect("nothing waits");
        assert_eq!(failed.expect_err("half a list").cause, GapCause::Throttled);
    }
}
