import { FilePen, ListChecks, Signature } from "lucide-react";
import type { NoteDto } from "@/ipc/bindings.gen";
import { t } from "@/lib/i18n";

export type Side = "findings" | "note";

/** What stands beside the transcript: the findings, or the note made from them. */
export function SideTabs({ side, note, onSide }: { side: Side; note: NoteDto | undefined; onSide: (side: Side) => void }) {
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
    <div role="group" aria-label={t("note.panes")} className="flex shrink-0 gap-1 border-b border-line bg-surface px-4">
      {tabs.map(({ name, words, icon }) => (
        <button
          key={name}
          type="button"
          aria-pressed={side === name}
          onClick={() => onSide(name)}
          className="flex min-h-11 items-center gap-2 border-b-2 border-transparent px-3 font-medium text-ink-2 hover:text-ink aria-pressed:border-accent aria-pressed:text-accent"
        >
          {icon}
          {words}
        </button>
      ))}
    </div>
  );
}
