//! `fractary prices update`, from a price list on a real socket: files in the form that AWS
//! publishes, and files that are not whole.

use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::Value;

use crate::support::fractary::Fractary;
use crate::support::http::{Message, read_request};
use crate::support::repo::Repo;

const AT: &str = "2026-11-30T08:00:00Z";
const PRICES: &str = ".fractary/plugins/helm-cloud/prices.json";

const COLUMNS: [&str; 19] = [
    "SKU",
    "TermType",
    "StartingRange",
    "Unit",
    "PricePerUnit",
    "Currency",
    "Product Family",
    "Instance Type",
    "Operating System",
    "License Model",
    "Tenancy",
    "CapacityStatus",
    "Pre Installed S/W",
    "Volume API Name",
    "Group",
    "usageType",
    "Region Code",
    "Database Engine",
    "Deployment Option",
];

/// A file as AWS writes it: quoted, with rows about itself in front.
fn file(offer: &str, rows: &[&[(&str, &str)]]) -> String {
    let quoted = |cells: &[&str]| {
        let cells: Vec<String> = cells.iter().map(|cell| format!("\"{cell}\"")).collect();
        cells.join(",") + "\n"
    };
    let mut out = quoted(&["FormatVersion", "v1.0"]);
    out += &quoted(&[
        "Disclaimer",
        "This pricing list is for informational purposes only.",
    ]);
    out += &quoted(&["Publication Date", "2026-11-20T17:02:11Z"]);
    out += &quoted(&["Version", "20261120170211"]);
    out += &quoted(&["OfferCode", offer]);
    out += &quoted(&COLUMNS);
    for row in rows {
        let cell = |name: &&str| {
            let usual = match *name {
                "SKU" => "ABCDEFGHJKLMNPQR",
                "TermType" => "OnDemand",
                "Currency" => "USD",
                "StartingRange" => "0",
                "Region Code" => "eu-south-2",
                _ => "",
            };
            let found = row.iter().find(|(column, _)| column == name);
            found.map_or(usual, |(_, value)| *value)
        };
        let cells: Vec<&str> = COLUMNS.iter().map(cell).collect();
        out += &quoted(&cells);
    }
    out
}

fn machine(name: &'static str, usd: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("Product Family", "Compute Instance"),
        ("Instance Type", name),
        ("Operating System", "Linux"),
        ("License Model", "No License required"),
        ("Tenancy", "Shared"),
        ("CapacityStatus", "Used"),
        ("Pre Installed S/W", "NA"),
        ("Unit", "Hrs"),
        ("PricePerUnit", usd),
    ]
}

fn usage(usage: &'static str, usd: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![("usageType", usage), ("PricePerUnit", usd)]
}

/// The files of eu-south-2.
fn whole(offer: &str) -> String {
    let elsewhere = [
        &machine("t3.large", "9.0")[..],
        &[("Region Code", "eu-south-2-mad-1a")],
    ]
    .concat();
    let second_tier = [
        &usage("EUS2-TimedStorage-ByteHrs", "0.022")[..],
        &[("StartingRange", "51200")],
    ]
    .concat();
    let database = [
        ("Product Family", "Database Instance"),
        ("Instance Type", "db.t3.medium"),
        ("Database Engine", "PostgreSQL"),
        ("Deployment Option", "Single-AZ"),
        ("License Model", "No license required"),
        ("PricePerUnit", "0.079"),
    ];
    let rows: Vec<Vec<(&str, &str)>> = match offer {
        "AmazonEC2" => vec![
            machine("t3.medium", "0.0456"),
            machine("t3.small", "0.0228"),
            elsewhere,
        ],
        "AmazonRDS" => vec![database.to_vec()],
        "AmazonS3" => vec![second_tier, usage("EUS2-TimedStorage-ByteHrs", "0.023")],
        "AmazonVPC" => vec![usage("EUS2-PublicIPv4:InUseAddress", "0.005")],
        "AWSELB" => vec![
            [
                &usage("EUS2-LoadBalancerUsage", "0.0252")[..],
                &[("Product Family", "Load Balancer")],
            ]
            .concat(),
        ],
        "AWSLambda" => vec![vec![
            ("Group", "AWS-Lambda-Requests"),
            ("PricePerUnit", "0.0000002"),
        ]],
        "AmazonDynamoDB" => vec![usage("EUS2-ReadCapacityUnit-Hrs", "0.000147")],
        _ => vec![usage("EUS2-DataProcessing-Bytes", "0.57")],
    };
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    file(offer, &rows)
}

