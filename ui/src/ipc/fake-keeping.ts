import type { BackupMadeDto, BackupPlanDto, DueDto, OfPatientDto, PolicyProposalDto, ProgressDto, RetentionDto, VerdictDto } from "./bindings.gen";
import { IpcError } from "./errors";
import { fakeModels } from "./fake-models";
import { VERDICT } from "./fake-log";
import type { HoldDto, KeepingCommands, PolicyDto, ReceiptDto } from "./keeping";

/** What the fake's recovery key is. */
export const FAKE_PAPER = "7KQ2MD-0R4TXB-9VN3HC-WA65YG-1PZ8EF-JS0Q4M";

const VAULT = "vlt-01JD8ZAAAAAAAAAAAAAAAAAVLT";
const SHA = "9f2c1e0b4d7a65c8f0e1d2c3b4a5968778695a4b3c2d1e0f8c65a7d40b1e2c9f";

const POLICY: PolicyDto = {
  session_timeout_minutes: 15,
  max_login_attempts: 5,
  minimum_password_length: 12,
  second_factor: "optional",
  sealing: "required",
  policy_approval: "one",
  runs_after_logoff: "continue",
  backup_folder: "/mnt/backups",
  backup_keep: 14,
  backup_age_recipients: "",
  retain_audio: 1,
  retain_visits: 3650,
  retain_datasets: "keep",
  retain_runs: "keep",
  retain_operational_log: 14,
  default_speech_model: "",
  default_language_model: "",
  models: [],
  proposals: [],
};

const due = (kind: string, id: string, name: string, since: string, parts: number, held = false): DueDto => ({
  kind,
  id,
  name,
  since,
  parts,
  held,
});

const DUE: DueDto[] = [
  due("audio", "enc-01JD8ZAAAAAAAAAAAAAAAAA001", "4711", "2026-11-21T09:14:00.000Z", 1),
  due("audio", "enc-01JD8ZAAAAAAAAAAAAAAAAA002", "4712", "2026-11-21T10:02:00.000Z", 2),
  due("visit", "enc-01JD8ZAAAAAAAAAAAAAAAAA003", "1980", "2016-03-02T08:00:00.000Z", 1, true),
];

type Answers = {
  [K in keyof KeepingCommands]: (
    payload: KeepingCommands[K]["in"],
    onProgress?: (progress: ProgressDto) => void,
  ) => KeepingCommands[K]["out"];
};

