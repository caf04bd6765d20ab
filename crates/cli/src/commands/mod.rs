//! What every command does: one file per verb, one function each.

mod access;
mod audit;
mod aws_policy;
mod completions;
mod config;
mod confirm;
mod db;
mod dead_letters;
mod demo;
mod doctor;
mod enforce;
mod group;
mod hands;
mod import;
mod ingest;
mod init;
mod notify;
mod operator;
mod outbox;
mod policy;
mod pricing;
mod provision;
mod quota;
mod reconcile;
mod report;
mod reset;
mod retention;
mod serve;
mod session;
mod sso;
mod sync;
mod team;
mod token;
mod user;

use weir_config::Environment;

use crate::app::{App, Follows};
use crate::args::{
    AuditCommand, Cli, Command, ConfigCommand, DbCommand, EnforceCommand, GroupCommand,
    HeldCommand, ImportCommand, NotifyCommand, OperatorCommand, OutboxCommand, PolicyCommand,
    PricingCommand, QuotaCommand, ResetCommand, RetentionCommand, TeamCommand, TokenCommand,
    UserCommand,
};
use crate::exit::{CliError, ExitStatus};
use crate::printer::Printer;

/// How a command ends.
pub(crate) type Outcome = Result<ExitStatus, CliError>;

/// Whether a login says where a command works.
fn follows(command: &Command) -> Follows {
    match command {
        Command::Serve(_)
        | Command::Db(_)
        | Command::Demo(_)
        | Command::Config(_)
        | Command::Init(_)
        | Command::AwsPolicy(_)
        | Command::Login(_)
        | Command::Logout(_) => Follows::Nothing,
        _ => Follows::Login,
    }
}

/// Runs what was typed.
pub(crate) async fn run(cli: Cli, environment: &Environment, printer: Printer) -> Outcome {
    if let Command::Completions(args) = &cli.command {
        return completions::run(args, printer);
    }
    let app = App::new(cli.global, environment, printer, follows(&cli.command))?;
    match cli.command {
        Command::Completions(_) => Ok(ExitStatus::Ok),
        Command::Init(args) => init::run(&app, &args, environment).await,
        Command::Ingest(args) => ingest::run(&app, args).await,
        Command::Status(args) => report::status::run(&app, &args).await,
        Command::Usage(args) => report::usage::run(&app, &args).await,
        Command::Coverage(args) => report::coverage::run(&app, &args).await,
        Command::Invocation(args) => report::invocation::run(&app, &args).await,
        Command::Blocks(args) => report::blocks::run(&app, args).await,
        Command::Quota(command) => quota(&app, command).await,
        Command::Block(args) => access::block::run(&app, &args).await,
        Command::Unblock(args) => access::unblock::run(&app, &args).await,
        Command::Protect(args) => access::protect::run(&app, &args).await,
        Command::Unprotect(args) => access::unprotect::run(&app, &args).await,
        Command::Pricing(command) => pricing(&app, command).await,
        Command::User(command) => user(&app, command).await,
        Command::Group(command) => group(&app, command).await,
        Command::Policy(command) => policy(&app, command).await,
        Command::Provision(args) => provision::run(&app, args).await,
        Command::Sync(args) => sync::run(&app, args).await,
        Command::Team(TeamCommand::Set(args)) => team::set(&app, &args).await,
        Command::Team(TeamCommand::List) => team::list(&app).await,
        Command::Audit(command) => audit(&app, command).await,
        Command::DeadLetters(args) => dead_letters::run(&app, &args).await,
        Command::Reconcile(args) => reconcile::run(&app, &args).await,
        Command::Enforce(command) => enforce(&app, command).await,
        Command::AwsPolicy(args) => aws_policy::run(&app, &args).await,
        Command::Reset(ResetCommand::Run(args)) => reset::run::run(&app, &args).await,
        Command::Reset(ResetCommand::History(args)) => reset::history::run(&app, &args).await,
        Command::Import(ImportCommand::Legacy(args)) => import::legacy::run(&app, &args).await,
        Command::Retention(RetentionCommand::Show) => retention::show::run(&app).await,
        Command::Retention(RetentionCommand::Run) => retention::run::run(&app).await,
        Command::Notify(NotifyCommand::Preview(args)) => notify::preview::run(&app, &args),
        Command::Notify(NotifyCommand::Test(args)) => notify::test::run(&app, &args).await,
        Command::Outbox(OutboxCommand::List(args)) => outbox::list::run(&app, &args).await,
        Command::Outbox(OutboxCommand::Show(args)) => outbox::show::run(&app, &args).await,
        Command::Outbox(OutboxCommand::Retry(args)) => outbox::retry::run(&app, &args).await,
        Command::Operator(command) => operator(&app, command).await,
        Command::Token(TokenCommand::Create(args)) => token::create::run(&app, &args).await,
        Command::Token(TokenCommand::List(args)) => token::list::run(&app, &args).await,
        Command::Token(TokenCommand::Revoke(args)) => token::revoke::run(&app, &args).await,
        Command::Login(args) => session::login::run(&app, &args).await,
        Command::Logout(args) => session::logout::run(&app, &args).await,
        Command::Whoami => session::whoami::run(&app).await,
        Command::Db(DbCommand::Migrate) => db::migrate::run(&app).await,
        Command::Db(DbCommand::Status) => db::status::run(&app).await,
        Command::Serve(args) => serve::run(&app, &args).await,
        Command::Demo(args) => demo::run(&app, &args, environment).await,
        Command::Doctor => doctor::run(&app).await,
        Command::Config(ConfigCommand::Show) => config::show::run(&app),
        Command::Config(ConfigCommand::Check) => config::check::run(&app),
    }
}

