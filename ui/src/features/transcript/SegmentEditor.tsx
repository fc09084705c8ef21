import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/Button";
import { t } from "@/lib/i18n";

type Props = { text: string; saving: boolean; onSave: (text: string) => void; onClose: () => void };

/** The words of one segment, to be put right. Words that stay keep their moments. */
export function SegmentEditor({ text, saving, onSave, onClose }: Props) {
  const [typed, setTyped] = useState(text);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);
  const save = () => {
    if (typed.trim() === text.trim()) onClose();
    else onSave(typed);
  };
  return (
    <div className="py-1">
      <textarea
        ref={field}
        value={typed}
        rows={Math.min(8, Math.max(2, Math.ceil(typed.length / 60)))}
        aria-label={t("transcript.editText")}
        aria-describedby="segment-editor-keys"
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") onClose();
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            save();
          }
        }}
        className="w-full resize-y rounded-lg border border-edge bg-surface px-3 py-2 text-body text-ink"
      />
      <div className="mt-1.5 flex items-center gap-2">
        <Button look="primary" disabled={saving} onClick={save}>
          {t("transcript.save")}
        </Button>
        <Button look="quiet" onClick={onClose}>
          {t("transcript.discard")}
        </Button>
        <span id="segment-editor-keys" className="text-meta text-ink-3">
          {t("transcript.editKeys")}
        </span>
      </div>
    </div>
  );
}
