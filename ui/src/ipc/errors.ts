import type { UiError } from "./bindings.gen";

/** The codes that have a wording of their own in the locales; the list that docs/errors.md keeps. */
export const ERROR_CODES = [
  "not_signed_in",
  "denied",
  "bad_credentials",
  "code_needed",
  "must_enrol",
  "step_up_needed",
  "locked_out",
  "directory_unavailable",
  "directory_refused",
  "directory_password_weak",
  "enrolment_needed",
  "enrolment_pending",
  "enrolment_code_refused",
  "previous_password_wrong",
  "role_changed",
  "no_directory",
  "directory_settings",
  "directory_account",
  "local_account",
  "other_fingerprint",
  "wrong_code",
  "second_factor_required",
  "wrong_recovery_key",
  "own_account",
  "changed_meanwhile",
  "vault_exists",
  "no_vault",
  "weak_password",
  "not_found",
  "engine_failed",
  "not_sealed",
  "model_missing",
  "model_damaged",
  "audio_unreadable",
  "schema_invalid",
  "cancelled",
  "audit_unavailable",
  "disk_full",
  "model_in_use",
  "backup_refused",
  "backup_newer",
  "wrong_backup_key",
  "backup_under_way",
  "folder_in_use",
  "name_refused",
  "name_taken",
  "vault_damaged",
  "duplicate_id",
  "edit_refused",
  "already_signed",
  "held",
  "in_use",
  "note_unready",
  "not_signed",
  "note_altered",
  "store_failed",
  "policy_refused",
  "input_unreadable",
  "output_failed",
  "sound_unavailable",
  "recording_state",
  "consent_missing",
  "usage",
  "internal",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** A command that did not succeed, as Rust said it. */
export class IpcError extends Error {
  readonly code: ErrorCode;
  readonly params: Record<string, string>;
  readonly incident: string | null;

  constructor(code: ErrorCode, params: Record<string, string> = {}, incident: string | null = null) {
    super(code);
    this.name = "IpcError";
    this.code = code;
    this.params = params;
    this.incident = incident;
  }

  /** Reads whatever came over the boundary. What has no shape we know, or a code we do not know, is `internal`. */
  static from(thrown: unknown): IpcError {
    if (thrown instanceof IpcError) return thrown;
    if (!isUiError(thrown)) return new IpcError("internal");
    const code = ERROR_CODES.find((known) => known === thrown.code) ?? "internal";
    return new IpcError(code, thrown.params, thrown.incident ?? thrown.params["incident"] ?? null);
  }
}

function isUiError(value: unknown): value is UiError {
  return typeof value === "object" && value !== null && "code" in value && "params" in value;
}
