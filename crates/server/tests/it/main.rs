//! The server through its public face: the router in process, and once over a real listener.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod at_once;
mod browser;
mod docs;
mod document;
mod edits;
mod events;
mod feeds;
mod health;
mod identities;
mod listener;
mod live;
mod meanwhile;
mod more;
mod office;
mod oidc;
mod pages;
mod prices;
mod pseudonyms;
mod rate;
mod reads;
mod rights;
mod session;
mod tls;
mod trials;
mod upkeep;
mod whole;
mod world;
mod writes;

/// Runs each function on each database.
macro_rules! conformance {
    ($($file:ident: $($name:ident),+ $(,)?;)+) => {
        mod sqlite {
            $($(
                #[tokio::test]
                async fn $name() {
                    crate::$file::$name(crate::world::Place::Sqlite).await;
                }
            )+)+
        }

        mod mariadb {
            $($(
                #[tokio::test]
                async fn $name() {
                    if let Some(place) = crate::world::Place::on(crate::world::MARIADB).await {
                        crate::$file::$name(place).await;
                    }
                }
            )+)+
        }

        mod mysql {
            $($(
                #[tokio::test]
                async fn $name() {
                    if let Some(place) = crate::world::Place::on(crate::world::MYSQL).await {
                        crate::$file::$name(place).await;
                    }
                }
            )+)+
        }
    };
}

conformance! {
    pages: the_overview_tells_of_today_and_the_month,
        the_overview_says_what_somebody_should_look_at,
        users_are_searched_sorted_and_paged,
        a_list_and_a_page_say_the_same_of_a_user,
        teams_have_members_with_their_share,
        usage_by_two_things_adds_up_to_usage_by_one,
        days_of_users_come_in_pages_and_everybody_is_whole,
        costs_add_up_and_models_are_compared,
        invocations_are_filtered_paged_and_shown,
        blocks_quotas_prices_targets_and_the_proof,
        the_record_is_read_backwards_to_its_beginning,
        a_user_a_price_and_the_outbox_are_shown_alone;
    whole: a_file_has_what_only_later_rows_have,
        what_few_calls_are_is_on_the_first_page,
        the_record_is_a_file_from_its_beginning,
        lists_of_the_system_go_on,
        a_user_with_a_long_past_has_more_than_is_shown;
    writes: a_block_from_beginning_to_end,
        the_manual_block_of_somebody_else_is_an_admins_matter,
        a_team_is_blocked_member_by_member,
        bodies_that_are_wrong_are_told_what_is_wrong,
        the_same_request_with_the_same_key_is_done_once,
        an_edit_knows_what_it_edits,
        a_quota_is_foreseen_set_and_removed,
        prices_are_set_for_a_model,
        operators_and_tokens_are_made_and_ended,
        protection_is_given_and_ended;
    edits: what_is_edited_is_what_was_read,
        a_list_of_prices_has_the_tags_of_the_models;
    more: a_raise_lets_in_again_and_ends_by_itself,
        a_raise_that_makes_no_sense_is_told_why,
        what_the_breaker_holds_is_applied_or_discarded,
        a_block_is_ended_by_its_id,
        quotas_are_listed_of_a_user_or_a_scope,
        an_owner_of_a_team_is_set_and_taken_away,
        users_over_days_are_those_that_are_looked_for;
    pseudonyms: whoever_only_looks_is_shown_nobody_by_name,
        a_pseudonym_leads_from_page_to_page_and_a_name_nowhere,
        lists_by_pseudonym_go_on_where_they_were,
        whoever_acts_is_shown_names,
        an_error_names_nobody_either,
        a_head_tells_no_more_than_its_body;
    meanwhile: of_two_edits_of_the_same_one_is_done,
        what_somebody_else_blocked_meanwhile_stays;
    prices: a_price_that_was_set_is_taken_back;
    upkeep: the_mode_is_foreseen_agreed_to_and_changed,
        a_reset_is_foreseen_and_run_once,
        what_is_old_is_shown_and_removed,
        what_needs_aws_says_so_where_there_is_none;
    trials: limits_are_proposed_from_the_days_before,
        a_quota_is_tried_and_nothing_changes,
        quotas_are_set_many_at_once_or_none;
    identities: an_identity_is_linked_by_whoever_says_yes,
        the_past_is_attributed_anew_by_whoever_says_yes,
        many_are_said_at_once,
        somebody_is_forgotten_and_no_answer_remembers_them;
    reads: a_team_sees_its_own_and_nothing_else,
        a_developer_sees_their_own_and_nothing_else,
        one_user_with_state_and_quotas,
        usage_is_summed_exactly,
        pages_follow_each_other_whatever_comes_between,
        the_record_is_read_on_from_where_it_was_left,
        queries_that_are_wrong_are_told_what_is_wrong,
        nothing_on_the_way_keeps_an_answer;
    rights: every_role_at_every_address;
    live: a_list_is_taken_whole_and_runs_no_formula,
        every_list_can_be_taken,
        what_changes_is_pushed_within_two_seconds_whoever_changed_it,
        a_developer_is_told_of_their_own_changes_alone;
    events: an_event_is_counted_once_and_answered_as_ingest_does,
        a_bomb_is_refused_before_anything_is_counted,
        what_cannot_be_read_is_a_dead_letter_and_its_neighbours_count;
    session: a_session_from_log_in_to_log_out,
        whoever_is_refused_learns_nothing,
        failures_are_slowed_down_and_time_lets_in_again,
        a_session_ends_idle_and_ends_at_the_latest,
        what_an_open_page_asks_by_itself_keeps_no_session_alive,
        another_password_or_being_shut_out_ends_sessions,
        whoever_knows_the_old_password_sets_another_and_stays_in,
        whoever_finds_a_session_guesses_no_password_by_it,
        behind_a_proxy_the_cookie_is_for_tls_and_the_address_is_the_clients,
        by_our_own_tls_the_cookie_is_for_tls_and_no_forwarded_address_is_believed,
        a_token_acts_for_its_operator_and_for_no_more_than_its_role,
        the_first_operator_is_made_once,
        a_set_up_link_ends_in_time,
        credentials_that_are_no_form_are_told_what_is_wrong;
    at_once: two_first_sign_ins_of_the_same_person_both_succeed;
}
