import type { LogLineDto, VerdictDto } from "./bindings.gen";

type Kind = Pick<LogLineDto, "event_type" | "action" | "outcome" | "details"> & { target?: string };

const VISIT = "7f3a91c0d2e45b68a1c2d3e4f5061728";

const KINDS: Kind[] = [
  { event_type: "sign_in", action: "sign_in", outcome: "success", details: { attempt: 631, method: "local", face: "desktop" } },
  { event_type: "read", action: "list_encounters", outcome: "success", details: { kind: "encounter", documents: 6 } },
  { event_type: "read", action: "get_encounter", outcome: "success", details: { kind: "encounter", repeats: 2 }, target: VISIT },
  {
    event_type: "extraction_start",
    action: "extract_encounter",
    outcome: "attempt",
    details: { model_sha256: "cc324af070c2ecbf", schema_sha256: "7c1d0f5ab9e24c33", documents: 1 },
    target: VISIT,
  },
  {
    event_type: "extraction_end",
    action: "extract_encounter",
    outcome: "success",
    details: { documents: 1, ok: 1, findings: 30, unsupported: 3, duration_ms: 18210 },
    target: VISIT,
  },
  { event_type: "sign_in", action: "sign_in", outcome: "failure", details: { reason: "password", attempts: 1, wait_s: 0 } },
  { event_type: "read", action: "get_encounter", outcome: "denied", details: { reason: "not_own" }, target: "02be55a1f0c9d7e6b5a4938271605f4e" },
  { event_type: "import", action: "import_audio", outcome: "success", details: { kind: "audio", format: "flac", bytes: 1843204 }, target: VISIT },
  { event_type: "session_timeout", action: "session_timeout", outcome: "success", details: { reason: "idle" } },
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
  rests_on: ["chain", "head", "state"],
  reason: null,
};
