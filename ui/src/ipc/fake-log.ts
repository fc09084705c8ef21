import type { LogLineDto, VerdictDto } from "./bindings.gen";

type Kind = Pick<LogLineDto, "event_type" | "action" | "outcome" | "details"> & { target?: string };

const KINDS: Kind[] = [
  { event_type: "authentication", action: "sign_in", outcome: "success", details: { method: "local" } },
  { event_type: "data_access", action: "list_encounters", outcome: "success", details: { count: 6 } },
  { event_type: "data_access", action: "get_encounter", outcome: "success", details: { extractions: 1 }, target: "p-7f3a91c0d2e4" },
  {
    event_type: "extraction_start",
    action: "extract_encounter",
    outcome: "intent",
    details: { schema: "visit-note@2", schema_sha256: "7c1d0f5ab9e24c33" },
    target: "p-7f3a91c0d2e4",
  },
  {
    event_type: "extraction_end",
    action: "extract_encounter",
    outcome: "success",
    details: { status: "ok", findings: 30, unsupported: 3, model_sha256: "cc324af070c2ecbf" },
    target: "p-7f3a91c0d2e4",
  },
  { event_type: "authentication", action: "sign_in", outcome: "failure", details: { reason: "bad_credentials", name_hash: "b1946ac92492d234" } },
  { event_type: "data_access", action: "get_encounter", outcome: "denied", details: { reason: "not_own_visit" }, target: "p-02be55a1f0c9" },
  { event_type: "import", action: "import_audio", outcome: "success", details: { bytes: 1843204, duration_s: 78, format: "flac" }, target: "p-7f3a91c0d2e4" },
  { event_type: "session", action: "auto_logoff", outcome: "success", details: { idle_s: 900 } },
];

export const LOG_LENGTH = 640;
const USER = "usr-01JD8ZAAAAAAAAAAAAAAAAAADA";

/** Line `seq` of the fake's log, the same at every call. */
export function logLine(seq: number, now: Date): LogLineDto {
  const kind = KINDS[(seq * 7) % KINDS.length]!;
  const known = kind.outcome !== "failure";
  return {
    seq,
    time: new Date(now.getTime() - (LOG_LENGTH - seq) * 97_000).toISOString(),
    event_type: kind.event_type,
    user_id: known ? USER : null,
    role: known ? "administrator" : null,
    action: kind.action,
    target: kind.target ?? null,
    outcome: kind.outcome,
    details: kind.details,
  };
}

export const VERDICT: VerdictDto = {
  verdict: "intact",
  entries: LOG_LENGTH,
  first_seq: 1,
  last_seq: LOG_LENGTH,
  head: "5e1f3c9a7b60d2481ce35fa9074db86e2210f4c85d9eb7a36c01e8f2b4d7590a",
  rests_on: ["chain", "head_file", "store_head"],
  reason: null,
};
