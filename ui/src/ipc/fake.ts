import type {
  AlertDto,
  EncounterRow,
  ExtractionDto,
  MicrophoneDto,
  PolicyProposalDto,
  ProcessProof,
  ProgressDto,
  RecoveredDto,
  SegmentDto,
  StatusDto,
  TranscriptDto,
  VaultState,
} from "./bindings.gen";
import type { CommandName, Commands, Ipc, TranscriptEdit } from "./commands";
import { IpcError } from "./errors";
import { emergencyAlert, fakeAccess } from "./fake-access";
import { FakeBatches } from "./fake-batches";
import { FAKE_ENROLMENT_CODE, FAKE_FINGERPRINT, type FakeDirectoryOptions, fakeDirectory } from "./fake-directory";
import { fakeKeeping } from "./fake-keeping";
import { LOG_LENGTH, PEOPLE, VERDICT, alerts, logLine, logOverview, logPage, report } from "./fake-log";
import { FakeNotes } from "./fake-note";
import { FAKE_CODE, fakePeople } from "./fake-people";
import { FakeSearch } from "./fake-search";
import { FakeRecorder } from "./fake-recording";
import { EXTRACTION, SCHEMAS, TRANSCRIPT, encounter, rows } from "./fake-visit";

const SESSION = { user_id: "usr-01JD8ZAAAAAAAAAAAAAAAAAADA", name: "Ada Lindqvist", role: "administrator", must_enrol: false };
const PASSWORD = "a quiet walk at noon";
const SESSION_SECONDS = 900;

const SEALED: ProcessProof[] = [
  {
    process: "desktop",
    state: "enforced",
    facts: ["seccomp: filter in force, sockets AF_UNIX only", "no_new_privs: 1", "core dumps: off"],
  },
  {
    process: "engine",
    state: "enforced",
    facts: ["seccomp: filter in force, no sockets", "Landlock: ABI 6, no file may be opened", "no_new_privs: 1"],
  },
];

/** What asks for the password again. */
const WEIGHTY: CommandName[] = ["export_transcript", "export_note", "export_batch", "audit_export", "audit_export_report", "audit_checkpoint", "audio_peaks", "play_span", "find_emergency_visits", "break_glass", "rotate_keys", "set_directory", "remove_directory", "apply_retention", "erase_patient", "decide_policy_proposal"];

/** How a fake starts. Everything has a default; a test changes what it is about. */
export type FakeOptions = FakeDirectoryOptions & {
  vault?: VaultState;
  visits?: "some" | "none";
  schemas?: "some" | "none";
  datasets?: "some" | "none";
  /** No process works on the run that is said to go on. */
  interrupted?: boolean;
  sealing?: ProcessProof[];
  missingModel?: boolean;
  /** Milliseconds between two steps of long work. */
  step?: number;
  /** Whether the file chooser is closed without a file. */
  chooserCancelled?: boolean;
  /** Faults of a file that could be read all the same. */
  warnings?: string[];
  /** What a command fails with, instead of its answer. */
  fail?: Partial<Record<CommandName, IpcError>>;
  microphones?: MicrophoneDto[];
  /** What a recording under way warns of. */
  recordingWarnings?: string[];
  /** How the live text of a recording is doing. */
  live?: string;
  /** What a crash left. */
  recovered?: RecoveredDto[];
  now?: Date;
  locksIn?: number;
  /** Whether signing in asks for a code. */
  secondFactor?: boolean;
  /** Whether somebody opened another's visit in an emergency. */
  emergency?: boolean;
  /** Whether acts of weight ask for the password again. */
  stepUp?: boolean;
  /** Changes of the policy that wait; with any, two administrators decide. */
  proposals?: PolicyProposalDto[];
  /** Whether the policy asks for a second factor that is not there yet. */
  mustEnrol?: boolean;
  role?: string;
  /** Lines in the log. */
  logLength?: number;
  storeFaults?: string[];
  /** Instead of its own: what was said, what was found, what visits are called. */
  transcript?: TranscriptDto;
  findings?: ExtractionDto["findings"];
  names?: string[];
  /** Texts that a search has yet to take up. */
  unread?: number;
};

