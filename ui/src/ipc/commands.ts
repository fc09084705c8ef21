import type {
  AccountDto,
  AlertDto,
  EncounterDto,
  EncounterRow,
  ExtractionDto,
  ReportHitsDto,
  VisitHitsDto,
  LevelDto,
  LiveTextDto,
  LogExportDto,
  LogLineDto,
  LogOverviewDto,
  LogPageDto,
  LogPersonDto,
  LogReportDto,
  MicrophoneDto,
  NewSecondFactorDto,
  PlaybackStatusDto,
  ProgressDto,
  RecordingBegunDto,
  RecordingStatusDto,
  RecordingStoppedDto,
  RecoveredDto,
  RecoveryCodesDto,
  SchemaDto,
  SealedExportDto,
  SessionDto,
  StatusDto,
  TranscriptDto,
  VaultCreatedDto,
  VerdictDto,
  VisitAudioDto,
  VisitOpenedDto,
} from "./bindings.gen";

import type { AccessCommands } from "./access";
import type { DirectoryCommands, EnrolmentIn } from "./directory";
import type { KeepingCommands } from "./keeping";
import type { NoteCommands } from "./note";
import type { ResearchCommands } from "./research";

type Nothing = Record<string, never>;

/** One change to a transcript; segments count from 0. */
export type TranscriptEdit =
  | { kind: "text"; segment: number; text: string }
  | { kind: "speaker"; segment: number; label: string | null; all_alike: boolean }
  | { kind: "suggest_turns" };
/** Which lines of the log; every condition must hold. */
export type LogFilter = {
  /** At or after this moment (RFC 3339). */
  from?: string;
  /** Before this moment. */
  to?: string;
  user?: string;
  event_type?: string;
  outcome?: string;
  /** A patient's record number, an id of ours, or a pseudonym. */
  record?: string;
};

type Period = { from: string; to: string; offset_minutes?: number };

/** What the patient said to being recorded. */
export type ConsentIn = { decision: "given" | "declined"; by: string; how: "spoken" | "written" };

