import type {
  LiveTextDto,
  MicrophoneDto,
  PlaybackStatusDto,
  RecordingStatusDto,
  RecoveredDto,
  VisitAudioDto,
} from "./bindings.gen";
import { IpcError } from "./errors";
import { TRANSCRIPT } from "./fake-visit";

const MICROPHONES: MicrophoneDto[] = [
  { id: "alsa:default", name: "Built-in microphone", default: true, remembered: false },
  { id: "alsa:hw:1,0", name: "Jabra Speak 510", default: false, remembered: true },
];

/** The recorder behind the fake window: its clock runs, its level moves, nothing is heard. */
export class FakeRecorder {
  warnings: string[];
  recovered: RecoveredDto[];
  private readonly microphones: MicrophoneDto[];
  private take: { encounter: string; device: string; state: string; since: number; before: number; marks: number } | null = null;
  private readonly kept = new Map<string, number>();
  private readonly consents = new Map<string, { decision: string; by: string; how: string }>();
  private playing: { encounter: string; from: number; to: number; since: number } | null = null;

  private readonly text: string;

  constructor(options: { microphones?: MicrophoneDto[]; live?: string; warnings?: string[]; recovered?: RecoveredDto[] }) {
    this.microphones = options.microphones ?? MICROPHONES;
    this.text = options.live ?? "listening";
    this.warnings = options.warnings ?? [];
    this.recovered = options.recovered ?? [];
  }

  inputs(): MicrophoneDto[] {
    return this.microphones;
  }

  level() {
    if (this.microphones.length === 0) throw new IpcError("sound_unavailable", { fault: "there is no microphone" });
    return { level_dbfs: -28, peak: 0.2 };
  }

  consent(encounter: string, consent: { decision: string; by: string; how: string }): void {
    this.consents.set(encounter, consent);
  }

  start(encounter: string, device: string | null) {
    if (this.consents.get(encounter)?.decision !== "given") throw new IpcError("consent_missing");
    const found = this.microphones.find((m) => m.id === device) ?? this.microphones.find((m) => m.remembered);
    if (found === undefined) throw new IpcError("sound_unavailable", { fault: "there is no microphone" });
    this.take = { encounter, device: found.name, state: "recording", since: Date.now(), before: 0, marks: 0 };
    return { recording_id: "rec-01JD8ZP1M0A7Y2K4T5V6B8N000", encounter_id: encounter, device: found.name };
  }

  pause(): null {
    const take = this.current();
    take.before = this.elapsed();
    take.state = "paused";
    return null;
  }

  resume(): null {
    const take = this.current();
    take.since = Date.now();
    take.state = "recording";
    return null;
  }

  /** A segment more each time it is asked, the next one as a draft. */
  live(from: number): LiveTextDto {
    const listening = this.text === "listening";
    const { segments } = TRANSCRIPT;
    return {
      segments: listening ? segments.slice(from, from + 1) : [],
      draft: listening ? segments.slice(from + 1, from + 2) : [],
      final_s: listening ? (segments[Math.min(from, segments.length - 1)]?.end_s ?? 0) : 0,
      state: this.text,
    };
  }

  mark(): null {
    this.current().marks += 1;
    return null;
  }

  /** What a lost microphone does. */
  lose(): void {
    this.pause();
    this.current().state = "waiting";
    this.warnings = ["device_lost"];
  }

  stop() {
    const take = this.current();
    const duration_s = this.elapsed();
    this.kept.set(take.encounter, (this.kept.get(take.encounter) ?? 0) + duration_s);
    this.take = null;
    return {
      duration_s,
      kept: {
        recording_id: "rec-01JD8ZP1M0A7Y2K4T5V6B8N000",
        encounter_id: take.encounter,
        kept_s: duration_s,
        after_a_crash: false,
        verdict: "whole",
        refused: [],
      },
    };
  }

  status(open: boolean): RecordingStatusDto | null {
    if (this.take === null) return null;
    const { encounter, device, state, marks } = this.take;
    return {
      recording_id: open ? "rec-01JD8ZP1M0A7Y2K4T5V6B8N000" : null,
      encounter_id: open ? encounter : null,
      mine: open,
      state,
      elapsed_s: this.elapsed(),
      remaining_s: 172_800,
      device,
      level_dbfs: state === "waiting" ? -120 : -31 + 9 * Math.sin(Date.now() / 260),
      peak: 0.2,
      marks,
      segments: 1,
      warnings: this.warnings,
      ended_because: null,
    };
  }

  takeRecovered(): RecoveredDto[] {
    const recovered = this.recovered;
    this.recovered = [];
    return recovered;
  }

  audio(encounter: string, fits: boolean, length: number | null): VisitAudioDto {
    const duration_s = this.kept.get(encounter) ?? (fits ? (length ?? 0) : 0);
    const consent = this.consents.get(encounter);
    return {
      recordings:
        duration_s === 0
          ? []
          : [
              {
                id: "rec-01JD8ZP1M0A7Y2K4T5V6B8N000",
                created: "2026-11-23T09:12:00.000Z",
                state: "ended",
                start_s: 0,
                duration_s,
                marks_s: [],
                segments: 1,
                damages: [],
              },
            ],
      duration_s,
      transcript_fits: fits,
      consent: consent === undefined ? null : { ...consent, at: "2026-11-23T09:11:40.000Z" },
    };
  }

  peaks(buckets: number): number[] {
    return Array.from({ length: buckets }, (_, i) => Math.round(60 + 50 * Math.sin(i / 3) + 40 * Math.sin(i / 17)));
  }

  play(encounter: string, from: number, to: number | null): null {
    this.playing = { encounter, from, to: to ?? from + 60, since: Date.now() };
    return null;
  }

  silence(): null {
    this.playing = null;
    return null;
  }

  playback(): PlaybackStatusDto | null {
    if (this.playing === null) return null;
    const { encounter, from, to, since } = this.playing;
    const position_s = Math.min(to, from + (Date.now() - since) / 1000);
    return { encounter_id: encounter, playing: position_s < to, failed: false, position_s };
  }

  private elapsed(): number {
    if (this.take === null) return 0;
    return this.take.before + (this.take.state === "recording" ? (Date.now() - this.take.since) / 1000 : 0);
  }

  private current() {
    if (this.take === null) throw new IpcError("recording_state", { fault: "nothing is recorded" });
    return this.take;
  }
}
