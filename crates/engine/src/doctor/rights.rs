//! Whether Weir's own rights are those that it needs, and no others.

use weir_core::rulebook::Mode;

use super::{Finding, some};
use crate::ports::{EffectErrorKind, Feature, RightsFound};
use crate::{Engine, EngineError};

impl Engine {
    pub(super) async fn check_rights(&self) -> Result<Finding, EngineError> {
        let Some(survey) = &self.survey else {
            return Ok(Finding::ok("not compared, without AWS credentials"));
        };
        let mut features = vec![Feature::Read];
        if self.rules().await?.mode.mode == Mode::Iam {
            features.push(Feature::Enforce);
        }
        let names: Vec<_> = features.iter().map(ToString::to_string).collect();
        let wanted = names.join(",");
        let RightsFound {
            who,
            missing,
            excess,
        } = match survey.rights(&features).await {
            Ok(found) => found,
            Err(error) if error.kind == EffectErrorKind::Retry => return Err(error.into()),
            Err(error) => {
                return Ok(Finding::warn(
                    format!("whether rights are missing, or too many, nobody knows: {error}"),
                    "give Weir iam:SimulatePrincipalPolicy, or compare with `weir aws-policy`",
                ));
            }
        };
        let remedy = format!("compare with `weir aws-policy --feature {wanted}`");
        let more = format!(
            "whoever steals these credentials has them, too: leave {who} what `weir aws-policy \
             --feature {wanted}` shows, and hand out access with your own credentials"
        );
        Ok(match (missing.is_empty(), excess.is_empty()) {
            (true, true) => Finding::ok(format!("{who} has those of {wanted}, and no others")),
            (false, true) => Finding::warn(
                format!(
                    "{who} lacks {} of {wanted}: {}",
                    missing.len(),
                    list(&missing)
                ),
                remedy,
            ),
            (true, false) => Finding::warn(
                format!("{who} has more than {wanted} needs: {}", list(&excess)),
                more,
            ),
            (false, false) => Finding::warn(
                format!(
                    "{who} lacks {} of {wanted}: {}; and has more than it needs: {}",
                    missing.len(),
                    list(&missing),
                    list(&excess)
                ),
                more,
            ),
        })
    }
}

fn list(rights: &[String]) -> String {
    some(rights).replace("; ", ", ")
}
