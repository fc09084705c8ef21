import type {
  BackupCheckedDto,
  BackupMadeDto,
  BackupPlanDto,
  CataloguedModelDto,
  ImportedModelDto,
  JsonValue,
  ModelTriedDto,
  OfPatientDto,
  PolicyProposalDto,
  RestoredDto,
  RetentionDto,
  RetentionRunDto,
} from "./bindings.gen";

type Nothing = Record<string, never>;

/** What the policy says; the keys that the pages of backups and retention show. */
export type PolicyDto = { [key: string]: JsonValue } & {
  backup_folder: string;
  backup_keep: number;
  /** Changes that wait for a second administrator. */
  proposals: { key: string; value: string; by: string; at: string }[];
};

/** The receipt of an erasure, as it is kept; `at` is RFC 3339. */
export type ReceiptDto = { receipt: { kind: string; erased: string; at: string; files: number }; sha256: string };
/** A legal hold on a visit or dataset; `since` is RFC 3339. */
export type HoldDto = { id: string; since: string; by: string; reason: string };
export type PatientErasedDto = { pseudonym: string; erased: ReceiptDto[]; held: OfPatientDto };

/** The commands about keeping: backups, and what goes when. */
export type KeepingCommands = {
  show_policy: { in: Nothing; out: PolicyDto };
  set_policy: { in: { key: string; value: string }; out: PolicyDto };
  policy_proposals: { in: Nothing; out: PolicyProposalDto[] };
  decide_policy_proposal: { in: { key: string; value: string; approve: boolean }; out: PolicyDto };
  /** Rust opens the file chooser; `null` when it was closed without a name. */
  create_backup: { in: { age_recipients: string[] }; out: BackupMadeDto | null };
  scheduled_backup: { in: Nothing; out: BackupMadeDto };
  backup_plan: { in: Nothing; out: BackupPlanDto };
  verify_backup: { in: { recovery_key?: string }; out: BackupCheckedDto | null };
  /** Where there is no vault yet. */
  restore_backup: { in: { recovery_key: string }; out: RestoredDto | null };
  preview_retention: { in: Nothing; out: RetentionDto };
  apply_retention: { in: Nothing; out: RetentionRunDto };
  preview_patient: { in: { patient: string }; out: OfPatientDto };
  list_holds: { in: Nothing; out: HoldDto[] };
  /** No reason releases it. */
  hold_record: { in: { id: string; reason: string | null }; out: null };
  list_receipts: { in: Nothing; out: ReceiptDto[] };
  /** Rust opens the file chooser; the file's digest, or `null` when it was closed without a name. */
  export_receipt: { in: { id: string }; out: string | null };
  model_catalogue: { in: Nothing; out: CataloguedModelDto[] };
  /** Rust opens the file chooser; `null` when it was closed without a file. */
  import_model: { in: { folder: boolean; name?: string; licence?: string }; out: ImportedModelDto[] | null };
  choose_model: { in: { task: string; name: string }; out: null };
  try_model: { in: { name: string }; out: ModelTriedDto };
  remove_model: { in: { name: string }; out: null };
  erase_patient: { in: { patient: string }; out: PatientErasedDto };
};
