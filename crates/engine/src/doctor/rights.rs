//! Whether Weir's rights are those that it needs, and no others: its own, and those of its roles in other accounts.

use weir_core::ids::AccountId;
use weir_core::rulebook::{IdentityCenter, Mode};

use super::finding::{Finding, say, some};
use crate::notify::Language;
use crate::ports::{EffectError, EffectErrorKind, Feature, RightsFound, RightsIn};
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
        let rules = self.rules().await?;
        let features = features(rules.mode.mode, &rules.settings.enforcement.identity_center);
        let names: Vec<_> = features.iter().map(ToString::to_string).collect();
        let wanted = names.join(",");
        let mut finding = match survey.rights(&features).await {
            Ok(found) => compared(language, &wanted, "", found),
            // Without an answer at home there is none elsewhere.
            Err(error) if error.kind == EffectErrorKind::Retry => return Err(error.into()),
            Err(error) => unknown(language, &error),
        };
        for RightsIn { account, found } in survey.rights_elsewhere(&features).await? {
            finding = finding.and(match found {
                Ok(found) => compared(language, &wanted, &format!(" --account {account}"), found),
                Err(error) => unknown_in(language, &wanted, &account, &error),
            });
        }
        Ok(finding)
    }
}

/// What Weir is to do, as it is configured.
fn features(mode: Mode, identity_center: &IdentityCenter) -> Vec<Feature> {
    let mut features = vec![Feature::Read];
    if mode == Mode::Iam {
        features.push(Feature::Enforce);
        if *identity_center != IdentityCenter::None {
            features.push(Feature::IdentityCenter);
        }
    }
    features
}

/// Nobody says what our own credentials may do.
fn unknown(language: Language, error: &EffectError) -> Finding {
    Finding::warn(
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
    )
}

/// Nobody says what the role in an account may do.
fn unknown_in(
    language: Language,
    wanted: &str,
    account: &AccountId,
    error: &EffectError,
) -> Finding {
    let found = say!(
        language,
        "whether rights are missing in {account}, or too many, nobody knows: {error}",
        "no se sabe si en {account} faltan permisos o sobran: {error}",
    );
    let remedy = match error.kind {
        EffectErrorKind::Denied => say!(
            language,
            "give the role in {account} iam:SimulatePrincipalPolicy, or compare with \
             `weir aws-policy --feature {wanted} --account {account}`",
            "dele al rol de {account} iam:SimulatePrincipalPolicy, o compare con \
             `weir aws-policy --feature {wanted} --account {account}`",
        ),
        _ => say!(
            language,
            "what the role in {account} needs, `weir aws-policy --feature {wanted} --account {account}` shows",
            "lo que necesita el rol de {account} lo muestra `weir aws-policy --feature {wanted} --account {account}`",
        ),
    };
    Finding::warn(found, remedy)
}

/// What is there beside what is needed; `at` is the flag that names the account, if it is not ours.
fn compared(language: Language, wanted: &str, at: &str, found: RightsFound) -> Finding {
    let RightsFound {
        who,
        missing,
        excess,
    } = found;
    let (lacks, missing) = (missing.len(), list(language, &missing));
    let (has_more, excess) = (!excess.is_empty(), list(language, &excess));
    let remedy = say!(
        language,
        "compare {who} with `weir aws-policy --feature {wanted}{at}`",
        "compare {who} con `weir aws-policy --feature {wanted}{at}`",
    );
    let more = say!(
        language,
        "whoever steals these credentials has them, too: leave {who} what `weir aws-policy \
             --feature {wanted}{at}` shows, and hand out access with your own credentials",
        "quien robe estas credenciales también los tiene: deje a {who} lo que muestra `weir aws-policy \
             --feature {wanted}{at}`, y dé acceso con sus propias credenciales",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_those_of_what_weir_is_to_do() {
        use Feature::{Enforce, Read};
        let none = IdentityCenter::None;
        let policy = IdentityCenter::PermissionSetPolicy("WeirBlock".to_owned());
        for (mode, mechanism, expected) in [
            (Mode::Off, &policy, vec![Read]),
            (Mode::DryRun, &policy, vec![Read]),
            (Mode::Iam, &none, vec![Read, Enforce]),
            (
                Mode::Iam,
                &policy,
                vec![Read, Enforce, Feature::IdentityCenter],
            ),
        ] {
            assert_eq!(
                features(mode, mechanism),
                expected,
                "{mode:?} {mechanism:?}"
            );
        }
    }
}
