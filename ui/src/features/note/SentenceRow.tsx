import { PencilLine, Trash2, TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Chip } from "@/components/Chip";
import type { NoteSentenceDto } from "@/ipc/bindings.gen";
import { t } from "@/lib/i18n";

/** So long after the last key the words are kept. */
const PAUSE_MS = 700;

type Props = {
  sentence: NoteSentenceDto;
  chosen: boolean;
  onChoose: () => void;
  /** Nothing for a note that is signed. */
  onChange: ((text: string) => void) | undefined;
};

/** A sentence: chosen, it lights what it rests on; changed in place, it is kept as it is typed. */
export function SentenceRow({ sentence, chosen, onChoose, onChange }: Props) {
  const [editing, setEditing] = useState(false);
  if (editing && onChange !== undefined) {
    return <SentenceEditor text={sentence.text} label={t("note.sentence")} onChange={onChange} onClose={() => setEditing(false)} />;
  }
  const own = sentence.findings.length === 0 || sentence.edited;
  return (
    <div data-sentence data-chosen={chosen} className="group relative flex items-start rounded-lg hover:bg-sunken data-[chosen=true]:bg-accent-soft">
      <button
        type="button"
        aria-pressed={chosen}
        onClick={onChoose}
        onDoubleClick={() => onChange !== undefined && setEditing(true)}
        className="flex min-h-11 min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-1 py-2 pl-3 text-left"
      >
        <span dir="auto" className="text-body leading-snug break-words text-ink">{sentence.text}</span>
        {sentence.stale ? (
          <span title={t("note.staleHint")}>
            <Chip tone="warn" icon={<TriangleAlert aria-hidden />}>
              {t("note.stale")}
            </Chip>
          </span>
        ) : (
          own && (
            <span title={t("note.ownHint")}>
              <Chip tone="outline" icon={<PencilLine aria-hidden />}>
                {t("note.own")}
              </Chip>
            </span>
          )
        )}
      </button>
      {onChange !== undefined && (
        <span className="flex shrink-0 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
          <button
            type="button"
            aria-label={t("note.editSentence", { text: sentence.text })}
            onClick={() => setEditing(true)}
            className="grid size-11 place-items-center rounded-lg text-ink-3 hover:text-ink"
          >
            <PencilLine aria-hidden className="size-4.5" />
          </button>
          <button
            type="button"
            aria-label={t("note.removeSentence", { text: sentence.text })}
            onClick={() => onChange("")}
            className="grid size-11 place-items-center rounded-lg text-ink-3 hover:text-danger"
          >
            <Trash2 aria-hidden className="size-4.5" />
          </button>
        </span>
      )}
    </div>
  );
}

type EditorProps = { text: string; label: string; onChange: (text: string) => void; onClose: () => void };

/** Words being typed. They are kept when typing pauses, and at the end; Escape brings the words of the beginning back. */
export function SentenceEditor({ text, label, onChange, onClose }: EditorProps) {
  const [typed, setTyped] = useState(text);
  const began = useRef(text);
  const kept = useRef(text);
  const save = useRef(onChange);
  save.current = onChange;
  const field = useRef<HTMLTextAreaElement>(null);
  const waiting = useRef<number | undefined>(undefined);

  const keep = (words: string) => {
    window.clearTimeout(waiting.current);
    if (words.trim() === kept.current.trim()) return;
    kept.current = words;
    save.current(words);
  };
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(text.length, text.length);
    field.current?.scrollIntoView({ block: "nearest" });
    return () => window.clearTimeout(waiting.current);
    // Only as it opens: what is typed here is not written over by what was kept.
  }, []);

  return (
    <textarea
      ref={field}
      value={typed}
      dir="auto"
      aria-label={label}
      rows={Math.min(8, Math.max(2, Math.ceil(typed.length / 56)))}
      onChange={(event) => {
        const words = event.target.value;
        setTyped(words);
        window.clearTimeout(waiting.current);
        // An emptied field takes the sentence out only once it is left.
        if (words.trim() !== "") waiting.current = window.setTimeout(() => keep(words), PAUSE_MS);
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") {
          setTyped(began.current);
          keep(began.current);
          onClose();
        }
        if (event.key === "Enter" && !event.shiftKey) {
          event.preventDefault();
          keep(typed);
          onClose();
        }
      }}
      onBlur={() => {
        keep(typed);
        onClose();
      }}
      className="w-full resize-y rounded-lg border border-edge bg-surface px-3 py-2 text-body leading-snug text-ink select-text"
    />
  );
}
