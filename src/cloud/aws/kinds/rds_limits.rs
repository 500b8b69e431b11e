//! How many connections a database takes: from its parameter group, or by its engine's formula.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections>

/// A limit of connections.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limit {
    pub(crate) connections: f64,
    /// Whether it is from a formula over the memory of the class. The real one is a little
    /// lower, because the operating system takes some of the memory.
    pub(crate) estimated: bool,
}

const GIB: f64 = 1_073_741_824.0;

/// Memory of the `large` size in GiB by family. Other sizes are multiples.
const LARGE: [(&str, f64); 33] = [
    ("m4", 8.0),
    ("m5", 8.0),
    ("m5d", 8.0),
    ("m6g", 8.0),
    ("m6gd", 8.0),
    ("m6i", 8.0),
    ("m6id", 8.0),
    ("m7g", 8.0),
    ("m7i", 8.0),
    ("m8g", 8.0),
    ("m8gd", 8.0),
    ("r3", 15.25),
    ("r4", 15.25),
    ("r5", 16.0),
    ("r5b", 16.0),
    ("r5d", 16.0),
    ("r6g", 16.0),
    ("r6gd", 16.0),
    ("r6i", 16.0),
    ("r6id", 16.0),
    ("r7g", 16.0),
    ("r7i", 16.0),
    ("r8g", 16.0),
    ("r8gd", 16.0),
    ("t2", 8.0),
    ("t3", 8.0),
    ("t4g", 8.0),
    ("x1", 30.5),
    ("x1e", 61.0),
    ("x2g", 32.0),
    ("x2idn", 32.0),
    ("x2iedn", 64.0),
    ("x2iezn", 64.0),
];

/// Bytes of memory of a class such as `db.r6g.2xlarge`, where it is known.
fn memory(class: &str) -> Option<f64> {
    let mut parts = class.strip_prefix("db.")?.split('.');
    let (family, size) = (parts.next()?, parts.next()?);
    // `db.r5.4xlarge.tpc2.mem2x`: with other memory than its size says.
    if parts.next().is_some() {
        return None;
    }
    let (_, large) = LARGE.iter().find(|(name, _)| *name == family)?;
    let times = match size {
        "micro" => 0.125,
        "small" => 0.25,
        "medium" => 0.5,
        "large" => 1.0,
        "xlarge" => 2.0,
        other => 2.0 * f64::from(other.strip_suffix("xlarge")?.parse::<u16>().ok()?),
    };
    Some(large * times * GIB)
}

/// The engine's own limit.
pub(crate) fn from_formula(engine: &str, class: &str) -> Option<Limit> {
    let memory = memory(class)?;
    let connections = match engine {
        "postgres" | "aurora-postgresql" => (memory / 9_531_392.0).min(5_000.0),
        "mysql" | "mariadb" => memory / 12_582_880.0,
        "aurora-mysql" => {
            let small = (memory / 805_306_368.0).log2() * 45.0;
            let big = (memory / 8_187_281_408.0).log2() * 1_000.0;
            small.max(big)
        }
        _ => return None,
    };
    let connections = connections.floor();
    (connections >= 1.0).then_some(Limit {
        connections,
        estimated: true,
    })
}

/// What was written into the parameter group: a number, `{DBInstanceClassMemory/N}`, or
/// `LEAST(…,…)` or `GREATEST(…,…)` of these. `None` for anything else.
pub(crate) fn from_value(value: &str, class: &str) -> Option<Limit> {
    let value: String = value.split_whitespace().collect();
    let (connections, estimated) = term(&value, class).or_else(|| {
        let (pick, rest): (fn(f64, f64) -> f64, _) = match value.strip_prefix("LEAST(") {
            Some(rest) => (f64::min, rest),
            None => (f64::max, value.strip_prefix("GREATEST(")?),
        };
        let (first, second) = rest.strip_suffix(')')?.split_once(',')?;
        let (first, second) = (term(first, class)?, term(second, class)?);
        Some((pick(first.0, second.0), first.1 || second.1))
    })?;
    (connections >= 1.0).then_some(Limit {
        connections: connections.floor(),
        estimated,
    })
}

fn term(text: &str, class: &str) -> Option<(f64, bool)> {
    if let Ok(number) = text.parse::<u32>() {
        return Some((f64::from(number), false));
    }
    let divisor = text
        .strip_prefix("{DBInstanceClassMemory/")?
        .strip_suffix('}')?
        .parse::<u32>()
        .ok()
        .filter(|divisor| *divisor > 0)?;
    Some((memory(class)? / f64::from(divisor), true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_follows_family_and_size() {
        let cases = [
            ("db.t3.micro", Some(1.0)),
            ("db.t4g.medium", Some(4.0)),
            ("db.m5.large", Some(8.0)),
            ("db.r6g.2xlarge", Some(64.0)),
            ("db.r5.24xlarge", Some(768.0)),
            ("db.x2iedn.32xlarge", Some(4096.0)),
            ("db.r5.4xlarge.tpc2.mem2x", None),
            ("db.serverless", None),
            ("db.z9.large", None),
            ("", None),
        ];
        for (class, expected) in cases {
            assert_eq!(memory(class).map(|bytes| bytes / GIB), expected, "{class}");
        }
    }

    #[test]
    fn formulas() {
        let cases = [
            ("postgres", "db.t3.micro", Some(112.0)),
            ("postgres", "db.r5.4xlarge", Some(5000.0)),
            ("mysql", "db.t3.micro", Some(85.0)),
            ("aurora-mysql", "db.r5.large", Some(1069.0)),
            ("oracle-ee", "db.r5.large", None),
        ];
        for (engine, class, expected) in cases {
            let limit = from_formula(engine, class);
            assert_eq!(limit.map(|l| l.connections), expected, "{engine} {class}");
            assert!(limit.is_none_or(|limit| limit.estimated));
        }
    }

    #[test]
    fn values_of_parameter_groups() {
        let known = |connections, estimated| {
            Some(Limit {
                connections,
                estimated,
            })
        };
        let cases = [
            ("200", known(200.0, false)),
            ("{DBInstanceClassMemory/9531392}", known(112.0, true)),
            (
                "LEAST({DBInstanceClassMemory/9531392}, 60)",
                known(60.0, true),
            ),
            (
                "GREATEST({DBInstanceClassMemory/9531392},600)",
                known(600.0, true),
            ),
            ("{DBInstanceClassMemory/0}", None),
            ("SUM({log(DBInstanceClassMemory)})", None),
            ("0", None),
            ("", None),
        ];
        for (value, expected) in cases {
            assert_eq!(from_value(value, "db.t3.micro"), expected, "{value}");
        }
    }
}
