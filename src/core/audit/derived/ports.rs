//! Ports that should not be open to everyone: administration and databases.

/// Ports and what usually listens there. Those of AWS FSBP EC2.19 and of common databases; 80
/// and 443 are meant to be public and are not here.
pub(super) const SENSITIVE: [(u16, &str); 36] = [
    (20, "FTP data"),
    (21, "FTP"),
    (22, "SSH"),
    (23, "Telnet"),
    (25, "SMTP"),
    (110, "POP3"),
    (135, "RPC"),
    (139, "NetBIOS"),
    (143, "IMAP"),
    (445, "SMB"),
    (1433, "SQL Server"),
    (1434, "SQL Server"),
    (1521, "Oracle"),
    (2375, "Docker"),
    (2376, "Docker"),
    (2379, "etcd"),
    (3000, "development servers"),
    (3306, "MySQL"),
    (3389, "RDP"),
    (4333, "mSQL"),
    (5432, "PostgreSQL"),
    (5500, "VNC"),
    (5601, "Kibana"),
    (5984, "CouchDB"),
    (6379, "Redis"),
    (8080, "HTTP proxies"),
    (8088, "Hadoop"),
    (8888, "notebooks"),
    (9090, "Prometheus"),
    (9092, "Kafka"),
    (9200, "Elasticsearch"),
    (9300, "Elasticsearch"),
    (11211, "Memcached"),
    (15672, "RabbitMQ"),
    (27017, "MongoDB"),
    (50070, "HDFS"),
];

/// Those of them that answer over UDP.
pub(super) const SENSITIVE_UDP: [u16; 3] = [1434, 3389, 11211];

/// Returns the sensitive ports in a range, for a protocol.
pub(super) fn within(protocol: Protocol, from: u16, to: u16) -> Vec<(u16, &'static str)> {
    let is_meant = |port: u16| match protocol {
        Protocol::Udp => SENSITIVE_UDP.contains(&port),
        Protocol::Tcp | Protocol::All => true,
    };
    let ports = SENSITIVE.into_iter();
    ports
        .filter(|(port, _)| (from..=to).contains(port) && is_meant(*port))
        .collect()
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Protocol {
    All,
    Tcp,
    Udp,
}

impl Protocol {
    /// Parses what rules say; `None` for protocols without ports.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "-1" | "all" => Some(Self::All),
            "tcp" | "6" => Some(Self::Tcp),
            "udp" | "17" => Some(Self::Udp),
            _ => None,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// Names ports for people: `22 (SSH), 3389 (RDP)`.
pub(super) fn named(ports: &[(u16, &str)]) -> String {
    let shown: Vec<String> = ports
        .iter()
        .map(|(port, name)| format!("{port} ({name})"))
        .collect();
    shown.join(", ")
}
