//! Whether Weir's own rights are those that it needs, and no others.

use weir_core::rulebook::Mode;

use super::finding::{Finding, say, some};
use crate::notify::Language;
use crate::ports::{EffectErrorKind, Feature, RightsFound};
use crate::{Engine, EngineError};

impl Engine {
    pub(super) async fn check_rights(&self, language: Language) -> Result<Finding, EngineError> {
        let Some(survey) = &self.survey else {
            return Ok(Finding::ok(say!(
                language,
                "not compared, without AWS credentials",
                "no comparados, sin credenciales de AWS",
            )));
        };
        let mut features = vec![Feature::Read];
        if self.rules().await?.mode.mode == Mode::Iam {
            features.push(Feature::Enforce);
        }
        let names: Vec<_> = features.iter().map(ToString::to_string).collect();
        let wanted = names.join(",");
        let found = match survey.rights(&features).await {
            Ok(found) => found,
            Err(error) if error.kind == EffectErrorKind::Retry => return Err(error.into()),
            Err(error) => {
                return Ok(Finding::warn(
                    say!(
                        language,
                        "whether rights are missing, or too many, nobody knows: {error}",
                        "no se sabe si faltan permisos o sobran: {error}",
                    ),
                    say!(
                        language,
                        "give Weir iam:SimulatePrincipalPolicy, or compare with `weir aws-policy`",
                        "dele a Weir iam:SimulatePrincipalPolicy, o compare con `weir aws-policy`",
                    ),
                ));
            }
        };
        Ok(compared(language, &wanted, found))
    }
}

/// What is there beside what is needed.
fn compared(language: Language, wanted: &str, found: RightsFound) -> Finding {
    let RightsFound {
        who,
        missing,
        excess,
    } = found;
    let (lacks, missing) = (missing.len(), list(language, &missing));
    let (has_more, excess) = (!excess.is_empty(), list(language, &excess));
    let remedy = say!(
        language,
        "compare with `weir aws-policy --feature {wanted}`",
        "compare con `weir aws-policy --feature {wanted}`",
    );
    let more = say!(
        language,
        "whoever steals these credentials has them, too: leave {who} what `weir aws-policy \
             --feature {wanted}` shows, and hand out access with your own credentials",
        "quien robe estas credenciales también los tiene: deje a {who} lo que muestra `weir aws-policy \
             --feature {wanted}`, y dé acceso con sus propias credenciales",
    );
    match (lacks > 0, has_more) {
        (false, false) => Finding::ok(say!(
            language,
            "{who} has those of {wanted}, and no others",
            "{who} tiene los de {wanted}, y ningún otro",
        )),
        (true, false) => Finding::warn(
            say!(
                language,
                "{who} lacks {lacks} of {wanted}: {missing}",
                "a {who} le faltan {lacks} de {wanted}: {missing}",
            ),
            remedy,
        ),
        (false, true) => Finding::warn(
            say!(
                language,
                "{who} has more than {wanted} needs: {excess}",
                "{who} tiene más de lo que {wanted} necesita: {excess}",
            ),
            more,
        ),
        (true, true) => Finding::warn(
            say!(
                language,
                "{who} lacks {lacks} of {wanted}: {missing}; and has more than it needs: {excess}",
                "a {who} le faltan {lacks} de {wanted}: {missing}; y tiene más de lo que necesita: {excess}",
            ),
            more,
        ),
    }
}

fn list(language: Language, rights: &[String]) -> String {
    some(language, rights).replace("; ", ", ")
}