/** Every command the window asks for: what goes in and what comes out. */
export type Commands = ResearchCommands & NoteCommands & KeepingCommands & AccessCommands & DirectoryCommands & {
  status: { in: Nothing; out: StatusDto };
  /** How large the window shows everything, 100 to 200 percent. Answered by the window itself. */
  zoom: { in: { percent: number }; out: null };
  create_vault: { in: { name: string; password: string }; out: VaultCreatedDto };
  /** `code`: of the second factor, or a recovery code; asked for with `code_needed`. */
  sign_in: { in: { name: string; password: string; code?: string; enrolment?: EnrolmentIn }; out: SessionDto };
  sign_out: { in: Nothing; out: null };
  touch: { in: Nothing; out: SessionDto };
  change_password: { in: { user: string; password: string; new_password: string }; out: null };
  new_second_factor: { in: { user: string }; out: NewSecondFactorDto };
  enrol_second_factor: { in: { user: string; password: string; secret: string; code: string }; out: RecoveryCodesDto };
  remove_second_factor: { in: { user: string; password: string }; out: null };
  list_users: { in: Nothing; out: AccountDto[] };
  add_user: { in: { name: string; role: string; password: string }; out: AccountDto };
  change_role: { in: { user: string; role: string }; out: null };
  disable_user: { in: { user: string; disabled: boolean }; out: null };
  reset_user: { in: { user: string; password: string }; out: null };
  unlock_user: { in: { user: string }; out: null };
  /** While texts are left to take up, asking again finds more. */
  search_visits: { in: { words: string }; out: VisitHitsDto };
  search_reports: { in: { words: string }; out: ReportHitsDto };
  list_encounters: { in: Nothing; out: EncounterRow[] };
  get_encounter: { in: { id: string }; out: EncounterDto };
  /** Rust opens the file chooser; `null` when it was closed without a file. */
  import_audio: { in: Nothing; out: { encounter_id: string; warnings: string[] } | null };
  edit_transcript: { in: { id: string; edit: TranscriptEdit }; out: TranscriptDto };
  /** Rust opens the file chooser; `null` when it was closed without a file. */
  export_transcript: { in: { id: string; format: "txt" | "srt" | "vtt" | "json" }; out: { file: string } | null };
  list_schemas: { in: Nothing; out: SchemaDto[] };
  extract_encounter: { in: { id: string; schema: string }; out: ExtractionDto };
  create_encounter: {
    in: { title: string; purpose: string | null; template: string | null; consent: ConsentIn | null };
    out: VisitOpenedDto;
  };
  record_consent: { in: { encounter: string; consent: ConsentIn }; out: null };
  list_microphones: { in: Nothing; out: MicrophoneDto[] };
  /** Listens for a moment and keeps nothing. */
  microphone_level: { in: { device: string | null }; out: LevelDto };
  start_recording: { in: { encounter: string; device: string | null; live: boolean }; out: RecordingBegunDto };
  resume_recording: { in: { encounter: string }; out: null };
  /** `null` when nobody listens along. */
  live_text: { in: { encounter: string; from: number }; out: LiveTextDto | null };
  mark_recording: { in: { encounter: string }; out: null };
  /** These three are answered behind the lock as well. */
  recording_status: { in: Nothing; out: RecordingStatusDto | null };
  pause_recording: { in: Nothing; out: null };
  stop_recording: { in: Nothing; out: RecordingStoppedDto };
  /** What the last sign-in took in after a crash or a lock; told once. */
  recovered_recordings: { in: Nothing; out: RecoveredDto[] };
  transcribe_recording: { in: { encounter: string }; out: TranscriptDto };
  visit_audio: { in: { encounter: string }; out: VisitAudioDto };
  audio_peaks: { in: { encounter: string; buckets: number }; out: number[] };
  /** Rust plays it; the page gets a position. */
  play_span: { in: { encounter: string; from_s: number; to_s: number | null }; out: null };
  playback_status: { in: Nothing; out: PlaybackStatusDto | null };
  stop_playback: { in: Nothing; out: null };
  /** Stops the acts of one command, or, with none named, all. */
  cancel_job: { in: { command?: string }; out: null };
  /** With `ask` Rust opens the file chooser for a checkpoint; `null` when it was closed without one. */
  audit_verify: { in: { ask?: boolean }; out: VerdictDto | null };
  /** Any page of a filter's lines, newest first. */
  audit_page: { in: { filter: LogFilter; offset: number; limit: number }; out: LogPageDto };
  audit_overview: { in: { filter: LogFilter; offset_minutes: number }; out: LogOverviewDto };
  audit_people: { in: Nothing; out: LogPersonDto[] };
  audit_alerts: { in: Nothing; out: AlertDto[] };
  audit_acknowledge: { in: { seq: number; reason: string }; out: AlertDto };
  audit_report: { in: Period; out: LogReportDto };
  /** Rust opens the file chooser for what is saved; `null` when it was closed without a name. */
  audit_export_report: { in: Period & { format: "pdf" | "md" }; out: LogExportDto | null };
  audit_export: { in: { format: "csv" | "jsonl"; filter: LogFilter }; out: LogExportDto | null };
  audit_checkpoint: { in: Nothing; out: LogExportDto | null };
  audit_verify_export: { in: Nothing; out: SealedExportDto | null };
  /** Newest first; `before_seq` is where the page before this one ended. */
  audit_list: { in: { limit: number; before_seq?: number }; out: LogLineDto[] };
};

export type CommandName = keyof Commands;

/** The way to Rust. Rejects with an `IpcError`, and with nothing else. */
export interface Ipc {
  call<N extends CommandName>(
    name: N,
    payload: Commands[N]["in"],
    onProgress?: (progress: ProgressDto) => void,
  ): Promise<Commands[N]["out"]>;
}
