//! The list of figures.

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Dollars; held as nano-dollars.
    Dollars,
    /// Seconds.
    Seconds,
    /// Percent; held as tenths.
    Percent,
}

impl Unit {
    /// The unit as CloudWatch names it, which knows no money.
    pub const fn cloudwatch(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Dollars => "None",
            Self::Seconds => "Seconds",
            Self::Percent => "Percent",
        }
    }

    /// The unit as people name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Dollars => "US dollars",
            Self::Seconds => "seconds",
            Self::Percent => "percent",
        }
    }
}

/// Who may scrape a figure over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Everybody who reaches the port: it says how Weir is, and nothing about anybody.
    Open,
    /// Whoever has the token: it says who uses what, and what it costs.
    Token,
}

/// One figure.
#[derive(Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name for Prometheus, after `weir_`.
    pub name: &'static str,
    /// The CloudWatch namespace.
    pub namespace: &'static str,
    /// Its name in CloudWatch.
    pub metric: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// Its CloudWatch dimensions; in small letters, its Prometheus labels.
    pub labels: &'static [&'static str],
    /// Who may scrape it.
    pub exposure: Exposure,
    /// What it says, in one sentence without a full stop.
    pub help: &'static str,
    /// Which table it is read from.
    pub source: &'static str,
}

const USER: &str = "UserMetrics/BedrockUsage";
const TEAM: &str = "TeamMetrics/BedrockUsage";
const COST: &str = "CostMetrics/DailyCost";
const BLOCKING: &str = "BlockingMetrics/Operations";
const SYSTEM: &str = "Weir/System";

/// The namespaces, which a right to put figures is limited to.
pub const NAMESPACES: [&str; 5] = [USER, TEAM, COST, BLOCKING, SYSTEM];

macro_rules! specs {
    ($($key:ident = $namespace:ident $metric:literal $name:literal $unit:ident $exposure:ident
        [$($label:literal)*] $source:literal $help:literal;)+) => {
        $(pub(super) static $key: Spec = Spec {
            name: $name,
            namespace: $namespace,
            metric: $metric,
            unit: Unit::$unit,
            labels: &[$($label),*],
            exposure: Exposure::$exposure,
            help: $help,
            source: $source,
        };)+

        /// All figures.
        pub static SPECS: &[&Spec] = &[$(&$key),+];
    };
}

specs! {
    USER_REQUESTS_TODAY = USER "RequestsToday" "user_requests_today" Count Token ["User"] "usage_hourly" "Calls of a user today that did not fail";
    USER_TOKENS_TODAY = USER "TokensToday" "user_tokens_today" Count Token ["User"] "usage_hourly" "Tokens of a user today, as quotas count them";
    USER_COST_TODAY = USER "CostToday" "user_cost_today_usd" Dollars Token ["User"] "usage_hourly" "Known cost of a user today";
    USER_REQUESTS_MONTH = USER "RequestsMonth" "user_requests_month" Count Token ["User"] "usage_counters" "Calls of a user this month that did not fail";
    USER_COST_MONTH = USER "CostMonth" "user_cost_month_usd" Dollars Token ["User"] "usage_counters" "Known cost of a user this month";
    TEAM_REQUESTS_TODAY = TEAM "RequestsToday" "team_requests_today" Count Token ["Team"] "usage_hourly" "Calls of a team today that did not fail";
    TEAM_TOKENS_TODAY = TEAM "TokensToday" "team_tokens_today" Count Token ["Team"] "usage_hourly" "Tokens of a team today, as quotas count them";
    TEAM_COST_TODAY = TEAM "CostToday" "team_cost_today_usd" Dollars Token ["Team"] "usage_hourly" "Known cost of a team today";
    TEAM_REQUESTS_MONTH = TEAM "RequestsMonth" "team_requests_month" Count Token ["Team"] "usage_counters" "Calls of a team this month that did not fail";
    TEAM_COST_MONTH = TEAM "CostMonth" "team_cost_month_usd" Dollars Token ["Team"] "usage_counters" "Known cost of a team this month";
    COST_TODAY = COST "DailyCost" "cost_today_usd" Dollars Token [] "usage_counters" "Known cost of everybody today";
    COST_MONTH = COST "MonthlyCost" "cost_month_usd" Dollars Token [] "usage_counters" "Known cost of everybody this month";
    REQUESTS_TODAY = COST "RequestsToday" "requests_today" Count Token [] "usage_counters" "Calls of everybody today that did not fail";
    UNPRICED_TODAY = COST "UnpricedToday" "unpriced_today" Count Open [] "usage_counters" "Calls today that have no price, and are in no cost";
    UNMETERED_TODAY = COST "UnmeteredToday" "unmetered_today" Count Open [] "usage_counters" "Calls today that have no counts (yet), and are in no cost";
    MODEL_COST_TODAY = COST "DailyCost" "model_cost_today_usd" Dollars Token ["Model"] "usage_hourly" "Known cost of a model today";
    BLOCKS_ACTIVE = BLOCKING "ActiveBlocks" "blocks_active" Count Open [] "blocks" "Blocks in force";
    BLOCKS_HELD = BLOCKING "HeldBlocks" "blocks_held" Count Open [] "blocks" "Blocks that the breaker holds";
    BLOCKS_TODAY = BLOCKING "BlocksToday" "blocks_begun_today" Count Open [] "blocks" "Blocks that began today, those lifted since too";
    TARGETS_UNVERIFIED = BLOCKING "UnverifiedTargets" "targets_unverified" Count Open [] "access_targets" "Targets that are written or to be written, and not verified yet";
    TARGETS_FAILING = BLOCKING "FailingTargets" "targets_failing" Count Open [] "access_targets" "Targets whose denial or release failed";
    LEAKS_TODAY = BLOCKING "LeaksToday" "leaks_today" Count Open [] "blocking_operations" "Calls today that went through a verified Deny";
    OUTBOX_DUE = SYSTEM "OutboxDue" "outbox_due" Count Open [] "outbox, deliveries" "Jobs that are due, and letters that have not gone out";
    OUTBOX_OLDEST = SYSTEM "OutboxOldest" "outbox_oldest_seconds" Seconds Open [] "outbox, deliveries" "How long the oldest of them has been due, or written";
    EFFECTS_FAILING = SYSTEM "EffectsFailing" "effects_failing" Count Open [] "outbox, deliveries, access_targets" "Effects that were tried in vain and will be tried again, or need somebody";
    DEAD_LETTERS = SYSTEM "DeadLetters" "dead_letters_kept" Count Open [] "dead_letters" "Input that could not be read, as long as it is kept";
    INTAKE_QUIET = SYSTEM "IntakeQuiet" "intake_quiet_seconds" Seconds Open [] "bedrock_requests, dead_letters" "How long no record of any kind has come";
    INTAKE_LAG = SYSTEM "IntakeLag" "intake_lag_seconds" Seconds Open [] "bedrock_requests" "Between a call and its first record, median of the last 100";
    INTAKE_SILENT = SYSTEM "IntakeSilent" "intake_silent" Count Open [] "coverage" "1 while nothing comes although calls are made";
    COVERAGE = SYSTEM "Coverage" "coverage_percent" Percent Open ["Account" "Region"] "coverage" "Calls on file of those that CloudWatch reported, last 24 hours";
}
