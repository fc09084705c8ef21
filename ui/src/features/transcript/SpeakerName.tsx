import { Check, UserRound, UsersRound } from "lucide-react";
import { useState } from "react";
import type { SegmentDto } from "@/ipc/bindings.gen";
import { t } from "@/lib/i18n";
import type { Editing, Offer } from "./editing";

type Props = {
  segment: SegmentDto;
  /** Whether the turn begins here, so that the name stands even when nobody points at it. */
  begins: boolean;
  open: boolean;
  editing: Editing;
  offer: Offer | null;
  onOpen: (open: boolean) => void;
  onName: (label: string) => void;
  onNameAll: () => void;
};

const BUTTON =
  "inline-flex min-h-9 items-center gap-1.5 rounded-lg border border-edge bg-surface px-3 text-meta font-medium text-ink tint hover:bg-sunken";

/** Who speaks: a click opens the names, a click on a name gives it, one more gives it to all alike. */
export function SpeakerName({ segment, begins, open, editing, offer, onOpen, onName, onNameAll }: Props) {
  const suggested = segment.speaker_source === "suggested";
  // Where no name stands, the button waits in the margin: words that move away under the pointer cannot be clicked.
  const aside = !begins && !open;
  const label = segment.speaker ?? t("transcript.whoSpeaks");
  return (
    <div className="flex flex-wrap items-center gap-2 select-none">
      <button
        type="button"
        aria-expanded={open}
        title={suggested ? t("transcript.suggestedHint") : aside ? label : undefined}
        onClick={() => onOpen(!open)}
        className={`inline-flex min-h-7 items-center gap-1 rounded-md px-1.5 text-meta font-semibold tint hover:bg-sunken hover:text-ink ${
          segment.speaker === null ? "text-ink-3" : "text-ink-2"
        } ${aside ? "absolute top-2 left-1 opacity-0 group-hover:opacity-100 focus-visible:opacity-100" : "-ml-1.5"}`}
      >
        <UserRound aria-hidden className="size-3.5" />
        <span className={aside ? "sr-only" : suggested ? "italic" : ""}>{label}</span>
        {suggested && !aside && <span className="font-normal text-ink-3">{t("transcript.suggested")}</span>}
      </button>
      {offer !== null && (
        <button type="button" disabled={editing.saving} onClick={onNameAll} className={BUTTON}>
          <UsersRound aria-hidden className="size-3.5" />
          {t("transcript.nameAll", { count: offer.others, name: offer.label })}
        </button>
      )}
      {open && <Names editing={editing} current={segment.speaker} onName={onName} onClose={() => onOpen(false)} />}
    </div>
  );
}

type NamesProps = { editing: Editing; current: string | null; onName: (label: string) => void; onClose: () => void };

function Names({ editing, current, onName, onClose }: NamesProps) {
  const [typed, setTyped] = useState("");
  return (
    <div
      role="group"
      aria-label={t("transcript.whoSpeaks")}
      className="appear flex flex-wrap items-center gap-2"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      {editing.names.map((name) => (
        <button key={name} type="button" disabled={editing.saving} onClick={() => onName(name)} className={BUTTON}>
          {name === current && <Check aria-hidden className="size-3.5" />}
          {name}
        </button>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() !== "") onName(typed.trim());
        }}
      >
        <input
          value={typed}
          maxLength={60}
          onChange={(event) => setTyped(event.target.value)}
          aria-label={t("transcript.otherName")}
          placeholder={t("transcript.otherName")}
          className="h-9 w-36 rounded-lg border border-edge bg-surface px-3 text-meta text-ink"
        />
      </form>
    </div>
  );
}