/** Answers every command with data of our own making. For tests, and for looking at the window without Rust. */
export class Fake implements Ipc {
  readonly calls: { name: CommandName; payload: unknown }[] = [];
  readonly recorder: FakeRecorder;
  readonly notes: FakeNotes;
  private vault: VaultState;
  private name = SESSION.name;
  private password = PASSWORD;
  private failures = 0;
  private visits: EncounterRow[];
  private extractions = new Map<string, ExtractionDto[]>();
  private transcripts = new Map<string, TranscriptDto>();
  private readonly batches: FakeBatches;
  private readonly searches: FakeSearch;
  private cancelled = false;
  private lastTouch = Date.now();
  private enrolled = false;
  private steppedUp = false;
  private readonly people = fakePeople(
    () => this.password,
    () => {
      this.enrolled = true;
    },
  );
  private readonly keeping: ReturnType<typeof fakeKeeping>;
  private readonly access;
  private readonly directory: ReturnType<typeof fakeDirectory>;
  private alerts: AlertDto[];
  private readonly now: Date;
  private readonly logLength: number;
  private readonly options: FakeOptions;

  constructor(options: FakeOptions = {}) {
    this.options = options;
    this.now = options.now ?? new Date();
    this.access = fakeAccess(this.now, (password, code) => {
      if (password !== this.password) throw new IpcError("bad_credentials");
      if (this.options.secondFactor === true && code === undefined) throw new IpcError("code_needed");
      if (code !== undefined && code !== FAKE_CODE) throw new IpcError("bad_credentials");
      this.steppedUp = true;
    }, (seq) => this.alerts.find((alert) => alert.seq === seq) ?? null, (id) => this.opened(id), () => this.people.list_users({}), () => this.lock());
    this.recorder = new FakeRecorder({
      ...(options.microphones === undefined ? {} : { microphones: options.microphones }),
      ...(options.live === undefined ? {} : { live: options.live }),
      ...(options.recordingWarnings === undefined ? {} : { warnings: options.recordingWarnings }),
      ...(options.recovered === undefined ? {} : { recovered: options.recovered }),
    });
    this.vault = options.vault ?? "locked";
    this.keeping = fakeKeeping(this.now, options.chooserCancelled === true, options.proposals);
    this.searches = new FakeSearch(options.unread ?? 0);
    this.batches = new FakeBatches(options.datasets !== "none", options.interrupted === true);
    this.directory = fakeDirectory(options, this.people.hold);
    this.alerts = alerts(this.now);
    if (options.emergency === true) this.alerts = [emergencyAlert(this.now), ...this.alerts];
    this.logLength = options.logLength ?? LOG_LENGTH;
    this.visits = options.visits === "none" ? [] : rows(this.now);
    const { names, findings, transcript } = options;
    if (names !== undefined) this.visits = this.visits.map((row, i) => ({ ...row, title: names[i] ?? row.title }));
    const extraction = findings === undefined ? EXTRACTION : { ...EXTRACTION, findings };
    for (const row of this.visits) if (row.findings > 0) this.extractions.set(row.id, [extraction]);
    if (transcript !== undefined) for (const row of this.visits) this.transcripts.set(row.id, transcript);
    this.notes = new FakeNotes(
      (id) => this.extractions.get(id) ?? [],
      (id, change) => {
        if (change !== undefined) this.visits = this.visits.map((r) => (r.id === id ? { ...r, state: change } : r));
        return this.row(id).state;
      },
      () => this.password,
      options.chooserCancelled === true,
    );
  }

  /** Nobody did anything for so long. */
  idle(seconds: number): void {
    this.lastTouch -= seconds * 1000;
  }

  /** What the auto-logoff does. */
  lock(): void {
    this.vault = "locked";
  }

