//! The data file as it is: Bedrock's rows with their clauses and prices.

use jiff::civil::Date;
use weir_core::money::Price;
use weir_core::pricing::TokenClass;

use super::json::Json;

/// Where the data comes from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// Name and version of the crate.
    pub(super) name: String,
    /// The commit it was published from, shortened.
    pub(super) commit: Option<String>,
}

/// One row of the provider `aws`.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: Option<String>,
    /// Where the prices come from, in words.
    pub(super) comment: String,
    pub(super) clause: Clause,
    /// By start, oldest first; the first has none.
    pub(super) prices: Vec<Dated>,
}

/// The prices from one day on.
#[derive(Clone, Debug)]
pub(super) struct Dated {
    pub(super) from: Option<String>,
    pub(super) values: Vec<(Unit, Value)>,
}

/// What a price is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Tokens(TokenClass),
    /// Audio tokens, which no record counts apart.
    Audio,
}

/// A price, in bands of whole input where it has `above`.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) base: Price,
    /// Above so many tokens, ascending.
    pub(super) above: Vec<(u64, Price)>,
}

impl Value {
    /// The price of a call with `whole` tokens of input.
    pub(super) fn at(&self, whole: u64) -> Price {
        let band = self.above.iter().rev().find(|(above, _)| whole > *above);
        band.map_or(self.base, |(_, price)| *price)
    }
}

/// How the source finds a row from a model id; ids are lower case.
#[derive(Clone, Debug)]
pub(super) enum Clause {
    Or(Vec<Clause>),
    Is(Op, String),
}

/// How a literal is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Equals,
    StartsWith,
    EndsWith,
    Contains,
}

impl Clause {
    pub(super) fn matches(&self, id: &str) -> bool {
        match self {
            Self::Or(clauses) => clauses.iter().any(|clause| clause.matches(id)),
            Self::Is(Op::Equals, text) => id == text,
            Self::Is(Op::StartsWith, text) => id.starts_with(text.as_str()),
            Self::Is(Op::EndsWith, text) => id.ends_with(text.as_str()),
            Self::Is(Op::Contains, text) => id.contains(text.as_str()),
        }
    }

    /// All literals in it.
    pub(super) fn literals(&self) -> Vec<&str> {
        match self {
            Self::Or(clauses) => clauses.iter().flat_map(Self::literals).collect(),
            Self::Is(_, text) => vec![text],
        }
    }

    fn read(value: &Json) -> Result<Self, String> {
        let [(op, argument)] = value.object() else {
            return Err(format!("a match clause of another shape: {value:?}"));
        };
        let op = match op.as_str() {
            "or" => {
                let clauses = argument.list().iter().map(Self::read);
                return clauses.collect::<Result<_, _>>().map(Self::Or);
            }
            "equals" => Op::Equals,
            "starts_with" => Op::StartsWith,
            "ends_with" => Op::EndsWith,
            "contains" => Op::Contains,
            other => return Err(format!("match clause `{other}` is not known")),
        };
        let text = argument
            .text()
            .ok_or_else(|| format!("`{argument:?}` in a match clause"))?;
        Ok(Self::Is(op, text.to_lowercase()))
    }
}

/// Bedrock's rows in the order of the file, which is the order of matching.
pub(super) fn rows(data: &Json) -> Result<Vec<Row>, String> {
    provider(data, "aws")?
        .get("models")
        .list()
        .iter()
        .map(row)
        .collect()
}

/// Id and name of the models of the provider `anthropic`, whose rows of Bedrock have no name.
pub(super) fn names(data: &Json) -> Result<Vec<(String, String)>, String> {
    let models = provider(data, "anthropic")?.get("models").list();
    let text = |model: &Json, key| model.get(key).text().map(str::to_owned);
    Ok(models
        .iter()
        .filter_map(|model| Some((text(model, "id")?, text(model, "name")?)))
        .collect())
}

/// The newest day that the text on Bedrock mentions.
pub(super) fn newest_day(data: &Json) -> Result<String, String> {
    fn visit(value: &Json, newest: &mut String) {
        match value {
            Json::Text(text) => {
                for (at, _) in text.match_indices("20") {
                    let day = text
                        .get(at..at + 10)
                        .filter(|day| day.parse::<Date>().is_ok());
                    if let Some(day) = day.filter(|day| *day > newest.as_str()) {
                        day.clone_into(newest);
                    }
                }
            }
            Json::List(items) => items.iter().for_each(|item| visit(item, newest)),
            Json::Object(members) => members.iter().for_each(|(_, value)| visit(value, newest)),
            Json::Null | Json::Bool | Json::Number(_) => {}
        }
    }
    let mut newest = String::new();
    visit(provider(data, "aws")?, &mut newest);
    Ok(newest)
}

