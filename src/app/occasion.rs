//! On which occasion environments are observed and judged.

/// The scheduled job, or a person who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// `run`, on however many machines: it keeps what it reads, and asks the monitors.
    Run,
    /// `health`, and any look at the present with `--refresh`.
    Look,
    /// `audit`, which observes nothing else.
    Audit,
    /// `kpi`, which observes nothing else.
    Kpi,
}

impl Occasion {
    /// Returns the command that commits of this occasion name.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Look => "health",
            Self::Audit => "audit",
            Self::Kpi => "kpi",
        }
    }
}
