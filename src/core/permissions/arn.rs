//! The parts of an ARN as a message has it: masked, with placeholders, or cut.

/// The parts that are there.
pub(super) struct ArnInText<'a> {
    parts: Vec<&'a str>,
}

impl<'a> ArnInText<'a> {
    /// Of an ARN; of any other text there are none.
    pub(super) fn of(text: &'a str) -> Self {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let parts = match parts.first() {
            Some(&"arn") if parts.len() == 6 => parts,
            _ => Vec::new(),
        };
        Self { parts }
    }

    /// The account, where it is not masked.
    pub(super) fn account(&self) -> Option<String> {
        let account = self.parts.get(4)?;
        let whole = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        whole.then(|| (*account).to_owned())
    }

    /// The region.
    pub(super) fn region(&self) -> Option<String> {
        let region = self.parts.get(3)?;
        let fits = !region.is_empty()
            && region
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        fits.then(|| (*region).to_owned())
    }

    /// The user or role whose policies count: of a session, its role.
    pub(super) fn identity(&self) -> Option<String> {
        let (partition, account, resource) =
            (self.parts.get(1)?, self.account()?, self.parts.get(5)?);
        let (kind, rest) = resource.split_once('/')?;
        match kind {
            "user" | "role" if !rest.is_empty() => {
                Some(format!("arn:{partition}:iam::{account}:{resource}"))
            }
            "assumed-role" => {
                let role = rest.split('/').next().filter(|role| !role.is_empty())?;
                Some(format!("arn:{partition}:iam::{account}:role/{role}"))
            }
            _ => None,
        }
    }

    /// The name of the role that this is.
    pub(super) fn role(&self) -> Option<String> {
        let name = self.parts.get(5)?.strip_prefix("role/")?;
        let name = name.rsplit('/').next().filter(|name| !name.is_empty())?;
        Some(name.to_owned())
    }
}

/// The ARN of the user or role whose policies count, of a session that of its role.
pub fn identity_arn(arn: &str) -> Option<String> {
    ArnInText::of(arn).identity()
}

/// What an identity is, `user` or `role`, and its name; that of a session is the name of its role.
pub fn iam_identity(arn: &str) -> Option<(&'static str, String)> {
    let identity = ArnInText::of(arn).identity()?;
    let (_, resource) = identity.rsplit_once(':')?;
    let (kind, path) = resource.split_once('/')?;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    let kind = if kind == "user" { "user" } else { "role" };
    Some((kind, name.to_owned()))
}