/** Backups and retention: what the window asks, answered without Rust. */
export function fakeKeeping(now: Date, chooserCancelled: boolean, proposals: PolicyProposalDto[] = []): Answers {
  let policy: PolicyDto = { ...POLICY, ...(proposals.length > 0 ? { policy_approval: "two" } : {}) };
  let proposed = proposals;
  const typed = (value: string) => (value === "keep" || Number.isNaN(Number(value)) || value === "" ? value : Number(value));
  const shown = (): PolicyDto => ({ ...policy, proposals: proposed.map((p) => ({ key: p.key, value: p.new, by: p.by, at: p.at })) });
  let list = DUE;
  let held: HoldDto[] = [
    { id: "enc-01JD8ZAAAAAAAAAAAAAAAAA003", since: "2026-10-05T08:30:00.000Z", by: "Ada Lindqvist", reason: "Court order 12/26" },
  ];
  const at = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();
  let kept = [5, 29, 53].map((hours) => ({ file: `cloister-${VAULT}-${hours}.backup`, made: at(hours), bytes: 412_300_112 }));
  const made = (file: string): BackupMadeDto => ({ file, sha256: SHA, bytes: 412_388_704, files: 318, made: at(0), expired: 0 });
  const plan = (): BackupPlanDto => ({
    folder: policy.backup_folder,
    reachable: policy.backup_folder !== "" && policy.backup_folder !== "/mnt/away",
    keep: policy.backup_keep,
    age_recipients: [],
    due: policy.backup_folder !== "" && kept.length === 0,
    kept: policy.backup_folder === "" ? [] : kept,
  });
  const rule = (key: string) => String(policy[key]);
  const preview = (): RetentionDto => ({
    due: list,
    audio: rule("retain_audio"),
    visits: rule("retain_visits"),
    datasets: rule("retain_datasets"),
    runs: rule("retain_runs"),
    operational_log: 14,
    last: at(20),
    waits_for_a_person: false,
  });
  const paper = (key: string) => {
    if (key.replaceAll(/[\s-]/g, "") !== FAKE_PAPER.replaceAll("-", "")) throw new IpcError("wrong_recovery_key");
  };
  const isHeld = (id: string) => held.some((h) => h.id === id);
  const patient = (number: string): OfPatientDto => ({
    pseudonym: "0c1d2e3f405162738495a6b7c8d9eafb",
    visits:
      number === "4711"
        ? [
            { id: "enc-01JD8ZAAAAAAAAAAAAAAAAA001", created: at(300), held: isHeld("enc-01JD8ZAAAAAAAAAAAAAAAAA001") },
            { id: "enc-01JD8ZAAAAAAAAAAAAAAAAA009", created: at(200), held: true },
          ]
        : [],
    reports: number === "4711" ? [{ dataset: "dts-01JD8ZAAAAAAAAAAAAAAAAA001", name: "Thorax 2026", documents: 3, held: isHeld("dts-01JD8ZAAAAAAAAAAAAAAAAA001") }] : [],
  });
  const receipt = (kind: string, erased: string, files: number, hours = 0): ReceiptDto => ({
    receipt: { kind, erased, at: at(hours), files },
    sha256: `${SHA.slice(0, 62)}${String(hours % 100).padStart(2, "0")}`,
  });
  const receipts = [receipt("audio", "enc-01JD8ZAAAAAAAAAAAAAAAAA000/audio", 2, 20), receipt("run", "run-01JD8ZAAAAAAAAAAAAAAAAA001", 0, 44)];
  return {
    ...fakeModels(chooserCancelled),
    show_policy: () => shown(),
    set_policy: ({ key, value }) => {
      if (key === "backup_folder" && value !== "" && !value.startsWith("/")) throw new IpcError("policy_refused");
      if (policy["policy_approval"] === "two") {
        proposed = [...proposed.filter((p) => p.key !== key), { key, old: String(policy[key]), new: value, by: "Ada Lindqvist", at: at(0), own: true }];
      } else {
        policy = { ...policy, [key]: typed(value) };
      }
      return shown();
    },
    policy_proposals: () => proposed,
    decide_policy_proposal: ({ key, value, approve }) => {
      const waits = proposed.find((p) => p.key === key && p.new === value);
      if (waits === undefined || waits.own) throw new IpcError("policy_refused");
      proposed = proposed.filter((p) => p !== waits);
      if (approve) policy = { ...policy, [key]: typed(value) };
      return shown();
    },
    create_backup: (_, onProgress) => {
      onProgress?.({ stage: "reading_back", done: 200, total: 400, unit: "bytes" });
      return chooserCancelled ? null : made("/media/stick/ward.backup");
    },
    scheduled_backup: () => {
      kept = [{ file: `cloister-${VAULT}-now.backup`, made: at(0), bytes: 412_388_704 }, ...kept];
      return made(`/mnt/backups/cloister-${VAULT}-now.backup`);
    },
    backup_plan: plan,
    verify_backup: ({ recovery_key }) => {
      if (chooserCancelled) return null;
      if (recovery_key !== undefined) paper(recovery_key);
      const opened = recovery_key !== undefined;
      return {
        verdict: opened ? "whole" : "unchanged",
        vault: VAULT,
        made: at(5),
        program: "0.1.0",
        sha256: SHA,
        bytes: 412_300_112,
        files: opened ? 318 : null,
        log_seq: opened ? 20_417 : null,
        line: 20_419,
        age_recipients: 0,
      };
    },
    restore_backup: ({ recovery_key }) => {
      paper(recovery_key);
      const log: VerdictDto = VERDICT;
      return chooserCancelled
        ? null
        : { vault: VAULT, made: at(5), files: 318, bytes: 412_300_112, accounts: 6, sound_missing: 0, log };
    },
    preview_retention: preview,
    apply_retention: () => {
      const erased = list.filter((d) => !d.held);
      list = list.filter((d) => d.held);
      return { erased, files: 3, bytes: 96_480_000, held: list.length, later: 0, operational_files: 0 };
    },
    preview_patient: ({ patient: number }) => patient(number),
    list_holds: () => held,
    hold_record: ({ id, reason }) => {
      list = list.map((d) => (d.id === id ? { ...d, held: reason !== null } : d));
      held = held.filter((h) => h.id !== id);
      if (reason !== null) held = [...held, { id, since: at(0), by: "Ada Lindqvist", reason }];
      return null;
    },
    list_receipts: () => receipts,
    export_receipt: ({ id }) => {
      const kept = receipts.find((r) => r.receipt.erased === id);
      if (kept === undefined) throw new IpcError("not_found");
      return chooserCancelled ? null : kept.sha256;
    },
    erase_patient: ({ patient: number }) => {
      const found = patient(number);
      if (found.visits.length === 0) throw new IpcError("not_found");
      return {
        pseudonym: found.pseudonym,
        erased: [receipt("visit", "enc-01JD8ZAAAAAAAAAAAAAAAAA001", 1), receipt("patient", `patient/${found.pseudonym}/1`, 0)],
        held: { ...found, visits: found.visits.filter((v) => v.held), reports: [] },
      };
    },
  };
}