  async call<N extends CommandName>(
    name: N,
    payload: Commands[N]["in"],
    onProgress?: (progress: ProgressDto) => void,
  ): Promise<Commands[N]["out"]> {
    this.calls.push({ name, payload });
    const failure = this.options.fail?.[name];
    if (failure !== undefined) throw failure;
    const open: CommandName[] = [
      "status",
      "zoom",
      "create_vault",
      "sign_in",
      "audit_verify",
      "recording_status",
      "pause_recording",
      "stop_recording",
      "playback_status",
      "stop_playback",
      "restore_backup",
    ];
    if (this.vault !== "open" && !open.includes(name)) throw new IpcError("not_signed_in");
    if (this.options.stepUp === true && !this.steppedUp && WEIGHTY.includes(name)) throw new IpcError("step_up_needed");
    const answers: { [K in CommandName]: (p: Commands[K]["in"]) => Commands[K]["out"] | Promise<Commands[K]["out"]> } = {
      ...this.batches.answers(SCHEMAS[0]!),
      status: () => this.status(),
      zoom: () => null,
      create_vault: (p) => this.createVault(p),
      sign_in: (p) => this.signIn(p),
      sign_out: () => {
        this.vault = "locked";
        return null;
      },
      list_models: () => this.status().models,
      touch: () => {
        this.lastTouch = Date.now();
        return this.session();
      },
      ...this.people,
      ...this.keeping,
      create_backup: (p) => this.keeping.create_backup(p, onProgress),
      restore_backup: (p) => this.restoreBackup(p),
      set_policy: (p) => this.setPolicy(p),
      ...this.access,
      ...this.directory,
      ...this.notes.answers(),
      search_visits: ({ words }) => this.searches.visits(this.visits, words),
      search_reports: ({ words }) => this.searches.reports(words),
      list_encounters: () => this.visits,
      get_encounter: ({ id }) => {
        const visit = encounter(this.row(id), this.extractions.get(id) ?? []);
        return { ...visit, transcript: this.transcripts.get(id) ?? visit.transcript };
      },
      import_audio: () => this.importAudio(onProgress ?? (() => undefined)),
      edit_transcript: ({ id, edit }) => {
        const before = this.transcripts.get(id) ?? TRANSCRIPT;
        const after = { ...before, segments: edited(before.segments, edit) };
        this.transcripts.set(id, after);
        return after;
      },
      export_transcript: ({ format }) => ({ file: `/home/ada/transcript.${format}` }),
      list_schemas: () => (this.options.schemas === "none" ? [] : SCHEMAS),
      extract_encounter: (p) => this.extract(p, onProgress ?? (() => undefined)),
      create_encounter: (p) => this.createEncounter(p),
      record_consent: ({ encounter: id, consent }) => {
        this.recorder.consent(id, consent);
        return null;
      },
      list_microphones: () => this.recorder.inputs(),
      microphone_level: () => this.recorder.level(),
      start_recording: ({ encounter: id, device }) => this.recorder.start(id, device),
      resume_recording: () => this.recorder.resume(),
      live_text: ({ from }) => this.recorder.live(from),
      mark_recording: () => this.recorder.mark(),
      recording_status: () => this.recorder.status(this.vault === "open"),
      pause_recording: () => this.recorder.pause(),
      stop_recording: () => this.stopRecording(),
      recovered_recordings: () => this.recorder.takeRecovered(),
      transcribe_recording: ({ encounter: id }) => this.transcribe(id, onProgress ?? (() => undefined)),
      visit_audio: ({ encounter: id }) => {
        const row = this.row(id);
        return this.recorder.audio(id, row.state !== "open" && row.state !== "recorded", row.duration_s);
      },
      audio_peaks: ({ buckets }) => this.recorder.peaks(buckets),
      play_span: ({ encounter: id, from_s, to_s }) => this.recorder.play(id, from_s, to_s),
      playback_status: () => this.recorder.playback(),
      stop_playback: () => this.recorder.silence(),
      cancel_job: () => {
        this.cancelled = true;
        return null;
      },
      audit_verify: ({ ask }) =>
        ask !== true ? VERDICT : this.options.chooserCancelled === true ? null : { ...VERDICT, rests_on: [...VERDICT.rests_on, "checkpoint:120"] },
      audit_page: ({ filter, offset, limit }) => logPage(this.logLength, this.now, filter, offset, limit),
      audit_overview: () => logOverview(this.now),
      audit_people: () => PEOPLE,
      audit_alerts: () => this.alerts,
      audit_acknowledge: ({ seq, reason }) => this.acknowledge(seq, reason),
      audit_report: ({ from, to }) => report(this.now, from, to, this.alerts),
      audit_export_report: () => this.saved(),
      audit_export: () => this.saved(),
      audit_checkpoint: () => this.saved(),
      audit_verify_export: () => ({
        ...VERDICT,
        rests_on: ["file", `signature:${SESSION.user_id}`],
        key: PEOPLE[0]!.export_key,
        by: SESSION.name,
        made: this.now.toISOString(),
      }),
      audit_list: ({ limit, before_seq }) => {
        const before = Math.min(before_seq ?? LOG_LENGTH + 1, LOG_LENGTH + 1);
        const count = Math.max(0, Math.min(limit, before - 1));
        return Array.from({ length: count }, (_, i) => logLine(before - 1 - i, this.now));
      },
    };
    return await answers[name](payload);
  }

  private session() {
    const idle = Math.floor((Date.now() - this.lastTouch) / 1000);
    const role = this.options.role ?? SESSION.role;
    const store_faults = this.options.storeFaults ?? [];
    const must_enrol = this.options.mustEnrol === true && !this.enrolled;
    const reviews = role === "administrator" || role === "auditor";
    const open_alerts = reviews ? this.alerts.filter((alert) => alert.acknowledged === null).length : null;
    return { ...SESSION, must_enrol, role, store_faults, open_alerts, name: this.name, locks_in_s: Math.max(0, (this.options.locksIn ?? SESSION_SECONDS) - idle) };
  }

