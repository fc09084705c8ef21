import type {
  AlertDto,
  DayDto,
  LogLineDto,
  LogOverviewDto,
  LogPageDto,
  LogPersonDto,
  LogReportDto,
  VerdictDto,
} from "./bindings.gen";
import type { LogFilter } from "./commands";

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
export function logLine(seq: number, now: Date, length = LOG_LENGTH): LogLineDto {
  const kind = KINDS[(seq * 7) % KINDS.length]!;
  const known = kind.outcome !== "failure";
  return {
    seq,
    time: new Date(now.getTime() - (length - seq) * 97_000).toISOString(),
    event_type: kind.event_type,
    user_id: known ? USER : null,
    role: known ? "administrator" : null,
    action: kind.action,
    target: kind.target ?? null,
    outcome: kind.outcome,
    details: kind.details,
    session: known ? "ses-01JD8ZAAAAAAAAAAAAAAAAAADA" : null,
    host: "ward-3",
    raw: `{"action":"${kind.action}","seq":${seq}}`,
  };
}

/** The lines that a filter wants, newest first. */
export function linesOf(length: number, now: Date, filter: LogFilter): number[] {
  const seqs: number[] = [];
  const wanted = (line: LogLineDto) =>
    (filter.event_type === undefined || line.event_type === filter.event_type) &&
    (filter.outcome === undefined || line.outcome === filter.outcome) &&
    (filter.user === undefined || line.user_id === filter.user) &&
    (filter.record === undefined || line.target === filter.record) &&
    (filter.from === undefined || line.time >= filter.from) &&
    (filter.to === undefined || line.time < filter.to);
  const all = Object.values(filter).every((condition) => condition === undefined);
  for (let seq = length; seq >= 1 && !all; seq -= 1) if (wanted(logLine(seq, now, length))) seqs.push(seq);
  return seqs;
}

/** A page of the fake's log. */
export function logPage(length: number, now: Date, filter: LogFilter, offset: number, limit: number): LogPageDto {
  if (Object.keys(filter).length === 0) {
    const count = Math.max(0, Math.min(limit, length - offset));
    return { total: length, lines: Array.from({ length: count }, (_, i) => logLine(length - offset - i, now, length)) };
  }
  const seqs = linesOf(length, now, filter);
  return { total: seqs.length, lines: seqs.slice(offset, offset + limit).map((seq) => logLine(seq, now, length)) };
}

const tally = (day: number, lines: number): DayDto => ({
  day,
  lines,
  refused: Math.floor(lines / 9),
  failed_sign_ins: Math.floor(lines / 40),
});

export function logOverview(now: Date): LogOverviewDto {
  const today = Math.floor((now.getTime() - now.getTimezoneOffset() * 60_000) / 86_400_000);
  const words = (counts: Record<string, number>) => Object.entries(counts).map(([word, lines]) => ({ word, lines }));
  return {
    days: Array.from({ length: 34 }, (_, i) => tally(today - 33 + i, 20 + ((i * 37) % 61) * (i % 7 > 4 ? 0.2 : 1))).map(
      (d) => ({ ...d, lines: Math.round(d.lines) }),
    ),
    hours: Array.from({ length: 12 }, (_, i) => tally(i + 7, 12 + ((i * 29) % 47))),
    event_types: words({ read: 213, sign_in: 142, extraction_start: 71, extraction_end: 71, import: 71, session_timeout: 72 }),
    users: words({ [USER]: 569, "unknown:77aa": 71 }),
    outcomes: words({ success: 427, failure: 71, denied: 71, attempt: 71 }),
  };
}

export const PEOPLE: LogPersonDto[] = [
  { id: USER, name: "Ada Lindqvist", role: "administrator", export_key: "1f0a 77c2 9be1 40d5 8c33 a1b2 0f9e 5d61 2240 9ac7" },
  { id: "usr-01JD8ZAAAAAAAAAAAAAAAAAADB", name: "J. Okafor", role: "clinician", export_key: "aa00 bb11 cc22 dd33 ee44 ff55 0066 1177 2288 3399" },
];

export function alerts(now: Date): AlertDto[] {
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  const quiet = { acknowledged: null, acknowledged_by: null, acknowledged_reason: null };
  return [
    { seq: 631, time: ago(42), kind: "failed_sign_ins", line: 630, count: 6, about: null, ...quiet },
    { seq: 512, time: ago(3000), kind: "access_volume", line: 511, count: 84, about: "usr-01JD8ZAAAAAAAAAAAAAAAAAADB", ...quiet },
    { seq: 77, time: ago(22000), kind: "low_disk", line: 76, count: 812_000_000, about: null, acknowledged: ago(21900), acknowledged_by: USER, acknowledged_reason: "followed_up" },
  ];
}

export function report(now: Date, from: string, to: string, known: AlertDto[]): LogReportDto {
  const open = known.filter((a) => a.acknowledged === null).length;
  const person = { lines: 300, sign_ins: 41, failed_sign_ins: 2, records: 57, extractions: 61, exports: 3, denied: 1 };
  return {
    from,
    to,
    offset_minutes: 0,
    made: now.toISOString(),
    made_by: "Ada Lindqvist",
    lines: 640,
    first_seq: 1,
    last_seq: 640,
    extractions: 1250,
    transcriptions: 37,
    unique_users: 15,
    security_events: known.length,
    open_alerts: open,
    compliant: open === 0,
    verdict: VERDICT,
    sign_ins: 142,
    failed_sign_ins: 7,
    denied: 3,
    exports: 4,
    exported_documents: 480,
    deletions: 0,
    errors: 1,
    people: PEOPLE.map((p) => ({ user_id: p.id, name: p.name, role: p.role, ...person })),
    event_types: [
      { event_type: "sign_in", group: "Authentication and sessions", acts: 142, refused: 7 },
      { event_type: "read", group: "Clinical data and results", acts: 213, refused: 0 },
    ],
    days: logOverview(now).days,
    administration: [
      { seq: 12, time: now.toISOString(), event_type: "account_create", user_id: USER, name: "Ada Lindqvist", target: "part:keyring", outcome: "success" },
    ],
    not_listed: 0,
    alerts: known,
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
