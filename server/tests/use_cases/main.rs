//! The use cases over every store, without a network. Each case is a plain function over a fresh [`Kit`]; it runs on
//! the memory store, on SQLite and on PostgreSQL.

#![allow(clippy::disallowed_methods, reason = "a device makes its key from its own randomness")]

mod access;
mod administrators;
mod alert_changes;
mod alert_service;
mod alerts;
#[path = "../store_conformance/all.rs"]
mod all;
mod attachments;
mod audit;
#[cfg(feature = "passkeys")]
mod authenticator;
mod away;
mod bad_input;
mod browsers;
mod circle_view;
mod consent;
mod consents;
#[allow(dead_code)]
#[path = "../store_conformance/counted.rs"]
mod counted;
mod demo_links;
mod devices;
mod digest;
mod ends;
mod enrolment;
mod erasure_requests;
mod escalation;
mod export;
mod failures;
mod families;
mod fixture;
mod forged;
mod glass;
mod hints;
mod hospital;
mod invites;
mod keeping;
mod lanes;
mod lists;
mod logs;
mod offers;
mod pages;
#[cfg(feature = "passkeys")]
mod passkeys;
#[allow(dead_code)]
#[path = "../store_conformance/postgres.rs"]
mod postgres;
mod proposals;
mod provider;
mod quarantine;
mod records;
mod redactions;
mod reviews;
mod rules_file;
mod seen;
mod series;
mod settings;
mod streams;
mod summaries;
mod summaries_of_care;
mod targets;
mod tasks;
mod teams;
mod threads;
mod together;
mod tokens;
mod wakes;
mod work;
mod work_list;

use fixture::Kit;

/// All cases one after the other are one future, larger than the stack that a test has.
fn deep(cases: impl Future<Output = ()> + Send + 'static) {
    let run = || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(cases);
    };
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(run).expect("a thread");
    thread.join().expect("a case failed: its message stands above");
}

macro_rules! cases {
    ($($module:ident: $($case:ident),+;)+) => {
        mod on_memory {
            $($(#[tokio::test]
            async fn $case() {
                crate::$module::$case(crate::Kit::memory().await).await;
            })+)+
        }
        mod on_sqlite {
            $($(#[tokio::test]
            async fn $case() {
                crate::$module::$case(crate::Kit::sqlite().await).await;
            })+)+
        }
        /// One cluster, a database a case.
        #[test]
        fn on_postgres() {
            deep(async {
                let cluster = postgres::Postgres::start();
                $($(
                    println!("{}", stringify!($case));
                    $module::$case(Kit::postgres(&cluster, stringify!($case)).await).await;
                )+)+
            });
        }
    };
}