fn provider<'a>(data: &'a Json, id: &str) -> Result<&'a Json, String> {
    let found = data
        .list()
        .iter()
        .find(|provider| provider.get("id").text() == Some(id));
    found.ok_or_else(|| format!("the data has no provider `{id}`"))
}

fn row(model: &Json) -> Result<Row, String> {
    let id = model
        .get("id")
        .text()
        .ok_or("a model without id")?
        .to_owned();
    let context = |error: String| format!("{id}: {error}");
    if model.get("price_variants") != &Json::Null {
        return Err(context(
            "has price_variants (tiers?), which nobody has looked at".to_owned(),
        ));
    }
    let clause = Clause::read(model.get("match")).map_err(context)?;
    let prices = match model.get("prices") {
        Json::List(items) => items.iter().map(dated).collect::<Result<Vec<_>, _>>(),
        prices => values(prices).map(|values| vec![Dated { from: None, values }]),
    };
    let prices = prices.map_err(context)?;
    let starts: Vec<_> = prices.iter().map(|dated| dated.from.as_deref()).collect();
    if !starts.is_sorted() || starts.iter().filter(|start| start.is_none()).count() != 1 {
        return Err(context(format!("starts in another order: {starts:?}")));
    }
    let name = model.get("name").text().map(str::to_owned);
    let comment = model
        .get("price_comments")
        .text()
        .unwrap_or_default()
        .to_owned();
    Ok(Row {
        id,
        name,
        comment,
        clause,
        prices,
    })
}

fn dated(item: &Json) -> Result<Dated, String> {
    let from = match item.get("constraint") {
        Json::Null => None,
        constraint => match constraint.object() {
            [(key, Json::Text(day))] if key == "start_date" => Some(day.clone()),
            _ => {
                return Err(format!(
                    "a constraint that is not a start_date: {constraint:?}"
                ));
            }
        },
    };
    Ok(Dated {
        from,
        values: values(item.get("prices"))?,
    })
}

fn values(prices: &Json) -> Result<Vec<(Unit, Value)>, String> {
    let prices = prices.object().iter().map(|(key, price)| {
        let unit = match key.as_str() {
            "input_mtok" => Unit::Tokens(TokenClass::Input),
            "cache_read_mtok" => Unit::Tokens(TokenClass::CacheRead),
            "cache_write_mtok" => Unit::Tokens(TokenClass::CacheWrite5m),
            "cache_write_1h_mtok" => Unit::Tokens(TokenClass::CacheWrite1h),
            "output_mtok" => Unit::Tokens(TokenClass::Output),
            "input_audio_mtok" | "output_audio_mtok" => Unit::Audio,
            _ => return Err(format!("price key `{key}` is not known")),
        };
        value(price)
            .map(|value| (unit, value))
            .map_err(|error| format!("{key}: {error}"))
    });
    prices.collect()
}

fn value(price: &Json) -> Result<Value, String> {
    if let Json::Number(_) = price {
        return Ok(Value {
            base: decimal(price)?,
            above: Vec::new(),
        });
    }
    let band =
        |tier: &Json| Ok::<_, String>((whole(tier.get("start"))?, decimal(tier.get("price"))?));
    let above = price
        .get("tiers")
        .list()
        .iter()
        .map(band)
        .collect::<Result<Vec<_>, _>>()?;
    if above.is_empty() || !above.is_sorted_by(|a, b| a.0 < b.0) {
        return Err("tiers in another order, or none".to_owned());
    }
    Ok(Value {
        base: decimal(price.get("base"))?,
        above,
    })
}

/// Decimal text to nano-dollars, exactly.
fn decimal(value: &Json) -> Result<Price, String> {
    let Json::Number(text) = value else {
        return Err(format!("not a number: {value:?}"));
    };
    text.parse().map_err(|error| format!("{error}"))
}

fn whole(value: &Json) -> Result<u64, String> {
    let Json::Number(text) = value else {
        return Err(format!("not a number: {value:?}"));
    };
    text.parse().map_err(|error| format!("{text}: {error}"))
}
