//! As a company runs it: MariaDB or `MySQL`, IAM, a real mail server, and processes that share them.

mod company;
mod remote;
mod replaced;
mod replaced_denies;
mod replaced_stops;
mod restart;
mod together;
mod whole_way;
