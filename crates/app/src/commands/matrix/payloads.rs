//! A payload for each command, as short as it will take. A new command takes its place here, or the matrix fails.

use serde_json::{Value, json};

/// What payloads name.
pub(super) struct Records {
    /// Of the clinician who owns it.
    pub(super) visit: String,
    /// Of the researcher who owns them.
    pub(super) dataset: String,
    pub(super) document: String,
    pub(super) batch: String,
    /// Somebody else's.
    pub(super) account: String,
    /// Of the one who asks.
    pub(super) own_account: String,
    pub(super) own_password: &'static str,
}

const PASSWORD: &str = "eleven white egrets at dusk";

pub(super) fn payload(name: &str, of: &Records) -> Value {
    let Records { visit, dataset, document, batch, account, own_account, own_password } = of;
    let to_somebody = age::x25519::Identity::generate().to_public().to_string();
    let (from, to) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    match name {
        "list_users" | "list_batches" | "list_datasets" | "list_holds" | "list_receipts" | "audit_checkpoint"
        | "audit_list" | "audit_overview" | "audit_people" | "audit_alerts" | "list_schemas" | "list_encounters"
        | "list_microphones" | "recover_recordings" | "show_policy" | "preview_dataset" => json!({}),
        "backup_plan" | "preview_retention" | "apply_retention" | "policy_history" | "policy_proposals"
        | "review_access" | "rotate_keys" | "list_emergencies" | "list_colleagues" | "list_layouts" => json!({}),
        "model_catalogue" | "import_model" => json!({}),
        "show_directory" | "remove_directory" | "test_directory" | "read_authority" | "list_enrolments" => json!({}),
        "set_directory" => json!({"settings": {
            "kind": "openldap", "servers": ["ldaps://10.0.0.5"], "ca": "", "bind": "search",
            "people_base": "dc=clinic", "groups": [],
        }}),
        "approve_enrolment" => json!({"user": account, "fingerprint": "0000-0000-0000-0000"}),
        "refuse_enrolment" | "give_enrolment_code" => json!({"user": account}),
        "add_directory_user" => json!({"name": own_account, "role": "viewer"}),
        "choose_model" => json!({"task": "language", "name": "none"}),
        "try_model" | "remove_model" => json!({"name": "none"}),
        "create_backup" => json!({"age_recipients": [to_somebody]}),
        "preview_patient" | "erase_patient" => json!({"patient": "nobody has this number"}),
        "share_encounter" => json!({"id": visit, "user": account, "give": true}),
        "list_encounter_shares" => json!({"id": visit}),
        "break_glass" => json!({"id": visit, "reason": "emergency_care"}),
        "find_emergency_visits" => json!({"record": "4711"}),
        "save_layout" => json!({"template": "soap", "layout": null}),
        "search_visits" | "search_reports" => json!({"words": "knee"}),
        "change_role" => json!({"user": account, "role": "viewer"}),
        "disable_user" => json!({"user": account, "disabled": false}),
        "reset_user" => json!({"user": account, "password": PASSWORD}),
        "unlock_user" => json!({"user": account}),
        "add_user" => json!({"name": own_account, "role": "viewer", "password": PASSWORD}),
        "change_password" => json!({"user": own_account, "password": "wrong", "new_password": PASSWORD}),
        "new_second_factor" => json!({"user": own_account}),
        "enrol_second_factor" => json!({"user": own_account, "password": "wrong", "secret": "AAAA", "code": "000000"}),
        "remove_second_factor" => json!({"user": own_account, "password": "wrong"}),
        "decide_policy_proposal" => json!({"key": "max_login_attempts", "value": "5", "approve": true}),
        "set_policy" => json!({"key": "max_login_attempts", "value": "5"}),

        "delete_encounter"
        | "get_encounter"
        | "get_note"
        | "restore_note"
        | "discard_note"
        | "draft_note"
        | "list_transcript_edits" => json!({"id": visit}),
        "visit_audio" | "transcribe_recording" | "start_recording" | "resume_recording" | "mark_recording" => {
            json!({"encounter": visit})
        }
        "extract_encounter" => json!({"id": visit, "schema": "sides"}),
        "play_span" => json!({"encounter": visit, "from_s": 0.0}),
        "audio_peaks" => json!({"encounter": visit, "buckets": 10}),
        "live_text" => json!({"encounter": visit, "from": 0}),
        "import_audio" => json!({"encounter": visit}),
        "create_encounter" => json!({"title": "4712"}),
        "record_consent" => {
            json!({"encounter": visit, "consent": {"decision": "given", "by": "patient", "how": "oral"}})
        }
        "export_note" => json!({"id": visit, "format": "md"}),
        "decide_findings" => json!({"id": visit, "decisions": []}),
        "save_note" => json!({"id": visit, "sections": []}),
        "sign_note" => json!({"id": visit, "password": own_password}),
        "amend_note" => json!({"id": visit, "reason": "late result"}),
        "edit_transcript" => json!({"id": visit, "edit": {"kind": "text", "segment": 0, "text": "yes"}}),
        "export_transcript" => json!({"id": visit, "format": "txt"}),
        "microphone_level" => json!({}),

        "hold_record" => json!({"id": visit, "reason": "court"}),
        "export_receipt" => json!({"id": visit}),

        "delete_dataset" => json!({"id": dataset}),
        "import_dataset" => json!({"name": "others"}),
        "share_dataset" => json!({"id": dataset, "user": "rhea"}),
        "run_batch" => json!({"dataset": dataset, "schema": "sides", "purpose": "test"}),
        "try_schema" => json!({"dataset": dataset, "schema": "sides", "documents": 1}),
        "extract_document" => json!({"id": document, "schema": "sides"}),
        "extract_text" => json!({"schema": "sides"}),
        "batch_status" | "evaluate_batch" | "clone_batch" | "resume_batch" => json!({"id": batch}),
        "compare_batches" => json!({"id": batch, "with": batch}),
        "control_batch" => json!({"id": batch, "action": "pause"}),
        "export_batch" => json!({"id": batch, "format": "csv"}),
        "list_results" => json!({"id": batch, "limit": 1}),
        "show_result" => json!({"id": batch, "document": document}),
        "decide_result" => json!({"id": batch, "document": document, "path": "/side", "verdict": "accept"}),

        "add_schema" => json!({"name": "others", "definition": {"type": "object", "properties": {}}}),
        "show_schema" | "schema_versions" => json!({"name": "sides"}),
        "diff_schemas" => json!({"from": "sides", "to": "sides"}),

        "audit_export" => json!({"format": "jsonl"}),
        "audit_export_report" => json!({"format": "pdf", "from": from, "to": to}),
        "audit_report" => json!({"from": from, "to": to}),
        "audit_page" => json!({"offset": 0, "limit": 1}),
        "collect_evidence" => json!({"age_recipient": to_somebody}),
        "audit_acknowledge" => json!({"seq": 1, "reason": "explained"}),

        other => panic!("{other} is new: give it a payload here, and look at its row in the snapshot"),
    }
}
