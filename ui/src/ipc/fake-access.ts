import type { AccessCommands } from "./access";
import type { AccountDto, AlertDto, EmergencyDto, FoundVisitDto, PolicyChangeDto, ReviewedPersonDto, ShareDto } from "./bindings.gen";
import type { Compliance } from "./compliance";
import { IpcError } from "./errors";
import type { Check } from "./health";

type Answers = { [K in Exclude<keyof AccessCommands, "list_models">]: (p: AccessCommands[K]["in"]) => AccessCommands[K]["out"] };
/** What the fake itself tells: a key of the policy was changed. */
type Notes = { note_policy: (setting: string, old: string, value: string) => void };

const COMPLIANCE: Compliance = {
  sources: [
    { key: "law", title: "A law, technical safeguards" },
    { key: "guide", title: "A tool's guide" },
  ],
  requirements: [
    { source: "law", clause: "(b)", asks: "Audit controls", state: "met", how: "A chained log, written before each act", check: "cloister audit verify" },
    { source: "law", clause: "(a)(2)", asks: "A security official is named", state: "yours", how: "The roles are there for them", check: "SECURITY.md" },
    { source: "guide", clause: "webhooks", asks: "Signed webhooks", state: "none", how: "Nothing is called and nothing calls", check: "make security" },
    { source: "guide", clause: "duties", asks: "Changes of the configuration need a second person", state: "later", how: "Not built", check: "docs/policy.md" },
  ],
};

const CHECKS: Check[] = [
  { name: "processor", state: "ok", facts: ["4 threads", "has AVX2, FMA, F16C"] },
  { name: "memory", state: "ok", facts: ["15.6 GiB"] },
  { name: "engine", state: "ok", facts: ["/usr/bin/cloister-engine (0.1.0)", "reads reports with AVX2"] },
  { name: "model", state: "ok", facts: ["whisper-base-q8_0 (speech): present", "sha256 c577b9a86e7e048a0b7eada054f4dd79"] },
  {
    name: "isolation",
    state: "ok",
    facts: ["desktop: seccomp: filter in force", "desktop: no_new_privs: 1", "engine: seccomp: filter in force", "engine: Landlock: ABI 6", "engine: no_new_privs: 1"],
  },
  { name: "swap", state: "warn", facts: ["/dev/sda3: what is in memory may be written there in the clear; use encrypted swap or none"] },
  { name: "disk", state: "ok", facts: ["212.4 GiB free at /var/lib/cloister"] },
];
const PROBED: Check = { name: "probe", state: "ok", facts: ["41 ways out tried, none open"] };

const COLLEAGUES = [
  { id: "usr-01JD8ZAAAAAAAAAAAAAAAAA002", name: "Chidi Okafor" },
  { id: "usr-01JD8ZAAAAAAAAAAAAAAAAA005", name: "Tom Birch" },
];

const EMERGENCY_SEQ = 640;

/** The alert of an emergency access. */
export const emergencyAlert = (now: Date): AlertDto => ({
  seq: EMERGENCY_SEQ,
  time: new Date(now.getTime() - 20 * 60_000).toISOString(),
  kind: "break_glass",
  line: EMERGENCY_SEQ - 1,
  count: null,
  about: COLLEAGUES[0]!.id,
  acknowledged: null,
  acknowledged_by: null,
  acknowledged_reason: null,
});

const FOUND = { id: "enc-01JD8ZP1M0A7Y2K4T5V6B8C9EE", owner: "Tom Birch", state: "draft" };

/** Who may open which visit. `again` looks at a password; `alert` knows the log's alerts; `opened` opens a visit. */
export function fakeAccess(
  now: Date,
  again: (password: string, code?: string) => void,
  alert: (seq: number) => AlertDto | null,
  opened: (id: string) => { id: string; until: string },
  people: () => AccountDto[],
  lock: () => void,
): Answers & Notes {
  let history: PolicyChangeDto[] = [];
  const found = (): FoundVisitDto => ({ ...FOUND, created: new Date(now.getTime() - 5_400_000).toISOString() });
  const emergency = (): EmergencyDto[] => {
    const raised = alert(EMERGENCY_SEQ);
    if (raised === null) return [];
    const at = new Date(raised.time);
    return [
      {
        seq: raised.seq,
        at: raised.time,
        until: new Date(at.getTime() + 3_600_000).toISOString(),
        by: "Chidi Okafor",
        reason: "owner_unreachable",
        visit: "encounter:5f2a9c0e7d1b4a6688f0c3d2e1b7a945",
        patient: "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        visit_id: FOUND.id,
        title: "QX 1043",
        owner: "Tom Birch",
        reviewed: raised.acknowledged,
        reviewed_by: raised.acknowledged_by === null ? null : "Ada Lindqvist",
        review: raised.acknowledged_reason,
      },
    ];
  };
  const shares = new Map<string, ShareDto[]>();
  const of = (id: string) => shares.get(id) ?? [];
  return {
    step_up: ({ password, code }) => {
      again(password, code);
      return null;
    },
    review_access: () => ({
      made: now.toISOString(),
      people: people().map((account, i): ReviewedPersonDto => {
        const opens = (store: string, count: number) => (account.opens.includes(store) ? count : 0);
        return {
          account,
          visits: opens("visits", [41, 118, 0, 0, 63, 0][i] ?? 0),
          shared_visits: opens("visits", i === 4 ? 2 : 0),
          datasets: opens("research", [1, 0, 6, 0, 0, 0][i] ?? 0),
          given_datasets: opens("research", i === 2 ? 1 : 0),
          emergencies: i === 1 ? emergency().length : 0,
        };
      }),
      visits: [{ id: FOUND.id, name: "QX 1043", owner: "Chidi Okafor", with: ["Tom Birch"] }],
      datasets: [{ id: "dst-01JD8ZP1M0A7Y2K4T5V6B8C9DD", name: "Discharge letters 2026", owner: "Ada Lindqvist", with: ["Rhea Papadakis"] }],
      open_emergencies: emergency().filter((e) => e.reviewed === null).length,
    }),
    rotate_keys: () => {
      lock();
      return { visits: 2, research: 2, handed_on: 14 };
    },
    note_policy: (setting, old, value) => {
      const seq = 900 + history.length;
      history = [{ seq, at: now.toISOString(), by: "Ada Lindqvist", setting, old, new: value, keyring_version: 4 + history.length, proposed_by: null }, ...history];
    },
    doctor: ({ probe }) => ({ checks: probe ? [...CHECKS, PROBED] : CHECKS }),
    compliance: () => COMPLIANCE,
    policy_history: () => history,
    find_emergency_visits: ({ record }) => (record.toLowerCase() === "qx 1043" ? [found()] : []),
    break_glass: ({ id }) => opened(id),
    list_emergencies: emergency,
    list_colleagues: () => COLLEAGUES,
    list_encounter_shares: ({ id }) => of(id),
    share_encounter: ({ id, user, give }) => {
      const others = of(id).filter((share) => share.id !== user);
      const who = COLLEAGUES.find((c) => c.id === user);
      if (who === undefined) throw new IpcError("usage");
      shares.set(id, give ? [...others, { ...who, active: true, since: now.toISOString(), by: "Ada Lindqvist" }] : others);
      return of(id);
    },
  };
}
