//! Prices from AWS's public price list: one CSV file for a service and region, read over HTTP
//! without credentials.
//!
//! A file may have hundreds of megabytes, so it goes through a temporary file and is read record
//! by record. One that is not whole, or whose form is another, gives no price at all.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Seek, SeekFrom};
use std::time::Duration;

use jiff::civil::Date;

use crate::catalog::price_list::{self, RowPrice};
use crate::http::{Address, Client, HttpError, Limits, Request};
use crate::model::ids::Region;
use crate::text::csv;

pub use crate::http::AddressError;

/// Where AWS publishes its prices.
pub const PRICE_LIST: &str = "https://pricing.us-east-1.amazonaws.com";
/// Most bytes of one file: several times what the largest has.
const MOST_BYTES: u64 = 4 << 30;
/// Most rows in front of the one with the names of columns.
const MOST_PREAMBLE: usize = 20;

/// The price list at an address.
#[derive(Debug)]
pub struct PriceList {
    client: Client,
}

/// The prices of one service in a region.
#[derive(Debug)]
pub struct OfferPrices {
    /// The prices that are known here, row by row.
    pub prices: Vec<RowPrice>,
    /// The day on which AWS published the file.
    pub published: Date,
}

/// Why the prices of a service could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PriceListError {
    /// No answer, or not the whole of it.
    #[error("no answer: {0}")]
    Unanswered(String),
    /// An answer that is no price list.
    #[error("it answers {0}")]
    Status(u16),
    /// A file of another form.
    #[error("{0}")]
    Form(String),
    /// The temporary file cannot be used.
    #[error("the temporary file cannot be used: {0}")]
    Disk(#[from] std::io::Error),
}

impl PriceList {
    /// Returns the price list at an address, with a limit on the time of each file.
    ///
    /// # Errors
    /// Where the address is not one that may be used.
    pub fn new(address: &str, timeout: Duration) -> Result<Self, AddressError> {
        let limits = Limits {
            attempt: timeout,
            ..Limits::default()
        };
        Ok(Self {
            client: Client::new(Address::new(address)?, Vec::new(), limits),
        })
    }

    /// Reads the prices of a service in a region.
    ///
    /// # Errors
    /// Where the file cannot be read in full, or is not of the form that is known.
    pub async fn read(&self, offer: &str, region: &Region) -> Result<OfferPrices, PriceListError> {
        let path = format!("/offers/v1.0/aws/{offer}/current/{region}/index.csv");
        let request = Request {
            method: "GET",
            path: &path,
            headers: &[],
            body: None,
            repeatable: true,
        };
        let mut file = tempfile::tempfile()?;
        let answer = self.client.download(request, MOST_BYTES, &mut file).await;
        let answer = answer.map_err(|error| match error {
            HttpError::Unanswered(why) | HttpError::TooLong(why) => PriceListError::Unanswered(why),
            HttpError::Redirected => PriceListError::Unanswered("it redirects".to_owned()),
        })?;
        if answer.status != 200 {
            return Err(PriceListError::Status(answer.status));
        }
        file.seek(SeekFrom::Start(0))?;
        parse(offer, region, file)
    }
}

/// Reads a file: some rows about it, one with the names of columns, then the prices.
fn parse(offer: &str, region: &Region, file: File) -> Result<OfferPrices, PriceListError> {
    let form = |why: &str| PriceListError::Form(why.to_owned());
    let mut rows = BufReader::new(file).lines().map(|line| {
        let line = line.map_err(|error| match error.kind() {
            ErrorKind::InvalidData => form("it is not UTF-8"),
            _ => PriceListError::Disk(error),
        })?;
        csv::fields(&line).ok_or_else(|| form("a row is not a row of CSV"))
    });
    let mut published = None;
    let mut columns = Vec::new();
    for row in rows.by_ref().take(MOST_PREAMBLE) {
        let row = row?;
        match (row.first().map(String::as_str), row.get(1)) {
            (Some("FormatVersion"), Some(version)) if !version.starts_with("v1.") => {
                let shown = crate::text::escape::terminal(version);
                return Err(form(&format!("its form is {shown}, and v1 is known")));
            }
            (Some("Publication Date"), Some(date)) => {
                published = date.get(..10).and_then(|day| day.parse::<Date>().ok());
            }
            (Some("SKU"), _) => {
                columns = row;
                break;
            }
            _ => {}
        }
    }
    let published = published.ok_or_else(|| form("it does not say when it was published"))?;
    if columns.is_empty() {
        return Err(form("it has no row with the names of columns"));
    }
    let places = columns.iter().enumerate();
    let index: BTreeMap<&str, usize> = places.map(|(at, name)| (name.as_str(), at)).collect();
    let mut prices = Vec::new();
    for row in rows {
        let row = row?;
        let column = |name: &str| row.get(*index.get(name)?).map(String::as_str);
        // Files of a region have rows of Local Zones too, which cost other prices.
        let is_here = column("Region Code").is_none_or(|it| it.is_empty() || it == region.as_str());
        if is_here {
            prices.extend(price_list::price_of(offer, column));
        }
    }
    if prices.is_empty() {
        return Err(form(&format!("no price of {offer} in it is known here")));
    }
    Ok(OfferPrices { prices, published })
}