async fn quota(app: &App, command: QuotaCommand) -> Outcome {
    match command {
        QuotaCommand::Set(args) => quota::set::run(app, args).await,
        QuotaCommand::Unset(args) => quota::unset::run(app, args).await,
        QuotaCommand::List => quota::list::run(app).await,
        QuotaCommand::Show(args) => quota::show::run(app, &args).await,
        QuotaCommand::Raise(args) => quota::raise::run(app, &args).await,
        QuotaCommand::Suggest(args) => quota::suggest::run(app, &args).await,
        QuotaCommand::Try(args) => quota::trial::run(app, args).await,
        QuotaCommand::Import(args) => quota::import::run(app, &args).await,
        QuotaCommand::Export(args) => quota::export::run(app, &args).await,
    }
}

async fn pricing(app: &App, command: PricingCommand) -> Outcome {
    match command {
        PricingCommand::List(args) => pricing::list::run(app, &args).await,
        PricingCommand::Show(args) => pricing::show::run(app, &args).await,
        PricingCommand::Set(args) => pricing::set::run(app, &args).await,
        PricingCommand::Unset(args) => pricing::unset::run(app, &args).await,
        PricingCommand::Reprice(args) => pricing::reprice::run(app, &args).await,
    }
}

async fn user(app: &App, command: UserCommand) -> Outcome {
    match command {
        UserCommand::List(args) => user::list::run(app, &args).await,
        UserCommand::Show(args) => user::show::run(app, &args).await,
        UserCommand::Set(args) => user::set::run(app, args).await,
        UserCommand::Link(args) => user::link::run(app, &args).await,
        UserCommand::Confirm(args) => user::confirm::run(app, &args).await,
        UserCommand::Create(args) => user::create::run(app, args).await,
        UserCommand::Import(args) => user::import::run(app, &args).await,
        UserCommand::Info(args) => user::info::run(app, &args).await,
        UserCommand::Update(args) => user::update::run(app, args).await,
        UserCommand::Delete(args) => user::delete::run(app, args).await,
        UserCommand::Forget(args) => user::forget::run(app, &args).await,
        UserCommand::CreateKey(args) => user::keys::create(app, args).await,
        UserCommand::Keys(args) => user::keys::list(app, &args).await,
        UserCommand::BindKey(args) => user::keys::bind(app, args).await,
        UserCommand::RevokeKey(args) => user::keys::revoke(app, args).await,
        UserCommand::RotateKey(args) => user::keys::rotate(app, args).await,
        UserCommand::EnableKey(args) => user::keys::switch(app, args, true).await,
        UserCommand::DisableKey(args) => user::keys::switch(app, args, false).await,
    }
}

async fn group(app: &App, command: GroupCommand) -> Outcome {
    match command {
        GroupCommand::Create(args) => group::create::run(app, args, false).await,
        GroupCommand::Setup(args) => group::create::run(app, args, true).await,
        GroupCommand::Info(args) => group::info::run(app, &args).await,
        GroupCommand::List => group::list::run(app).await,
        GroupCommand::Delete(args) => group::delete::run(app, args).await,
    }
}

async fn policy(app: &App, command: PolicyCommand) -> Outcome {
    match command {
        PolicyCommand::Create(args) => policy::create::run(app, args).await,
        PolicyCommand::Info(args) => policy::info::run(app, &args).await,
        PolicyCommand::List(args) => policy::list::run(app, &args).await,
        PolicyCommand::Attach(args) => policy::attach::run(app, args, true).await,
        PolicyCommand::Detach(args) => policy::attach::run(app, args, false).await,
        PolicyCommand::Delete(args) => policy::delete::run(app, args).await,
    }
}

async fn operator(app: &App, command: OperatorCommand) -> Outcome {
    match command {
        OperatorCommand::Create(args) => operator::create::run(app, &args).await,
        OperatorCommand::List => operator::list::run(app).await,
        OperatorCommand::Passwd(args) => operator::change::passwd(app, &args).await,
        OperatorCommand::Set(args) => operator::change::set(app, &args).await,
        OperatorCommand::Disable(args) => operator::change::enable(app, &args, false).await,
        OperatorCommand::Enable(args) => operator::change::enable(app, &args, true).await,
    }
}

async fn audit(app: &App, command: AuditCommand) -> Outcome {
    match command {
        AuditCommand::List(args) => audit::list::run(app, args).await,
        AuditCommand::Verify(args) => audit::verify::run(app, &args).await,
        AuditCommand::Export(args) => audit::export::run(app, &args).await,
    }
}

async fn enforce(app: &App, command: EnforceCommand) -> Outcome {
    match command {
        EnforceCommand::Status(args) => enforce::status::run(app, &args).await,
        EnforceCommand::Held(held) => match held.what.unwrap_or(HeldCommand::List) {
            HeldCommand::List => enforce::held::list(app).await,
            HeldCommand::Apply(args) => enforce::held::decide(app, &args, true).await,
            HeldCommand::Discard(args) => enforce::held::decide(app, &args, false).await,
        },
        EnforceCommand::Mode(args) => enforce::mode::run(app, &args).await,
        EnforceCommand::Check(args) => enforce::check::run(app, &args).await,
        EnforceCommand::ReleaseAll(args) => enforce::release_all::run(app, &args).await,
        EnforceCommand::Setup(args) => enforce::setup::run(app, &args).await,
    }
}
