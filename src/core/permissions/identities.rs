//! Three identities: one grants permissions and deploys nothing, the others deploy to one
//! environment each and grant nothing.

use crate::core::permissions::arn::iam_identity;
use crate::model::ids::{AccountId, Arn, EnvironmentName};

/// What the name of the identity that grants ends with, in both orders that are in use.
const GRANTS: [&str; 2] = ["discover-deploy", "deploy-discover"];

/// Why an identity may not do what it is asked to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongRole {
    /// It is not the one that grants.
    #[error(
        "`{0}` is not the identity that grants permissions: its name does not end with `discover-deploy`"
    )]
    MayNotGrant(String),
    /// It is the one that grants.
    #[error("`{0}` grants permissions, so it deploys nothing and gets no permissions to deploy")]
    MayNotDeploy(String),
    /// It is of another account.
    #[error(
        "the environment `{environment}` belongs to account {wanted}, and `{is}` is of account {of}"
    )]
    OtherAccount {
        /// The environment.
        environment: EnvironmentName,
        /// Its account.
        wanted: AccountId,
        /// Whose it is.
        is: String,
        /// Its account.
        of: String,
    },
    /// It deploys to another environment.
    #[error("`{is}` deploys to the environment `{of}`")]
    OtherEnvironment {
        /// Whose it is.
        is: String,
        /// The environment.
        of: EnvironmentName,
    },
    /// It deploys to none.
    #[error(
        "`{is}` is not the identity that deploys to `{environment}`: a permission of an application belongs in the configuration of Terraform, beside its role"
    )]
    Application {
        /// Whose it is.
        is: String,
        /// The environment.
        environment: EnvironmentName,
    },
}

/// The name of a user or role.
fn name(arn: &Arn) -> String {
    iam_identity(arn.as_str()).map_or_else(|| arn.to_string(), |(_, name)| name)
}

/// Whether this is the identity that grants permissions.
pub fn is_granting(arn: &Arn) -> bool {
    let name = name(arn);
    GRANTS
        .iter()
        .any(|end| name == *end || name.ends_with(&format!("-{end}")))
}

/// Whether an identity may grant in an account.
///
/// # Errors
/// Why it may not.
pub fn check_granting(
    arn: &Arn,
    environment: &EnvironmentName,
    account: &AccountId,
) -> Result<(), WrongRole> {
    check_account(arn, environment, account)?;
    match is_granting(arn) {
        true => Ok(()),
        false => Err(WrongRole::MayNotGrant(name(arn))),
    }
}

/// Whether an identity may deploy at all.
///
/// # Errors
/// Where it is the one that grants.
pub fn check_deploying(arn: &Arn) -> Result<(), WrongRole> {
    match is_granting(arn) {
        false => Ok(()),
        true => Err(WrongRole::MayNotDeploy(name(arn))),
    }
}

/// Whether an identity may be granted what deploying to an environment needs. `deploying` is the
/// one whose credentials deploy there, where that is known; `others` are the other environments.
///
/// # Errors
/// Why it may not.
pub fn check_granted(
    arn: &Arn,
    environment: &EnvironmentName,
    account: &AccountId,
    deploying: Option<&Arn>,
    others: &[&EnvironmentName],
) -> Result<(), WrongRole> {
    check_account(arn, environment, account)?;
    check_deploying(arn)?;
    let named = name(arn);
    let deploys_to = |of: &EnvironmentName| named.ends_with(&format!("-{of}-deploy"));
    if let Some(of) = others.iter().find(|of| deploys_to(of)) {
        return Err(WrongRole::OtherEnvironment {
            is: named,
            of: (*of).clone(),
        });
    }
    let identity = |arn: &Arn| iam_identity(arn.as_str());
    let is_known = deploying.is_some_and(|known| identity(known) == identity(arn));
    match is_known || deploys_to(environment) {
        true => Ok(()),
        false => Err(WrongRole::Application {
            is: named,
            environment: environment.clone(),
        }),
    }
}

fn check_account(
    arn: &Arn,
    environment: &EnvironmentName,
    account: &AccountId,
) -> Result<(), WrongRole> {
    match arn.account() == account.as_str() {
        true => Ok(()),
        false => Err(WrongRole::OtherAccount {
            environment: environment.clone(),
            wanted: account.clone(),
            is: name(arn),
            of: arn.account().to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(text: &str) -> Arn {
        Arn::new(text).expect("an ARN")
    }

    #[test]
    fn one_identity_grants_and_another_deploys_each_environment() {
        let account = AccountId::new("123456789012").expect("an account");
        let [test, prod] = ["test", "prod"].map(|name| EnvironmentName::new(name).expect("a name"));
        let user = |name: &str| arn(&format!("arn:aws:iam::123456789012:user/{name}"));
        let session = |name: &str| {
            arn(&format!(
                "arn:aws:sts::123456789012:assumed-role/{name}/someone"
            ))
        };
        for grants in [
            user("shop-core-discover-deploy"),
            session("shop-deploy-discover"),
        ] {
            assert_eq!(check_granting(&grants, &test, &account), Ok(()));
            assert!(check_deploying(&grants).is_err());
            assert!(check_granted(&grants, &test, &account, Some(&grants), &[&prod]).is_err());
        }
        let deploys = session("shop-core-test-deploy");
        assert!(check_granting(&deploys, &test, &account).is_err());
        assert_eq!(check_deploying(&deploys), Ok(()));
        assert_eq!(
            check_granted(&deploys, &test, &account, None, &[&prod]),
            Ok(())
        );
        let granted = |who: &Arn, deploying: Option<&Arn>| {
            check_granted(who, &test, &account, deploying, &[&prod])
                .map_err(|error| error.to_string())
        };
        let other = granted(&user("shop-core-prod-deploy"), None).expect_err("prod");
        assert!(
            other.contains("deploys to the environment `prod`"),
            "{other}"
        );
        let application =
            granted(&session("shop-core-test-orders"), None).expect_err("no deployer");
        assert!(application.contains("Terraform"), "{application}");
        let named = user("pipeline");
        assert_eq!(granted(&named, Some(&named)), Ok(()));
        let foreign = arn("arn:aws:iam::210987654321:user/shop-core-test-deploy");
        let foreign = granted(&foreign, None).expect_err("another account");
        assert!(foreign.contains("210987654321"), "{foreign}");
    }
}
