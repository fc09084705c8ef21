import type { SegmentDto } from "@/ipc/bindings.gen";
import type { TranscriptEdit } from "@/ipc/commands";

/** What a reader can do to the transcript; absent where it cannot be changed. */
export type Editing = {
  /** Names that may speak: those in the transcript first, then the usual ones. */
  names: string[];
  saving: boolean;
  apply: (edit: TranscriptEdit) => void;
};

/** A segment that was just named, while others are still called as it was: one more click names them all. */
export type Offer = { segment: number; label: string; others: number; next: number };

const USUAL = ["Clinician", "Patient"];

export function knownNames(segments: readonly SegmentDto[]): string[] {
  const named = segments.filter((s) => s.speaker !== null && s.speaker_source === "person").map((s) => s.speaker!);
  return [...new Set([...named, ...USUAL])];
}

/** What naming `segment` as `label` leaves to be named alike; `null` when nothing. */
export function offerAfter(segments: readonly SegmentDto[], segment: number, label: string): Offer | null {
  const before = segments[segment]?.speaker ?? null;
  const alike = segments.flatMap((s, i) => (i !== segment && s.speaker === before ? [i] : []));
  return alike.length === 0 || before === label ? null : { segment, label, others: alike.length, next: alike[0]! };
}
