import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Chip } from "@/components/Chip";
import { ErrorNotice } from "@/components/ErrorNotice";
import { reference } from "@/features/extraction/schemas";
import type { JsonValue } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { Choice } from "./Choice";

const TONE: Record<string, "good" | "danger" | "accent"> = { added: "good", removed: "danger", changed: "accent" };

/** What changed from an earlier version of a schema to this one, place by place. */
export function SchemaHistory({ schema }: { schema: string }) {
  const ipc = useIpc();
  const [name = ""] = schema.split("@");
  const [chosen, setChosen] = useState("");
  const versions = useQuery({ queryKey: ["schemas", name], queryFn: () => ipc.call("schema_versions", { name }) });
  const others = (versions.data ?? []).map(reference).filter((other) => other !== schema);
  const from = chosen || (others.at(-1) ?? "");
  const changes = useQuery({
    queryKey: ["schemas", "diff", from, schema],
    queryFn: () => ipc.call("diff_schemas", { from, to: schema }),
    enabled: from !== "",
  });
  if (others.length === 0) return null;
  return (
    <section aria-label={t("batches.changes")} className="rounded-xl border border-line bg-surface p-5">
      <div className="flex items-end gap-4">
        <Choice label={t("batches.changesSince")} className="w-72" value={from} onChange={(e) => setChosen(e.target.value)} options={others.map((o) => [o, o] as const)} />
        {changes.data?.length === 0 && <p className="pb-3 text-ink-3">{t("batches.noChanges")}</p>}
      </div>
      {changes.isError && <ErrorNotice error={changes.error} />}
      <ul className="mt-3 divide-y divide-line">
        {changes.data?.map((change) => (
          <li key={change.place} className="grid grid-cols-[7rem_1fr_1fr_1fr] items-baseline gap-4 py-2 text-meta">
            <span>
              <Chip tone={TONE[change.change] ?? "accent"}>{t(`batches.changeKinds.${change.change as "added"}`)}</Chip>
            </span>
            <code className="font-mono break-all">{change.place}</code>
            <code className="font-mono break-words text-danger">{short(change.before)}</code>
            <code className="font-mono break-words text-good">{short(change.after)}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

const LONGEST = 160;

function short(value: JsonValue): string {
  if (value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
