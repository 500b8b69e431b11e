//! Whose credentials may change an environment.

use crate::model::environments::Environment;
use crate::model::ids::{AccountId, Arn};
use crate::model::snapshot::Identity;

/// Why an identity may not change anything here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongIdentity {
    /// Nobody said which account it should be.
    #[error("the account of `{0}` is not known, so nothing is changed in it")]
    NoAccount(String),
    /// It is of another account.
    #[error(
        "the environment belongs to account {wanted}, and these credentials are of account {is}"
    )]
    OtherAccount {
        /// The account of the environment.
        wanted: AccountId,
        /// That of the credentials.
        is: AccountId,
    },
    /// It is the one that reads.
    #[error("these credentials are those that read ({is}); changes are made as {wanted}")]
    ReadOnly {
        /// Who it should be.
        wanted: Arn,
        /// Who it is.
        is: Arn,
    },
    /// It is that of another environment.
    #[error("these credentials ({is}) belong to the environment `{of}`")]
    OtherEnvironment {
        /// Who it is.
        is: Arn,
        /// Whose it is.
        of: String,
    },
}

/// The name of a role or user: the same for a role, and for a session of it.
fn principal(arn: &Arn) -> Option<(&str, &str)> {
    let resource = arn.as_str().splitn(6, ':').nth(5)?;
    let parts: Vec<&str> = resource.split('/').collect();
    let name = match parts[..] {
        ["assumed-role", name, ..] => name,
        ["role" | "user", .., name] => name,
        _ => return None,
    };
    Some((arn.account(), name))
}

fn is_same(one: &Arn, other: &Arn) -> bool {
    principal(one).is_some() && principal(one) == principal(other)
}

/// Whether an identity may change an environment. `all` are the environments that there are.
///
/// # Errors
/// Why it may not.
pub fn check(
    identity: &Identity,
    environment: &Environment,
    account: Option<&AccountId>,
    all: &[&Environment],
) -> Result<(), WrongIdentity> {
    let name = environment.name.to_string();
    let account = account.ok_or_else(|| WrongIdentity::NoAccount(name.clone()))?;
    if identity.account != *account {
        return Err(WrongIdentity::OtherAccount {
            wanted: account.clone(),
            is: identity.account.clone(),
        });
    }
    if let Some(wanted) = &environment.remediation_role_arn
        && !is_same(&identity.arn, wanted)
    {
        return Err(WrongIdentity::ReadOnly {
            wanted: wanted.clone(),
            is: identity.arn.clone(),
        });
    }
    let own = [&environment.role_arn, &environment.remediation_role_arn];
    let is_own = own.iter().any(|role| {
        role.as_ref()
            .is_some_and(|role| is_same(role, &identity.arn))
    });
    let others = all.iter().filter(|one| one.name != environment.name);
    for other in others.filter(|_| !is_own) {
        let roles = [&other.role_arn, &other.remediation_role_arn];
        let named = roles.iter().any(|role| {
            role.as_ref()
                .is_some_and(|role| is_same(role, &identity.arn))
        });
        let suffix = format!("-{}-deploy", other.name);
        let by_name = principal(&identity.arn).is_some_and(|(_, name)| name.ends_with(&suffix));
        if named || by_name {
            return Err(WrongIdentity::OtherEnvironment {
                is: identity.arn.clone(),
                of: other.name.to_string(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn environment(value: Value) -> Environment {
        serde_json::from_value(value).expect("an environment")
    }

    #[test]
    fn only_the_identity_of_the_environment_changes_it() {
        let role = |name: &str| format!("arn:aws:iam::111111111111:role/ops/{name}");
        let prod = environment(json!({
            "name": "prod", "account_id": "111111111111",
            "role_arn": role("read"), "remediation_role_arn": role("change"),
        }));
        let test = environment(json!({
            "name": "test", "account_id": "111111111111", "role_arn": role("test-read"),
        }));
        let plain = environment(json!({ "name": "dev", "account_id": "111111111111" }));
        let all = [&prod, &test, &plain];
        let who = |account: &str, arn: &str| Identity {
            account: AccountId::new(account).expect("an account"),
            arn: Arn::new(arn).expect("an ARN"),
        };
        let session = |name: &str| {
            who(
                "111111111111",
                &format!("arn:aws:sts::111111111111:assumed-role/{name}/fractary"),
            )
        };
        let check = |identity: &Identity, of: &Environment| {
            check(identity, of, of.account_id.as_ref(), &all).map_err(|error| error.to_string())
        };
        assert_eq!(check(&session("change"), &prod), Ok(()));
        let read = check(&session("read"), &prod).expect_err("it reads");
        assert!(read.contains("those that read"), "{read}");
        let other = who("222222222222", "arn:aws:iam::222222222222:user/me");
        let other = check(&other, &prod).expect_err("another account");
        assert!(other.contains("222222222222"), "{other}");
        let user = who("111111111111", "arn:aws:iam::111111111111:user/me");
        assert_eq!(check(&user, &plain), Ok(()));
        for name in ["change", "test-read", "shop-core-prod-deploy"] {
            let wrong = check(&session(name), &plain).expect_err("another environment");
            assert!(wrong.contains("belong to the environment"), "{wrong}");
        }
        let nowhere = environment(json!({ "name": "dev" }));
        assert!(check(&user, &nowhere).is_err());
    }
}