  private acknowledge(seq: number, reason: string) {
    this.alerts = this.alerts.map((alert) =>
      alert.seq === seq
        ? {
            ...alert,
            acknowledged: this.now.toISOString(),
            acknowledged_by: SESSION.user_id,
            acknowledged_reason: reason,
          }
        : alert,
    );
    const found = this.alerts.find((alert) => alert.seq === seq);
    if (found === undefined) throw new IpcError("usage");
    return found;
  }

  private setPolicy({ key, value }: Commands["set_policy"]["in"]) {
    if (key === "session_timeout_minutes" && !(Number(value) >= 1 && Number(value) <= 60)) {
      throw new IpcError("policy_refused", { fault: "session_timeout_minutes must be a whole number from 1 to 60" });
    }
    const old = this.keeping.show_policy({})[key];
    const now = this.keeping.set_policy({ key, value });
    if (String(now[key]) === value) this.access.note_policy(key, String(old), value);
    return now;
  }

  /** Another's visit, opened in an emergency. */
  private opened(id: string) {
    const until = new Date(this.now.getTime() + 3_600_000).toISOString();
    const row = { id, title: "QX 1043", state: "draft", created: this.now.toISOString(), duration_s: 611, findings: 12 };
    this.visits = [{ ...row, owner: "Tom Birch", access: "emergency", until }, ...this.visits];
    return { id, until };
  }

  private saved() {
    if (this.options.chooserCancelled === true) return null;
    return { lines: LOG_LENGTH, bytes: 61_234, sha256: VERDICT.head ?? "", seq: LOG_LENGTH, key: PEOPLE[0]!.export_key };
  }

  private status(): StatusDto {
    return {
      vault: this.vault,
      session: this.vault === "open" ? this.session() : null,
      version: "0.1.0",
      sealing: this.options.sealing ?? SEALED,
      models: [
        {
          name: "whisper-base-q8_0",
          task: "speech",
          file: "ggml-base-q8_0.bin",
          licence: "MIT",
          bytes: 81_768_585,
          sha256: "c577b9a86e7e048a0b7eada054f4dd79a56bbfa911fbdacf900ac5b567cbb7d9",
          state: this.options.missingModel === true ? "missing" : "present",
          default: true,
        },
        {
          name: EXTRACTION.model,
          task: "language",
          file: "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
          licence: "Apache-2.0",
          bytes: 1_117_320_768,
          sha256: EXTRACTION.model_sha256,
          state: "present",
          default: true,
        },
      ],
    };
  }

  private createVault({ name, password }: { name: string; password: string }) {
    if (this.vault !== "absent") throw new IpcError("vault_exists");
    if (password.length < 15) throw new IpcError("weak_password", { min: "15" });
    this.vault = "open";
    this.visits = [];
    this.name = name;
    this.password = password;
    this.lastTouch = Date.now();
    return {
      recovery_key: "K7QH-4MZD-W2XA-9FTE-R6NB-3JYP-VC8G-5SLK",
      log_fingerprint: "4f1c 9a27 d03b e865 71ac 0f92 b6d8 3e47",
    };
  }

  private restoreBackup(p: Commands["restore_backup"]["in"]) {
    const restored = this.keeping.restore_backup(p);
    if (restored !== null) this.vault = "locked";
    return restored;
  }

  private signIn({ name, password, code, enrolment }: Commands["sign_in"]["in"]) {
    if (this.vault === "absent") throw new IpcError("no_vault");
    if (this.failures >= 5) throw new IpcError("locked_out", { minutes: "15" });
    if (name.trim() === "" || password !== this.password) {
      this.failures += 1;
      throw new IpcError("bad_credentials");
    }
    if (this.options.secondFactor === true || this.enrolled) {
      if (code === undefined) throw new IpcError("code_needed");
      if (code !== FAKE_CODE) throw new IpcError("bad_credentials");
    }
    if (this.options.enrolment !== undefined) {
      const previous = this.options.enrolment === "changed" ? "yes" : "no";
      if (enrolment === undefined) throw new IpcError("enrolment_needed", { previous });
      if ("request" in enrolment) throw new IpcError("enrolment_pending", { fingerprint: FAKE_FINGERPRINT });
      if ("code" in enrolment && enrolment.code !== FAKE_ENROLMENT_CODE) throw new IpcError("enrolment_code_refused", { reason: "wrong" });
      if ("previous" in enrolment && enrolment.previous !== "an older walk at noon") throw new IpcError("previous_password_wrong");
    }
    this.failures = 0;
    this.vault = "open";
    this.name = name;
    this.lastTouch = Date.now();
    return this.session();
  }

