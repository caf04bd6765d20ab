//! Prices.

use jiff::civil::Date;
use weir_core::calendar::Zone;
use weir_core::ids::{ModelId, Region};
use weir_core::model::{Class, ModelRef};
use weir_core::money::Price;
use weir_core::pricing::{PriceEnd, PriceRow, PriceSource, RegionMatch, Tier, TokenClass};
use weir_engine::{Actor, Reprice};
use weir_server::forms::{
    CostAnew, CostedAnew, NewPrices, PriceOfCall, Prices, PricesSet, PricesUnset,
};

use super::Backend;
use crate::exit::CliError;
use crate::remote::Ask;

/// Prices of a model from a day on.
#[derive(Clone, Debug)]
pub(crate) struct NewPrice {
    pub(crate) model: ModelId,
    /// Both, if none.
    pub(crate) class: Option<Class>,
    pub(crate) region: RegionMatch,
    pub(crate) prices: Vec<(TokenClass, Price)>,
    pub(crate) day: Date,
}

impl NewPrice {
    fn rows(&self, zone: &Zone) -> Vec<PriceRow> {
        let effective_from = zone.first_instant(self.day.at(0, 0, 0, 0));
        let classes = self
            .class
            .map_or_else(|| Class::ALL.to_vec(), |class| vec![class]);
        let rows = classes.into_iter().flat_map(|class| {
            self.prices
                .iter()
                .map(move |(token_class, price)| PriceRow {
                    model: self.model.clone(),
                    class,
                    region: self.region.clone(),
                    token_class: *token_class,
                    tier: Tier::Standard,
                    band_from: 0,
                    effective_from,
                    effective_until: None,
                    price: Some(*price),
                    source: PriceSource::Administrator,
                })
        });
        rows.collect()
    }

    fn form(&self) -> NewPrices {
        let of = |wanted: TokenClass| {
            let mut prices = self.prices.iter();
            let found = prices.find(|(class, _)| *class == wanted);
            found.map(|(_, price)| price.to_decimal())
        };
        NewPrices {
            class: self.class.map(|class| class.as_str().to_owned()),
            region: Some(self.region.to_string()),
            from: Some(self.day.to_string()),
            input: of(TokenClass::Input),
            output: of(TokenClass::Output),
            cache_read: of(TokenClass::CacheRead),
            cache_write_5m: of(TokenClass::CacheWrite5m),
            cache_write_1h: of(TokenClass::CacheWrite1h),
            reason: String::new(),
        }
    }
}

fn anew(wanted: &Reprice) -> Result<Ask, CliError> {
    let Reprice {
        model,
        region,
        from,
        to,
    } = wanted;
    let ask = Ask::post(&["prices", model.as_str(), "reprice"]).body(&CostAnew {
        from: from.to_string(),
        to: to.map(|to| to.to_string()),
        region: region.as_ref().map(Region::to_string),
    });
    Ok(ask?.long())
}

impl Backend {
    /// Prices in force, of models with this in their id or name.
    pub(crate) async fn prices(&self, wanted: &str) -> Result<Prices, CliError> {
        match self {
            Self::Database(engine) => Ok(Prices::read(engine, wanted).await?),
            Self::Server(server) => {
                let ask = Ask::get(&["prices"]).with("search", wanted);
                server.client.answer(ask).await
            }
        }
    }

    /// Takes prices back; `None` if nobody set any that hold then or later.
    pub(crate) async fn unset_prices(
        &self,
        end: &PriceEnd,
        reason: &str,
        by: &Actor,
    ) -> Result<Option<PricesUnset>, CliError> {
        match self {
            Self::Database(engine) => Ok(PricesUnset::of(engine, end, None, reason, by).await?),
            Self::Server(server) => {
                let day = self.zone().await?.day(end.from);
                let ask = Ask::delete(&["prices", end.model.as_str()])
                    .maybe("class", end.class.map(Class::as_str))
                    .maybe("region", end.region.as_ref())
                    .with("from", day)
                    .with("reason", reason);
                server.client.answer_if_there(ask).await
            }
        }
    }

    /// What a call of a model to a Region costs.
    pub(crate) async fn price(
        &self,
        named: &ModelRef,
        model: &ModelId,
        region: &str,
    ) -> Result<PriceOfCall, CliError> {
        match self {
            Self::Database(engine) => {
                Ok(PriceOfCall::read(engine, model, named.class, region).await?)
            }
            Self::Server(server) => {
                let ask = Ask::get(&["prices", &named.sent]).with("region", region);
                server.client.answer(ask).await
            }
        }
    }

    /// What costing past calls anew would change.
    pub(crate) async fn foresee_repricing(&self, wanted: &Reprice) -> Result<CostedAnew, CliError> {
        match self {
            Self::Database(engine) => {
                let foreseen = engine.foresee_repricing(wanted).await?;
                Ok(CostedAnew::of(wanted, &foreseen, false))
            }
            Self::Server(server) => {
                let ask = anew(wanted)?.with("dry_run", true);
                server.client.answer(ask).await
            }
        }
    }

    /// Costs them anew, once that was agreed to.
    pub(crate) async fn reprice(
        &self,
        wanted: &Reprice,
        by: &Actor,
    ) -> Result<CostedAnew, CliError> {
        match self {
            Self::Database(engine) => {
                let done = Box::pin(engine.reprice_past(wanted, by)).await?;
                Ok(CostedAnew::of(wanted, &done, true))
            }
            Self::Server(server) => {
                let ask = anew(wanted)?.with("yes", true);
                server.client.answer(ask).await
            }
        }
    }

    /// Sets prices; how many invocations have a cost now that had none.
    pub(crate) async fn set_prices(&self, new: &NewPrice, by: &Actor) -> Result<u64, CliError> {
        match self {
            Self::Database(engine) => {
                let rows = new.rows(&engine.rules().await?.zone);
                Ok(engine.set_prices(rows, "set", by).await?)
            }
            Self::Server(server) => {
                let ask = Ask::put(&["prices", new.model.as_str()]).body(&new.form())?;
                let PricesSet { costed, .. } = server.client.answer(ask).await?;
                Ok(costed)
            }
        }
    }
}
