//! One conformance suite for every database.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod callers;
mod counting;
mod cursors;
mod deciding;
mod entrance;
mod executing;
mod history;
mod holders;
mod listing;
mod mail;
mod mails;
mod make;
mod operators;
mod place;
mod property;
mod reporting;
mod resetting;
mod ruling;
mod schema;
mod seen;
mod together;
mod trips;
mod watching;

/// Runs each function of the suite on each database.
macro_rules! conformance {
    ($($file:ident: $($name:ident),+ $(,)?;)+) => {
        mod sqlite {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    crate::$file::$name(crate::place::sqlite_file().await).await;
                }
            )+)+
        }

        mod memory {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    crate::$file::$name(crate::place::sqlite_memory().await).await;
                }
            )+)+
        }

        mod mariadb {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    if let Some(place) = crate::place::mariadb().await {
                        crate::$file::$name(place).await;
                    }
                }
            )+)+
        }

        mod mysql {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    if let Some(place) = crate::place::mysql().await {
                        crate::$file::$name(place).await;
                    }
                }
            )+)+
        }
    };
}

conformance! {
    schema: every_statement_is_prepared, every_statement_on_the_replaced_system_is_prepared, migrating_twice_changes_nothing,
        a_newer_schema_is_refused, a_schema_of_another_text_is_refused, the_audit_log_is_append_only,
        the_old_end_of_the_audit_log_leaves_and_the_rest_is_append_only,
        views_show_dollars_and_changes_by_hand_are_dated, both_dialects_have_the_same_schema,
        a_migration_that_stopped_half_way_goes_on, what_is_open_is_found_by_an_index;
    counting: a_new_invocation_is_in_every_total, a_duplicate_changes_nothing,
        an_answered_look_up_moves_the_call_to_its_team, a_failed_call_is_recorded_and_costs_nothing,
        hostile_texts_do_not_stop_their_neighbours, stale_rules_are_refused,
        a_user_is_confirmed_by_a_call_or_by_an_administrator,
        doctors_read_totals_by_region_and_hour;
    callers: a_user_is_the_most_human_of_its_principals, only_a_certain_look_up_changes_a_class,
        what_an_administrator_says_of_a_class_holds;
    holders: another_holder_of_a_name_is_somebody_else, several_holders_in_one_batch_are_told_apart,
        a_confirmed_holder_is_the_user_it_was_linked_to;
    history: a_late_record_leaves_the_team_of_its_time,
        the_past_is_costed_anew_in_every_total,
        the_past_moves_in_chunks_that_may_be_repeated;
    together: workers_that_overlap_count_each_call_once, the_audit_chain_has_no_gaps,
        the_audit_log_is_found_by_what_it_says,
        an_abandoned_settle_leaves_all_or_nothing;
    ruling: the_first_quota_on_a_tool_fills_its_counters, rules_are_read_as_they_were_set,
        people_of_the_directory_are_noted_and_forgotten;
    deciding: a_plan_is_written_and_read_back, the_real_decision_blocks_at_the_limit_once,
        the_breaker_counts_who_lost_access,
        young_usage_is_given_to_those_who_ask, dead_letters_are_counted_up;
    seen: a_call_is_told_of_once_it_is_certain_whose_it_is,
        a_call_is_told_of_again_if_it_was_somebody_elses;
    executing: one_executor_at_a_time_holds_a_target, outbox_rows_are_claimed_by_one,
        many_claimers_share_out_the_work, what_is_only_recorded_leaves_a_shared_target_alone,
        keys_are_noted_and_given_back_by_whoever_holds_the_target;
    resetting: a_reset_is_run_by_one_and_once, old_invocations_leave_and_totals_stay,
        client_facts_leave_and_the_invocation_is_still_itself,
        what_is_done_and_old_leaves_the_rest_stays;
    mail: messages_are_claimed_by_subject_and_by_one, the_pulse_shows_letters_that_do_not_go_out, what_a_lost_lease_decides_is_not_written,
        what_is_told_in_the_place_of_another_keeps_its_order,
        letters_to_one_reader_leave_in_order, letters_are_given_up_and_tried_again,
        mails_of_a_day_are_counted, what_was_told_leaves_and_what_waits_stays,
        an_incident_is_taken_by_one_step_at_a_time;
    cursors: a_cursor_stays_until_its_source_ends;
    mails: a_mail_is_sent_by_one_and_remembered_until_its_term_is_over;
    watching: a_duty_is_done_by_one_and_in_time, calls_are_told_by_kind_and_hour,
        calls_of_an_hour_are_found_by_an_index,
        hours_of_coverage_are_replaced_and_leave, the_pulse_tells_what_comes_and_what_waits;
    reporting: pages_read_totals_or_go_along_an_index, lines_series_and_crossings_say_the_same,
        totals_of_months_and_of_days_come_to_the_same, days_are_read_without_those_before_and_after,
        what_a_user_used_for_a_team_stays_with_it,
        calls_are_read_on_from_their_place, a_key_is_claimed_by_one_and_answered_alike;
    listing: a_filter_of_calls_fills_its_pages, programs_are_those_of_days_team_and_user,
        dead_letters_and_resets_go_on;
    operators: operators_are_made_changed_and_read_back, a_set_up_link_lets_one_in_once,
        whoever_makes_an_operator_makes_the_link_worthless,
        attempts_are_counted_before_they_are_looked_at,
        sessions_and_tokens_are_known_by_their_digest,
        who_comes_by_a_provider_is_known_by_issuer_and_subject,
        of_several_who_come_at_once_one_is_made,
        who_comes_by_a_provider_follows_it_and_leaves_with_it,
        users_are_found_by_address_whatever_its_case;
}
