//! `fractary prices update`: reads the price list of a region and keeps it in prices.json.

use std::time::Duration;

use crate::app::answer::output;
use crate::app::command::Effect;
use crate::app::formats::AnswerFormat;
use crate::app::wait::wait_for;
use crate::app::workspace::landing::{self, Proposal};
use crate::app::workspace::{open, push};
use crate::app::{App, Outcome, publish};
use crate::catalog::price_list;
use crate::core::cost::price_list::FoundPrices;
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::git::Transaction;
use crate::model::answers::KnownPrices;
use crate::model::ids::Region;
use crate::model::prices::PriceDocument;
use crate::pricing::{OfferPrices, PriceList, PriceListError};
use crate::render::json;
use crate::state;
use crate::state::documents::paths;
use crate::text::phrases::counted;

/// The longest time for one file; that of EC2 has hundreds of megabytes.
const LONGEST: Duration = Duration::from_secs(1_800);

pub(crate) use crate::pricing::PRICE_LIST;

/// What is updated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PricesRequest<'a> {
    /// Regions; empty for those of the chosen environments.
    pub(crate) regions: &'a [Region],
    /// Where the price list is.
    pub(crate) from: &'a str,
}

/// What was found in a region.
#[derive(serde::Serialize)]
struct RegionPrices {
    region: Region,
    prices: usize,
    /// Keys for which the list has several prices; none of them is kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disputed: Vec<String>,
    #[serde(skip)]
    by_offer: Vec<(jiff::civil::Date, FoundPrices)>,
}

/// Reads the prices of regions, lands them, and says what was found.
pub(crate) fn update(
    app: &App,
    request: PricesRequest<'_>,
    effect: Effect,
    format: AnswerFormat,
) -> Outcome {
    let landing = landing::choose(app, effect);
    let list = PriceList::new(request.from, LONGEST).map_err(|error| {
        CommandError::usage(format!(
            "`--from` is not an address of a price list: {error}"
        ))
    })?;
    let workspace = open::load_to_land(app, landing)?;
    let settings = workspace.settings();
    let mut regions = request.regions.to_vec();
    if regions.is_empty() {
        for name in settings.choose_or_all(&app.global.env)? {
            let environment = settings.environment(&name)?;
            regions.extend(environment.regions.clone());
            regions.extend(settings.region(&environment));
        }
    }
    regions.sort();
    regions.dedup();
    if regions.is_empty() {
        return Err(CommandError::usage("no environment says its region")
            .hint("add `region` in .fractary/shared/environments.json, or give `--region`"));
    }
    let mut found = Vec::new();
    for region in regions {
        found.push(read_region(app, &list, region)?);
    }
    let (workspace, (), landed) = landing::decide_and_land(app, workspace, landing, |workspace| {
        let known = crate::app::costs::read_prices(workspace)?;
        Ok(propose(known, &found))
    })?;
    let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
    publish::landed(app, format, &landed, || show(format, &found))?;
    landing::report(app, &landed);
    pushed.map(|()| ExitCode::Ok)
}

/// Reads every service of a region: all of it, or nothing is kept.
fn read_region(app: &App, list: &PriceList, region: Region) -> Result<RegionPrices, CommandError> {
    let mut by_offer = Vec::new();
    for offer in price_list::offers() {
        let what = format!("reading prices of {offer} in {region}");
        let read = async { Ok::<_, CommandError>(list.read(offer, &region).await) };
        let OfferPrices { prices, published } =
            wait_for(app, &what, read)?.map_err(|error| unread(offer, &region, &error))?;
        let mut found = FoundPrices::default();
        for price in prices {
            found.add(price);
        }
        by_offer.push((published, found));
    }
    let disputed = by_offer.iter().flat_map(|(_, found)| found.disputed());
    Ok(RegionPrices {
        prices: by_offer.iter().map(|(_, found)| found.count()).sum(),
        disputed: disputed.map(str::to_owned).collect(),
        region,
        by_offer,
    })
}

fn unread(offer: &str, region: &Region, error: &PriceListError) -> CommandError {
    let message = format!("could not read the prices of {offer} in {region}: {error}");
    CommandError::say(ErrorKind::Unknown, message)
        .hint("prices.json was not changed; the list needs no credentials, so check the network and its proxy")
}

fn propose(known: Option<PriceDocument>, found: &[RegionPrices]) -> Proposal<()> {
    let mut document = known;
    for one in found {
        for (date, prices) in &one.by_offer {
            document = Some(prices.added_to(document.as_ref(), &one.region, *date));
        }
    }
    let mut transaction = Transaction::new();
    if let Some(document) = &document {
        transaction.write(paths::prices(), state::to_bytes(document));
    }
    let names: Vec<&str> = found.iter().map(|one| one.region.as_str()).collect();
    Proposal {
        transaction,
        message: format!(
            "fractary(prices): {}\n\nFractary-Command: prices\n",
            names.join(", ")
        ),
        facts: (),
    }
}

fn show(format: AnswerFormat, found: &[RegionPrices]) -> Result<String, CommandError> {
    if format == AnswerFormat::Json {
        return json::pretty(&found).map_err(CommandError::bug);
    }
    let mut out = String::new();
    for one in found {
        let dates = one.by_offer.iter().map(|(date, _)| date);
        let (first, last) = (dates.clone().min(), dates.max());
        let published = match (first, last) {
            (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
            (Some(only), _) => only.to_string(),
            (None, _) => "never".to_owned(),
        };
        out.push_str(&format!(
            "{}: {}, published {published}\n",
            one.region,
            counted(one.prices as u64, "price")
        ));
        if !one.disputed.is_empty() {
            out.push_str(&format!(
                "  ? left out, as the list has several prices: {}\n",
                one.disputed.join(", ")
            ));
        }
    }
    Ok(out)
}

/// The prices that are kept, for `prices` without a subcommand.
pub(crate) fn list(app: &App, format: AnswerFormat) -> Outcome {
    let workspace = open::load_anything(app)?;
    let known = crate::app::costs::read_prices(&workspace)?;
    let settings = &workspace.state.monitoring.value.cost;
    let book = crate::core::cost::prices::PriceBook::new(known.as_ref(), settings);
    let rows: Vec<(&str, usize)> = book.regions().collect();
    let text = match format {
        AnswerFormat::Json => {
            let rows = rows.iter().map(|(region, count)| KnownPrices {
                region: (*region).to_owned(),
                prices: *count,
            });
            json::pretty(&rows.collect::<Vec<_>>()).map_err(CommandError::bug)?
        }
        AnswerFormat::Text => {
            let lines = rows
                .iter()
                .map(|(region, count)| format!("{region}: {}\n", counted(*count as u64, "price")));
            lines.collect()
        }
    };
    output::write(app, &text)?;
    Ok(ExitCode::Ok)
}
