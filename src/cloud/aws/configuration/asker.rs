//! Asking for operations: each once for the same input, and not more than were allowed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::OnceCell;

use super::credential_report;
use crate::catalog::reads::Reads;
use crate::cloud::aws::client::{Aws, Deadline};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::lean::{Lean, Listing, Members, all_pages};
use crate::model::fact::GapCause;
use crate::model::ids::Region;

/// Whom operations are asked.
pub(super) trait Ask {
    /// Returns what an operation says in a region, all pages of it.
    async fn ask(&self, operation: &str, region: &Region, input: Members) -> Rc<Listing>;
}

/// AWS.
pub(super) struct Asker<'a> {
    aws: &'a Aws,
    lean: Lean,
    deadline: Deadline,
    left: Cell<Option<u64>>,
    answers: RefCell<BTreeMap<Key, Rc<OnceCell<Rc<Listing>>>>>,
}

type Key = (String, Region, String);

/// How often and how long is waited for a report that AWS makes.
const LOOKS: u32 = 10;
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

impl<'a> Asker<'a> {
    pub(super) fn new(aws: &'a Aws, max_calls: Option<u64>) -> Self {
        Self {
            aws,
            lean: Lean::new(&aws.sdk, aws.guard.clone()),
            deadline: aws.deadline_from_now(),
            left: Cell::new(max_calls),
            answers: RefCell::default(),
        }
    }

    async fn read(&self, name: &str, region: &Region, input: Members) -> Listing {
        let reads = Reads::built_in();
        let Some((_, _, operation)) = reads.operation(name) else {
            return nothing(Failure::ours(
                name,
                GapCause::NotAsked,
                "the table has no such operation",
            ));
        };
        let mut all = operation.input.clone();
        all.extend(input);
        match reads.prepared_by(name) {
            Some(first) => self.report(name, &first, region, all).await,
            None => {
                all_pages(name, operation, all, async |input| {
                    self.send(name, region, input).await
                })
                .await
            }
        }
    }

    /// Sends one request.
    async fn send(&self, name: &str, region: &Region, input: Members) -> Result<Value, Failure> {
        if let Some(left) = self.left.get() {
            if left == 0 {
                let message = "the limit of `--max-calls` was reached before it was asked";
                return Err(Failure::ours(name, GapCause::NotAsked, message));
            }
            self.left.set(Some(left - 1));
        }
        let reads = Reads::built_in();
        let (service, own, operation) = reads.operation(name).ok_or_else(|| {
            Failure::ours(name, GapCause::NotAsked, "the table has no such operation")
        })?;
        let client = self.aws.in_region(region, self.deadline);
        let send = self.lean.send(service, own, operation, region, input);
        client.call_for(name, || service.action(own), send).await
    }

    /// Fetches the credential report, which AWS makes when it is asked for.
    async fn report(&self, name: &str, first: &str, region: &Region, input: Members) -> Listing {
        let mut looks = 0;
        let answer = loop {
            let answer = self.send(name, region, input.clone()).await;
            looks += 1;
            let Err(failure) = &answer else { break answer };
            let is_to_be_made = credential_report::is_to_be_made(failure);
            if looks == LOOKS || !(is_to_be_made || credential_report::is_being_made(failure)) {
                break answer;
            }
            if is_to_be_made && let Err(failure) = self.send(first, region, Members::new()).await {
                break Err(failure);
            }
            if looks > 1 {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        };
        match answer.and_then(|answer| credential_report::rows(name, &answer)) {
            Ok(answer) => Listing {
                answer,
                pages: 1,
                failure: None,
            },
            Err(failure) => nothing(failure),
        }
    }
}

fn nothing(failure: Failure) -> Listing {
    Listing {
        answer: Value::Null,
        pages: 0,
        failure: Some(failure),
    }
}

impl Ask for Asker<'_> {
    async fn ask(&self, operation: &str, region: &Region, input: Members) -> Rc<Listing> {
        let written = Value::Object(input.clone()).to_string();
        let key = (operation.to_owned(), region.clone(), written);
        let cell = Rc::clone(self.answers.borrow_mut().entry(key).or_default());
        let answer = cell.get_or_init(async || Rc::new(self.read(operation, region, input).await));
        Rc::clone(answer.await)
    }
}
