//! Whether somebody who is denied could go on through a role.

use std::collections::BTreeSet;

use weir_core::ways::{self, Role, Who};

use super::finding::{Finding, say, some};
use crate::notify::Language;
use crate::{Engine, EngineError};

impl Engine {
    pub(super) async fn check_ways(&self, language: Language) -> Result<Finding, EngineError> {
        let Some(survey) = &self.survey else {
            return Ok(Finding::ok(say!(
                language,
                "not looked for, without AWS credentials",
                "no se han buscado, sin credenciales de AWS",
            )));
        };
        let roles = match survey.roles().await {
            Ok(roles) => roles,
            Err(error) => {
                return Ok(Finding::warn(
                    say!(language, "nobody knows: {error}", "no se sabe: {error}"),
                    say!(
                        language,
                        "give Weir iam:GetAccountAuthorizationDetails: `weir aws-policy --feature enforce`",
                        "dele a Weir iam:GetAccountAuthorizationDetails: `weir aws-policy --feature enforce`",
                    ),
                ));
            }
        };
        let looked_at: Vec<_> = roles
            .iter()
            .map(|role| Role {
                arn: &role.arn,
                trust: &role.trust,
                policies: &role.policies,
            })
            .collect();
        let accounts: BTreeSet<&str> = roles.iter().map(|role| role.account.as_str()).collect();
        let ways = ways::around(&looked_at, &accounts);
        let lines: Vec<_> = ways
            .iter()
            .map(|way| {
                let who: Vec<_> = way.who.iter().map(|who| said(language, who)).collect();
                let (role, who) = (&way.role, who.join(", "));
                say!(language, "{role} by {who}", "{role} por {who}")
            })
            .collect();
        Ok(match lines.len() {
            0 => Finding::ok(say!(
                language,
                "no role that may use Bedrock can be assumed by IAM users",
                "los usuarios de IAM no pueden asumir ningún rol que pueda usar Bedrock",
            )),
            count => {
                let lines = some(language, &lines);
                Finding::warn(
                    say!(
                        language,
                        "roles that may use Bedrock can be assumed ({count}): {lines}",
                        "se pueden asumir roles que pueden usar Bedrock ({count}): {lines}",
                    ),
                    say!(
                        language,
                        "a Deny on a user does not follow it into a role: name in the trust policy who may \
                         assume it, take Bedrock away from the role, or set a quota for `role/NAME`",
                        "el Deny de un usuario no lo sigue a un rol: diga en la política de confianza quién \
                         puede asumirlo, quítele Bedrock al rol, o fije una cuota para `role/NOMBRE`",
                    ),
                )
            }
        })
    }
}

fn said(language: Language, who: &Who) -> String {
    match who {
        Who::Anybody => say!(language, "anybody", "cualquiera"),
        Who::Account(account) => say!(
            language,
            "whoever in {account} may call sts:AssumeRole",
            "quien en {account} pueda llamar a sts:AssumeRole",
        ),
        Who::User(arn) => arn.clone(),
        Who::Through(role) => say!(
            language,
            "whoever assumes {role} first",
            "quien asuma antes {role}",
        ),
    }
}