  private row(id: string): EncounterRow {
    const row = this.visits.find((r) => r.id === id);
    if (row === undefined) throw new IpcError("not_found");
    return row;
  }

  private async importAudio(onProgress: (p: ProgressDto) => void) {
    if (this.options.chooserCancelled === true) return null;
    onProgress({ stage: "loading_model", done: 0, total: null, unit: "" });
    await this.work("transcribing", 24, TRANSCRIPT.duration_s, "seconds", onProgress);
    const id = `enc-01JD8ZP1M0A7Y2K4T5V6B8N${String(this.visits.length).padStart(3, "0")}`;
    const row: EncounterRow = {
      id,
      title: "sample-visit.flac",
      state: "transcribed",
      created: this.now.toISOString(),
      duration_s: TRANSCRIPT.duration_s,
      findings: 0,
      owner: this.name,
      access: "own",
      until: null,
    };
    this.visits = [row, ...this.visits];
    return { encounter_id: id, warnings: this.options.warnings ?? [] };
  }

  private createEncounter({ title, consent }: Commands["create_encounter"]["in"]) {
    const id = `enc-01JD8ZP1M0A7Y2K4T5V6B8N${String(this.visits.length).padStart(3, "0")}`;
    const row: EncounterRow = { id, title, state: "open", created: this.now.toISOString(), duration_s: null, findings: 0, owner: this.name, access: "own", until: null };
    this.visits = [row, ...this.visits];
    if (consent !== null) this.recorder.consent(id, consent);
    return { encounter: row, may_record: consent?.decision === "given" };
  }

  private stopRecording() {
    const stopped = this.recorder.stop();
    const of = (row: EncounterRow) => row.id === stopped.kept.encounter_id;
    this.visits = this.visits.map((r) => (of(r) ? { ...r, state: "recorded", duration_s: stopped.duration_s } : r));
    return stopped;
  }

  private async transcribe(id: string, onProgress: (p: ProgressDto) => void) {
    const row = this.row(id);
    onProgress({ stage: "loading_model", done: 0, total: null, unit: "" });
    await this.work("transcribing", 12, TRANSCRIPT.duration_s, "seconds", onProgress);
    this.visits = this.visits.map((r) => (r.id === row.id ? { ...r, state: "transcribed" } : r));
    return TRANSCRIPT;
  }

  private async extract({ id, schema }: { id: string; schema: string }, onProgress: (p: ProgressDto) => void) {
    const row = this.row(id);
    onProgress({ stage: "loading_model", done: 0, total: null, unit: "" });
    await this.work("reading", 6, 312, "tokens", onProgress);
    await this.work("writing", 20, 640, "tokens", onProgress);
    const extraction = { ...EXTRACTION, document_id: id, id: `${EXTRACTION.id.slice(0, -1)}${this.calls.length}`, schema };
    this.extractions.set(id, [extraction, ...(this.extractions.get(id) ?? [])]);
    this.visits = this.visits.map((r) => (r === row ? { ...r, state: "draft", findings: extraction.findings.length } : r));
    return extraction;
  }

  private async work(stage: string, steps: number, total: number, unit: string, onProgress: (p: ProgressDto) => void) {
    this.cancelled = false;
    for (let i = 0; i <= steps; i += 1) {
      onProgress({ stage, done: (total * i) / steps, total, unit });
      await new Promise((resolve) => setTimeout(resolve, this.options.step ?? 180));
      if (this.cancelled) throw new IpcError("cancelled");
    }
  }
}

/** As Rust would, but for the moments of words. */
function edited(segments: SegmentDto[], edit: TranscriptEdit): SegmentDto[] {
  if (edit.kind === "suggest_turns")
    return segments.map((s, i) => ({ ...s, speaker: `Speaker ${(i % 2) + 1}`, speaker_source: "suggested" }));
  const target = segments[edit.segment]!;
  return segments.map((s, i) => {
    if (edit.kind === "text") {
      if (i !== edit.segment) return s;
      const words = edit.text.split(" ").map((text) => ({ start_s: s.start_s, end_s: s.end_s, text, probability: 1 }));
      return { ...s, text: edit.text, words };
    }
    const named = i === edit.segment || (edit.all_alike && s.speaker === target.speaker);
    return named ? { ...s, speaker: edit.label, speaker_source: edit.label === null ? null : "person" } : s;
  });
}
