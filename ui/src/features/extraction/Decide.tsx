import { Check, PencilLine, Undo2, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import type { FindingDecisionDto, FindingDto, JsonValue } from "@/ipc/bindings.gen";
import { valueText } from "@/lib/fields";
import { t } from "@/lib/i18n";

export type OnDecide = (verdict: "accept" | "reject" | "edit" | "undo", value?: JsonValue) => void;

type Props = { finding: FindingDto; decision: FindingDecisionDto | undefined; onDecide: OnDecide };

/** What a person says about the chosen finding: by buttons, or by A, R and E. */
export function Decide({ finding, decision, onDecide }: Props) {
  const [correcting, setCorrecting] = useState(false);
  const acts = useRef<Record<string, () => void>>({});
  acts.current = {
    a: () => onDecide("accept"),
    r: () => onDecide("reject"),
    e: () => setCorrecting(true),
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest("input, textarea, select, [role=menu], [role=dialog]")) return;
      const act = acts.current[event.key.toLowerCase()];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  if (correcting) {
    const value = decision?.verdict === "edit" ? decision.value : finding.value;
    return <Correct value={value} onKeep={(to) => onDecide("edit", to)} onClose={() => setCorrecting(false)} />;
  }
  return (
    <div className="flex flex-wrap items-center gap-2 bg-accent-soft pr-4 pb-3 pl-5">
      <Button icon={<Check aria-hidden className="size-4.5" />} aria-pressed={decision?.verdict === "accept"} onClick={() => onDecide("accept")}>
        {t("note.accept")}
      </Button>
      <Button icon={<X aria-hidden className="size-4.5" />} aria-pressed={decision?.verdict === "reject"} onClick={() => onDecide("reject")}>
        {t("note.reject")}
      </Button>
      <Button icon={<PencilLine aria-hidden className="size-4.5" />} onClick={() => setCorrecting(true)}>
        {t("note.correct")}
      </Button>
      {decision !== undefined && (
        <Button look="quiet" icon={<Undo2 aria-hidden className="size-4.5" />} onClick={() => onDecide("undo")}>
          {t("note.undo")}
        </Button>
      )}
    </div>
  );
}

function Correct({ value, onKeep, onClose }: { value: JsonValue; onKeep: (value: JsonValue) => void; onClose: () => void }) {
  const [text, setText] = useState(valueText(value, { yes: "true", no: "false" }) ?? "");
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.select(), []);
  return (
    <form
      ref={form}
      className="flex items-end gap-2 bg-accent-soft pr-4 pb-3 pl-5"
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") onClose();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() === "") return;
        onKeep(like(value, text));
        onClose();
      }}
    >
      <Field label={t("note.rightValue")} value={text} onChange={(event) => setText(event.target.value)} className="flex-1" />
      <Button type="submit" look="primary">
        {t("note.keep")}
      </Button>
      <Button look="quiet" onClick={onClose}>
        {t("note.cancel")}
      </Button>
    </form>
  );
}

/** What was typed, of the kind of value that it replaces where it can be. */
function like(value: JsonValue, text: string): JsonValue {
  const typed = text.trim();
  if (typeof value === "number" && typed !== "" && Number.isFinite(Number(typed))) return Number(typed);
  if (typeof value === "boolean" && (typed === "true" || typed === "false")) return typed === "true";
  return typed;
}
