import { FilePen, ListChecks, ScrollText, Signature, Undo2 } from "lucide-react";
import type { NoteDto } from "@/ipc/bindings.gen";
import { t } from "@/lib/i18n";

export type Side = "findings" | "note";

const TAB = "flex min-h-11 items-center gap-2 border-b-2 border-transparent px-3 font-medium text-ink-2 hover:text-ink";

type Props = {
  /** Whether the transcript is in front, where there is no room for both. */
  reading: boolean;
  onRead: () => void;
  side: Side;
  note: NoteDto | undefined;
  onSide: (side: Side) => void;
  /** The last change, where there is one to take back. */
  undo: { words: string; back: () => void } | null;
};

/** What stands beside the transcript: the findings, or the note made from them; and the way back from the last change. */
export function SideTabs({ reading, onRead, side, note, onSide, undo }: Props) {
  const signed = note !== undefined && note.signed.length > 0 && note.draft === null;
  const tabs = [
    { name: "findings" as const, words: t("findings.title"), icon: <ListChecks aria-hidden className="size-4.5" /> },
    {
      name: "note" as const,
      words: t("note.title"),
      icon: signed ? <Signature aria-hidden className="size-4.5 text-good" /> : <FilePen aria-hidden className="size-4.5" />,
    },
  ];
  return (
    <div role="group" aria-label={t("note.panes")} className="flex shrink-0 gap-1 border-b border-line bg-surface px-4 max-lg:row-start-1 max-md:px-1 lg:col-start-2 lg:row-start-1">
      <button type="button" aria-pressed={reading} onClick={onRead} className={`lg:hidden ${TAB} aria-pressed:border-accent aria-pressed:text-accent`}>
        <ScrollText aria-hidden className="size-4.5" />
        {t("transcript.title")}
      </button>
      {tabs.map(({ name, words, icon }) => (
        <button
          key={name}
          type="button"
          aria-pressed={side === name}
          onClick={() => onSide(name)}
          className={`${TAB} ${reading ? "lg:aria-pressed:border-accent lg:aria-pressed:text-accent" : "aria-pressed:border-accent aria-pressed:text-accent"}`}
        >
          {icon}
          {words}
        </button>
      ))}
      {undo !== null && (
        <button
          type="button"
          title={undo.words}
          aria-label={undo.words}
          aria-keyshortcuts="Control+Z Meta+Z"
          onClick={undo.back}
          className="ml-auto flex min-h-11 items-center gap-2 rounded-lg px-3 font-medium text-ink-2 hover:bg-sunken hover:text-ink"
        >
          <Undo2 aria-hidden className="size-4.5" />
          {t("undo.undo")}
        </button>
      )}
    </div>
  );
}
