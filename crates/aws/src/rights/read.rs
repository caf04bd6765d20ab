//! What is read, by `weir serve`, `weir ingest`, `weir init` and `weir doctor`; and how people are told.

use weir_engine::metrics::NAMESPACES;

use super::{RightsOf, Statement};
use crate::sqs_queues::region_in;

/// Looking people up; what the past is read from; what is there; and only what the configuration
/// names: queues, log groups, figures, mails, a topic, the login of the database, other accounts.
/// `WeirBackfills` is for `weir ingest` alone, `WeirLooksAround` for `weir init`, `weir ingest aws` and `weir doctor`.
pub(super) fn statements(of: &RightsOf) -> Vec<Statement> {
    let mut all = vec![
        Statement::anywhere(
            "WeirWhoIsWho",
            &[
                "bedrock:GetInferenceProfile",
                "iam:GetLoginProfile",
                "iam:GetRole",
                "iam:ListGroupsForUser",
                "iam:ListRoleTags",
                "iam:ListUserTags",
            ],
        ),
        Statement::anywhere(
            "WeirBackfills",
            &[
                "cloudtrail:LookupEvents",
                "logs:FilterLogEvents",
                "s3:GetObject",
                "s3:ListBucket",
            ],
        )
        .spare(),
        Statement::anywhere(
            "WeirLooksAround",
            &[
                "account:ListRegions",
                "bedrock:GetModelInvocationLoggingConfiguration",
                "cloudtrail:DescribeTrails",
                "cloudtrail:GetEventSelectors",
                "cloudtrail:GetTrailStatus",
                "iam:SimulatePrincipalPolicy",
            ],
        )
        .spare(),
        Statement::anywhere("WeirComparesWithCloudWatch", &["cloudwatch:GetMetricData"]),
    ];
    all.extend(live(of));
    all.extend(telling(of));
    if let Some(secret) = &of.secret {
        let actions = ["secretsmanager:GetSecretValue"];
        all.push(Statement::on(
            "WeirLogsInToItsDatabase",
            &actions,
            vec![secret_arn(of, secret)],
        ));
    }
    if !of.roles.is_empty() {
        let actions = ["sts:AssumeRole"];
        all.push(Statement::on(
            "WeirReachesOtherAccounts",
            &actions,
            of.roles.clone(),
        ));
    }
    all
}

/// What a server follows.
fn live(of: &RightsOf) -> Vec<Statement> {
    let mut all = Vec::new();
    if !of.queues.is_empty() {
        let arns = of
            .queues
            .iter()
            .map(|queue| queue_arn(&of.partition, queue));
        all.push(Statement::on(
            "WeirReadsItsQueues",
            &[
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:ReceiveMessage",
            ],
            arns.collect(),
        ));
    }
    if of.opens_objects {
        let objects = format!("arn:{}:s3:::*/AWSLogs/*", of.partition);
        all.push(Statement::on(
            "WeirReadsWhatQueuesName",
            &["s3:GetObject"],
            vec![objects],
        ));
    }
    if !of.log_groups.is_empty() {
        let arns = of.log_groups.iter().flat_map(|group| {
            let arn = group.as_str();
            [arn.to_owned(), format!("{arn}:*")]
        });
        all.push(Statement::on(
            "WeirFollowsItsLogGroups",
            &["logs:FilterLogEvents"],
            arns.collect(),
        ));
    }
    if of.puts_figures {
        let namespaces = NAMESPACES.iter().map(ToString::to_string).collect();
        all.push(
            Statement::anywhere("WeirPutsItsFigures", &["cloudwatch:PutMetricData"]).only(
                "StringEquals",
                "cloudwatch:namespace",
                namespaces,
            ),
        );
    }
    all
}

fn telling(of: &RightsOf) -> Vec<Statement> {
    let mut all = Vec::new();
    if let Some(from) = &of.ses_from {
        let from = vec![from.clone()];
        all.push(
            Statement::anywhere("WeirSendsMail", &["ses:SendEmail"]).only(
                "StringEquals",
                "ses:FromAddress",
                from,
            ),
        );
    }
    if let Some(topic) = &of.topic {
        all.push(Statement::on(
            "WeirPublishesToItsTopic",
            &["sns:Publish"],
            vec![topic.clone()],
        ));
    }
    all
}

/// A secret may be named without its ARN, which ends with six characters that nobody knows.
fn secret_arn(of: &RightsOf, secret: &str) -> String {
    if secret.starts_with("arn:") {
        return secret.to_owned();
    }
    let RightsOf {
        partition, account, ..
    } = of;
    format!("arn:{partition}:secretsmanager:*:{account}:secret:{secret}-??????")
}

/// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME` as an ARN.
fn queue_arn(partition: &str, url: &str) -> String {
    let mut parts = url.rsplit('/');
    let name = parts.next().unwrap_or("*");
    let account = parts.next().unwrap_or("*");
    let region = region_in(url).unwrap_or("*");
    format!("arn:{partition}:sqs:{region}:{account}:{name}")
}
