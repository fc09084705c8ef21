import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { Fragment, useEffect, useRef, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import type { JsonValue } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { whatWasLost } from "@/lib/reasons";
import { Findings } from "./Findings";
import { Marked } from "./Marked";
import { RunChip } from "./RunChip";

type Props = { batch: string; document: string; review: boolean; onClose: () => void; onNext?: () => void };

/** One report: its words with the evidence marked, what was found, and, in a review, what is decided about it. */
export function ResultPanel({ batch, document, review, onClose, onNext }: Props) {
  const ipc = useIpc();
  const client = useQueryClient();
  const key = ["result", batch, document];
  const detail = useQuery({ queryKey: key, queryFn: () => ipc.call("show_result", { id: batch, document }) });
  const [chosen, setChosen] = useState<number | null>(null);
  const [editing, setEditing] = useState(false);
  useEffect(() => {
    setChosen(review ? 0 : null);
    setEditing(false);
  }, [document, review]);
  const findings = detail.data?.extraction?.findings ?? [];
  const finding = chosen === null ? undefined : findings[chosen];
  const decide = useMutation({
    mutationFn: (said: { verdict: string; value?: JsonValue }) =>
      ipc.call("decide_result", { id: batch, document, path: finding?.path ?? "", ...said }),
    onSuccess: (now, { verdict }) => {
      client.setQueryData(key, now);
      setEditing(false);
      if (verdict !== "undo") setChosen((c) => (c === null ? c : Math.min(c + 1, findings.length - 1)));
    },
  });
  useReviewKeys(review && !editing, {
    j: () => setChosen((c) => Math.min((c ?? -1) + 1, findings.length - 1)),
    k: () => setChosen((c) => Math.max((c ?? findings.length) - 1, 0)),
    a: () => finding !== undefined && decide.mutate({ verdict: "accept" }),
    r: () => finding !== undefined && decide.mutate({ verdict: "reject" }),
    e: () => finding !== undefined && setEditing(true),
    n: () => onNext?.(),
  });
  const d = detail.data;
  return (
    <aside aria-label={d?.document_id ?? t("batches.document")} className="flex w-[46rem] shrink-0 max-xl:w-[38rem] max-lg:w-full max-lg:shrink flex-col overflow-hidden rounded-xl border border-line bg-surface">
      <header className="flex items-center gap-3 border-b border-line px-5 py-2">
        <h2 className="min-w-0 truncate text-lead font-semibold">{d?.document_id}</h2>
        {d?.extraction != null && <RunChip status={d.extraction.status} />}
        {d?.patient != null && <span className="truncate text-ink-3">{d.patient}</span>}
        <span className="flex-1" />
        <Button look="quiet" aria-label={t("batches.closeDocument")} onClick={onClose} icon={<X aria-hidden className="size-4.5" />} />
      </header>
      {detail.isError && <ErrorNotice error={detail.error} />}
      {decide.isError && <ErrorNotice error={decide.error} />}
      {d !== undefined && (
        <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)] max-md:grid-cols-1">
          <div tabIndex={0} role="region" aria-label={t("batches.text")} className="scroll-quiet border-r border-line p-5">
            {d.text === null ? <p className="text-ink-3">{t("batches.noText")}</p> : <Marked text={d.text} findings={findings} chosen={chosen} />}
          </div>
          <div tabIndex={0} role="region" aria-label={t("findings.title")} className="scroll-quiet">
            {d.extraction === null && <p className="p-5 text-ink-3">{t("batches.noResult")}</p>}
            {d.extraction?.error != null && (
              <div className="p-3">
                <Notice tone="warn" title={whatWasLost(d.extraction.error)} />
              </div>
            )}
            <Findings findings={findings} decisions={d.decisions} chosen={chosen} onChoose={setChosen} />
            {d.gold !== null && (
              <div className="border-t border-line p-4">
                <h3 className="text-meta font-medium text-ink-2">{t("batches.goldSays")}</h3>
                <Gold labels={d.gold} />
              </div>
            )}
          </div>
        </div>
      )}
      {review && (
        <footer className="border-t border-line px-5 py-3">
          {editing && finding !== undefined ? (
            <Edit value={finding.value} onKeep={(value) => decide.mutate({ verdict: "edit", value })} onClose={() => setEditing(false)} />
          ) : (
            <div className="flex flex-wrap items-center gap-2">
              {(["accept", "reject", "undo"] as const).map((verdict) => (
                <Button key={verdict} disabled={finding === undefined} onClick={() => decide.mutate({ verdict })}>
                  {t(`batches.${verdict}`)}
                </Button>
              ))}
              <Button disabled={finding === undefined} onClick={() => setEditing(true)}>
                {t("batches.edit")}
              </Button>
              <p className="w-full text-meta text-ink-3">{t("batches.keys")}</p>
            </div>
          )}
        </footer>
      )}
    </aside>
  );
}

/** What is known to be right, a field a line. */
function Gold({ labels }: { labels: JsonValue }) {
  if (labels === null || typeof labels !== "object" || Array.isArray(labels)) {
    return <p className="selectable mt-1">{JSON.stringify(labels)}</p>;
  }
  return (
    <dl className="selectable mt-1.5 grid grid-cols-[5.5rem_minmax(0,1fr)] gap-x-3 gap-y-1">
      {Object.entries(labels).map(([field, value]) => (
        <Fragment key={field}>
          <dt className="truncate text-meta leading-5 text-ink-3" title={field}>{field}</dt>
          <dd className="break-words">{inWords(value)}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

function inWords(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(inWords).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

function Edit({ value, onKeep, onClose }: { value: JsonValue; onKeep: (value: JsonValue) => void; onClose: () => void }) {
  const [text, setText] = useState(typeof value === "string" ? value : JSON.stringify(value));
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  return (
    <form
      ref={form}
      className="flex items-end gap-2"
      onKeyDown={(e) => e.key === "Escape" && onClose()}
      onSubmit={(e) => {
        e.preventDefault();
        onKeep(typeof value === "string" ? text : read(text));
      }}
    >
      <Field label={t("batches.editValue")} value={text} onChange={(e) => setText(e.target.value)} className="flex-1" />
      <Button type="submit" look="primary">
        {t("batches.keep")}
      </Button>
      <Button onClick={onClose}>{t("batches.close")}</Button>
    </form>
  );
}

function read(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

/** One key, one act; not while something is typed. */
function useReviewKeys(on: boolean, acts: Record<string, () => unknown>) {
  const latest = useRef(acts);
  latest.current = acts;
  useEffect(() => {
    if (!on) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest("input, textarea, select, [role=menu], [role=dialog]")) return;
      const act = latest.current[event.key.toLowerCase()];
      if (act !== undefined) {
        event.preventDefault();
        act();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [on]);
}