cases! {
    attachments: a_photo_is_sent_resumed_and_read, whoever_may_not_write_the_field_sends_nothing,
        a_hash_alone_opens_nothing, what_nothing_names_goes;
    wakes: an_urgent_alert_at_night, what_is_taken_back_wakes, a_service_that_fails_or_forgets,
        where_a_device_may_be_woken;
    records: a_pain_entry_goes_from_the_phone_to_the_nurse, a_request_id_has_one_effect, validate_only_writes_nothing,
        one_plan_that_two_people_start, masks_sets_and_clearing, tokens_are_of_one_reader_field_and_circle,
        a_stale_token_is_a_concurrent_write, ending_and_restoring, an_ending_covers_the_children,
        an_edit_meets_an_ending, an_older_version_comes_back, to_end_a_restriction_says_why, explain_says_why, unknown_content_survives;
    erasure_requests: whoever_owes_an_answer_sees_it, a_proxy_asks_and_many_requests_are_one_reason_each;
    families: a_child_is_edited_under_an_ended_parent, an_ending_that_leaves_a_child_out_is_asked_about;
    reviews: two_limits_apart, an_inbox_of_many_disputes;
    together: a_floor_meets_a_ceiling, what_rests_on_a_hidden_field_is_not_found, a_lesion_meets_an_exercise_plan,
        one_event_or_two, an_approval_is_void_when_what_it_names_changes, a_plan_that_was_merged_is_read_by_its_owner,
        a_bone_drug_plan_says_two_things, a_trial_tells_everything_and_writes_nothing,
        an_approval_stands_under_the_label_of_what_it_approves, fluids_calcium_and_supplements_meet_what_others_wrote;
    lists: by_arrival_and_by_time, several_types_in_one_list, children_of_a_parent, the_feed_goes_through_the_scope;
    lanes: gap_fork_skip_and_epoch, lanes_wait_for_each_other, hello_finds_forks, hello_says_how_the_phone_is,
        a_lane_alone_may_be_asked_about,
        rebase_gives_numbers_once, what_is_numbered_again_is_applied_once, a_number_of_somebody_else_is_no_alias,
        broken_changes_keep_their_place, an_old_table_marks_what_is_out_of_range;
    pages: every_page_is_a_whole_commit, what_is_pulled_is_what_stands, a_grant_that_comes_and_goes,
        a_member_who_leaves, cursors_belong_to_one_reader, the_first_page_says_what_may_be_held,
        dropped_cells_come_again, an_epoch_ends_cursors;
    streams: one_refused_circle_refuses_the_call, a_pull_of_many_circles, a_slow_reader_is_sent_what_it_may_have_now, whoever_left_begins_anew_with_nothing,
        a_long_poll_is_woken, live_goes_on_without_a_circle_that_was_left,
        an_erased_circle_ends_in_its_streams;
    rules_file: what_is_wrong_with_it_is_said_and_the_old_set_stays,
        a_changed_set_is_asked_again_and_announces_nothing_twice;
    settings: a_clinic_s_settings_stand_in_its_own_circle,
        lines_are_called_by_rules_and_copied_into_circles, a_dose_is_late_by_time_alone,
        a_dispute_that_stays_open_is_an_alert, what_was_agreed_holds_until_a_dispute_is_decided,
        who_owns_what_is_disputed_is_told,
        what_no_clinic_can_mean_is_refused_or_asked_about;
    escalation: an_unseen_alert_goes_where_the_clinic_says, whoever_saw_it_leaves,
        the_next_in_line_is_not_who_was_asked, on_call_without_membership_is_passed_over;
    teams: those_who_leave_go_first_and_a_restart_goes_on, each_step_is_decided_when_its_turn_comes,
        a_team_change_of_others_is_nobodys;
    access: consent_opens_online_only, what_was_written_before_the_loss_waits, outsiders_see_nothing,
        denials_and_reads_are_audited;
    consent: grants_that_cannot_be, who_sees_what, an_entry_moves, a_device_holds_less_than_it_may,
        an_erasure_has_its_receipt, the_safety_minimum, the_safety_minimum_of_a_bone_drug, the_safety_minimum_of_a_disputed_bone_drug,
        the_safety_minimum_is_whole;
    consents: what_was_granted_and_what_would_stop, how_far_a_withdrawal_has_reached;
    ends: a_grant_ends_by_itself, an_end_that_moves, ends_survive_a_restart, a_live_stream_meets_an_end;
    alerts: an_emergency_is_raised_in_its_push, rules_that_fail_cost_nobody_their_data, nobody_saw_it,
        closed_is_closed, strong_pain_is_one_alert_of_a_place, a_list_says_it_in_the_words_of_its_reader,
        a_patient_who_has_seen_it_does_not_silence_it, who_closes_an_emergency, who_may_not_read_it_sees_its_face, another_node_wrote_meanwhile, an_entry_of_long_ago,
        a_limit_that_came_after, who_may_read_it_changes;
    alert_changes: an_open_alert_follows_the_newest_finding, an_update_moves_no_clock,
        an_entry_that_came_late_says_both_times, what_is_not_due_any_more_ends_by_itself,
        who_calls_an_emergency_not_relevant_says_why;
    alert_service: it_is_handed_over_and_taken, its_revisions_say_what_raised_it_again, what_came_of_a_rule_s_alerts, how_soon_a_rule_s_alerts_are_taken,
        alerts_are_told_as_they_change, who_only_asks_another_stops_no_clock, nobody_closes_what_was_never_said_to_them,
        what_a_face_may_tell;
    away: a_phone_that_stays_away, nothing_waits_for_a_phone_that_is_away, a_phone_that_never_came;
    summaries: a_summary_of_activity, active_days_of_the_last_seven, a_summary_of_identity,
        a_summary_is_taken_back_and_given_again;
    summaries_of_care: summaries_of_plans, results_that_come_late_and_go, weights_falls_and_targets;
    series: the_worst_of_each_day_with_its_count, what_is_not_shared_is_as_if_it_was_never_written,
        periods_and_lanes_have_limits, a_long_period_is_told_as_it_is_taken, two_labels_and_times_far_apart,
        a_gap_says_whether_the_phone_was_heard, days_with_entries_are_those_that_the_reader_may_read;
    digest: a_page_for_a_visit, a_week_and_its_missing_days, what_was_done_of_what_was_due, since_the_last_visit,
        a_page_of_what_is_not_shared_is_as_if_it_was_never_written, a_plan_that_is_not_shared, periods_of_a_page_have_limits,
        days_are_those_of_the_patient_s_clock;
    targets: each_target_has_its_source_and_both_values_where_sources_disagree,
        nothing_is_applied_and_a_dispute_shows_both_values, what_is_not_shared_is_missing,
        one_category_that_is_not_shared_hides_its_inputs_alone,
        a_threshold_of_the_clinic_is_in_force_and_the_others_are_shown,
        ages_are_those_of_the_day_and_requests_have_limits,
        hours_between_supplements_stand_beside_the_gaps_of_sources;
    tasks: each_plan_gives_its_tasks_and_says_why, a_tick_of_two_phones_is_one, what_waits_is_done_however_long_ago,
        what_is_not_shared_gives_no_task, the_clock_is_the_patients, a_held_plan_says_why_and_spans_have_limits,
        a_session_that_a_lesion_stands_against_is_asked_about_first;
    glass: what_was_opened_is_reviewed, a_nurse_of_the_clinic_reads_for_four_hours, broken_glass_opens_no_pull_and_no_writing,
        who_may_not_break_it, the_patient_and_nobody_else_is_told, the_one_who_broke_it_ends_it;
    quarantine: who_may_not_read_it_does_not_know_that_it_waits, one_tap_makes_a_new_change_on_behalf_of_its_author,
        its_author_is_told_why_it_was_rejected, a_change_of_two_rights_is_decided_by_who_has_both;
    proposals: one_is_taken_over_by_a_write_that_names_it, one_is_declined_with_a_reason_or_taken_back,
        those_of_all_circles_page_by_page, what_was_decided_is_not_opened_again,
        one_stands_under_the_label_of_what_it_asks_for;
    audit: what_was_printed_is_on_record, the_patient_reads_who_read_them, what_use_cases_write_is_sealed_and_sound;
    export: the_patient_takes_everything_along, an_export_misses_nothing_that_moves;
    redactions: a_redacted_version_is_nowhere, sets_and_what_is_derived_forget_too, nobody_redacts_what_they_could_not_write, taken_over_and_consent;
    bad_input: what_a_part_may_hold, a_long_history_is_cut, a_history_of_long_texts_is_cut, bad_texts_and_times_online, what_cannot_be_is_refused_everywhere, dots_that_never_were, clocks, bad_bodies, append_only_and_too_many_versions,
        an_id_belongs_to_one_type, an_obstacle_is_told_to_whoever_may_write_there;
    enrolment: a_code_has_one_winner, a_lost_answer_is_given_again_to_its_key, five_tries_in_any_clinic, the_qr_form_is_the_same_invite,
        who_may_not_invite_makes_nothing, a_patient_names_caregivers_alone, nobody_gives_themselves_a_role, whom_an_administrator_invites_the_patient_sees,
        nobody_gets_a_code_for_somebody_else, a_refresh_is_idempotent_and_a_replay_ends_it, a_session_from_the_key_alone;
    devices: devices_are_their_owners_and_the_clinics, leave_pushes_into_quarantine_and_pulls_its_purge,
        leaving_has_an_end, wipe_answers_nothing_but_a_signed_order, after_180_days_the_clinic_reads_out_a_code;
    tokens: a_copy_of_a_device_is_told, swapped_and_truncated_tokens, nobody_is_signed_out_by_lost_answers;
    invites: a_thousand_redeem_one_wins, fifty_addresses_guess_at_once, one_request_makes_one_invite,
        the_life_of_an_invite, an_invite_is_taken_back;
    administrators: the_last_administrator_stays, an_administrator_sees_no_clinical_data;
    offers: what_others_hold_comes_back, what_nothing_proves_waits_for_a_person;
    failures: what_fails_three_times_waits_for_a_person;
    browsers: a_session_ends_when_nobody_is_there, a_session_ends_after_twelve_hours,
        signing_out_and_revoking_end_it_at_once;
    hospital: an_invite_links_a_hospital_account, who_comes_back_is_who_went, a_lying_token_signs_nobody_in,
        keys_come_and_go, a_provider_that_fails_signs_nobody_in;
    seen: a_mark_is_a_person_s_and_only_grows, a_mark_counts_no_further_than_what_had_come, the_same_request_marks_once,
        what_came_after_a_sequence;
    forged: nobody_throws_the_patient_out, an_entry_stays_its_author_s, a_thread_is_its_starter_s,
        what_restricts_is_over_with_a_word;
    threads: two_take_part_and_a_third_sees_nothing, whoever_is_taken_in_reads_all_and_whoever_is_taken_out_nothing,
        a_thread_on_a_field_goes_with_the_field, a_late_message_to_a_thread_that_was_lost_waits, a_phone_starts_a_thread,
        how_far_each_has_seen_a_thread, threads_have_limits_and_bad_requests_have_reasons;
    work_list: rows_are_ranked_and_say_why, what_is_hidden_keeps_its_rank, filters_pages_and_names,
        what_is_new_and_how_the_phone_stands, a_list_that_is_open_is_one_read;
    circle_view: one_answer_for_one_patient, a_refresh_is_no_read, what_is_hidden_moves_nothing;
    demo_links: a_link_signs_in_once;
    hints: a_hint_says_which_circle_moved, a_long_poll_ends_once_something_moved;
    logs: no_value_and_no_name_is_logged;
}

/// Builds with passkeys alone.
#[cfg(feature = "passkeys")]
mod passkeys_too {
    macro_rules! passkey_cases {
        ($($case:ident),+) => {
            $(mod $case {
                use crate::{Kit, passkeys};

                #[tokio::test]
                async fn on_memory() {
                    passkeys::$case(Kit::memory().await).await;
                }
                #[tokio::test]
                async fn on_sqlite() {
                    passkeys::$case(Kit::sqlite().await).await;
                }
            })+
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let cluster = crate::postgres::Postgres::start();
                $(
                    println!("{}", stringify!($case));
                    crate::passkeys::$case(crate::Kit::postgres(&cluster, stringify!($case)).await).await;
                )+
            }
        };
    }

    passkey_cases!(
        an_invite_makes_a_passkey_that_signs_in,
        a_code_makes_one_browser,
        a_member_adds_another_passkey,
        wrong_answers_are_refused,
        a_challenge_is_answered_once_and_in_time
    );
}