/// A price list that answers with what `answer` makes of the service; returns its address.
fn serve(answer: impl Fn(&str) -> Reply + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
            while let Ok(Some(request)) = read_request(&mut reader) {
                let offer = request
                    .target()
                    .split('/')
                    .nth(4)
                    .unwrap_or_default()
                    .to_owned();
                assert!(request.target().ends_with("/current/eu-south-2/index.csv"));
                if answer(&offer)
                    .write(stream.try_clone().expect("a socket"))
                    .is_err()
                {
                    break;
                }
            }
        }
    });
    format!("http://{address}")
}

enum Reply {
    Whole(String),
    /// Ends in the middle.
    Cut(String),
    Status(u16),
}

impl Reply {
    fn write(self, mut stream: TcpStream) -> std::io::Result<()> {
        let message = |first: &str, body: &str| Message {
            first: first.to_owned(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        match self {
            Self::Whole(text) => message("HTTP/1.1 200 OK", &text).write_to(&mut stream, false),
            Self::Status(code) => {
                message(&format!("HTTP/1.1 {code} No"), "").write_to(&mut stream, false)
            }
            Self::Cut(text) => {
                let length = text.len();
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"
                )?;
                stream.write_all(&text.as_bytes()[..length / 2])?;
                stream.shutdown(std::net::Shutdown::Both)
            }
        }
    }
}

fn repository() -> Repo {
    let repo = Repo::new(&[]);
    let init = [
        "init",
        "--env",
        "prod",
        "--account",
        "123456789012",
        "--region",
        "eu-south-2",
    ];
    Fractary::in_repo(&repo).at(AT).args(init).run().exits(0);
    repo
}

fn update(repo: &Repo, from: &str, more: &[&str]) -> Fractary {
    let all = [&["prices", "update", "--from", from][..], more].concat();
    Fractary::in_repo(repo).at(AT).args(&all)
}

#[test]
fn prices_of_a_region_are_read_and_committed() {
    let repo = repository();
    let from = serve(|offer| Reply::Whole(whole(offer)));
    let run = update(&repo, &from, &[]).run().exits(0);
    insta::assert_snapshot!("prices_updated", run.stdout);
    assert_eq!(repo.log()[0], "fractary(prices): eu-south-2");
    insta::assert_snapshot!("prices_json", repo.read(PRICES));
    Fractary::in_repo(&repo).args(["check"]).run().exits(0);

    let listed = Fractary::in_repo(&repo)
        .args(["prices", "--format", "json"])
        .run();
    let listed = listed.exits(0).json();
    let own = listed
        .as_array()
        .expect("a list")
        .iter()
        .find(|row| row["region"] == "eu-south-2");
    assert_eq!(own.map(|row| row["prices"].clone()), Some(Value::from(9)));

    // The same list again changes nothing.
    let before = repo.log();
    update(&repo, &from, &[]).run().exits(0);
    assert_eq!(repo.log(), before);
}

/// What a server answers for the list of a service.
type Answer = fn(&str) -> Reply;

#[test]
fn a_list_that_is_not_whole_changes_nothing() {
    let repo = repository();
    let before = repo.log();
    let cases: [(&str, Answer); 5] = [
        ("cut", |offer| match offer {
            "AmazonS3" => Reply::Cut(whole(offer)),
            _ => Reply::Whole(whole(offer)),
        }),
        ("refused", |_| Reply::Status(403)),
        ("another form", |_| {
            Reply::Whole("\"FormatVersion\",\"v2.0\"\n".to_owned())
        }),
        ("no table", |_| Reply::Whole("<html></html>".to_owned())),
        ("nothing known", |offer| Reply::Whole(file(offer, &[]))),
    ];
    let mut said = String::new();
    for (name, answer) in cases {
        let run = update(&repo, &serve(answer), &[]).run().exits(3);
        said.push_str(&format!("{name}\n{}\n", run.stderr));
    }
    let said = said
        .lines()
        .filter(|line| !line.contains("reading"))
        .collect::<Vec<_>>();
    insta::assert_snapshot!("prices_not_whole", said.join("\n"));
    assert_eq!(repo.log(), before);
    assert!(!repo.has(PRICES));
}
