import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { useIpc } from "@/ipc/context";
import type { ColumnChoice, DatasetImported, FileSettings } from "@/ipc/research";
import type { Preview } from "@/ipc/research.gen";
import { count } from "@/lib/format";
import { t } from "@/lib/i18n";
import { Choice, Tick } from "./Choice";

type Props = { first: Preview; onDone: (made: DatasetImported) => void; onClose: () => void };

/** How a file would be read, and the choices that change it; nothing is imported before the last button. */
export function ImportWizard({ first, onDone, onClose }: Props) {
  const ipc = useIpc();
  const [seen, setSeen] = useState(first);
  const [columns, setColumns] = useState<ColumnChoice>({});
  const [settings, setSettings] = useState<FileSettings>({});
  const [name, setName] = useState(first.file.replace(/\.[^.]*$/, "").replace(/[^\p{L}\p{N}\-_. ]/gu, " ").slice(0, 100));
  const again = useMutation({
    mutationFn: (asked: { columns: ColumnChoice; settings: FileSettings }) =>
      ipc.call("preview_dataset", { again: true, ...asked }),
    onSuccess: (preview) => preview !== null && setSeen(preview),
  });
  const keep = useMutation({
    mutationFn: () => ipc.call("import_dataset", { name, previewed: true, columns, settings }),
    onSuccess: (made) => made !== null && onDone(made),
  });
  const change = (c: Partial<ColumnChoice>, s: Partial<FileSettings> = {}) => {
    const next = { columns: { ...columns, ...c }, settings: { ...settings, ...s } };
    setColumns(next.columns);
    setSettings(next.settings);
    again.mutate(next);
  };
  const { format } = seen;
  const named = seen.columns.map((c) => [c, c] as const);
  const stopped = seen.fault !== null || seen.duplicate_ids > 0 || seen.usable === 0;

  return (
    <section aria-label={t("batches.wizard", { file: seen.file })} className="appear space-y-5 rounded-xl border border-line bg-surface p-6">
      <div>
        <h2 className="text-title font-semibold">{t("batches.wizard", { file: seen.file })}</h2>
        <p className="mt-0.5 text-ink-2">{t("batches.wizardLead")}</p>
      </div>
      <div className="grid grid-cols-3 gap-x-4 max-lg:grid-cols-2 max-sm:grid-cols-1 gap-y-3">
        {format.sheets.length > 0 && (
          <Choice
            label={t("batches.sheet")}
            value={format.sheet ?? ""}
            onChange={(e) => change({}, { sheet: e.target.value })}
            options={format.sheets.map((s) => [s, s] as const)}
          />
        )}
        {format.encoding !== null && (
          <Choice
            label={t("batches.encoding")}
            value={format.encoding}
            onChange={(e) => change({}, { encoding: e.target.value })}
            options={[...new Set([format.encoding, "utf-8", "windows-1252", "utf-16le", "iso-8859-2"])].map((e) => [e, e] as const)}
          />
        )}
        {format.delimiter !== null && (
          <Choice
            label={t("batches.delimiter")}
            value={format.delimiter}
            onChange={(e) => change({}, { delimiter: e.target.value })}
            options={[...new Set([format.delimiter, ",", ";", "\t", "|"])].map((d) => [d, d === "\t" ? t("batches.tab") : d] as const)}
          />
        )}
        {format.kind !== "folder" && (
          <>
            <Choice
              label={t("batches.textColumn")}
              value={seen.text[0] ?? ""}
              onChange={(e) => change({ text: e.target.value === "" ? [] : [e.target.value] })}
              options={[["", t("batches.guess")], ...named]}
            />
            <Choice
              label={t("batches.idColumn")}
              value={seen.id ?? ""}
              onChange={(e) => change({ id: e.target.value === "" ? null : e.target.value })}
              options={[["", t("batches.rowNumber")], ...named]}
            />
            <Choice
              label={t("batches.patientColumn")}
              value={seen.patient ?? ""}
              onChange={(e) => change({ patient: e.target.value === "" ? null : e.target.value })}
              options={[["", t("batches.none")], ...named]}
            />
          </>
        )}
        {(format.kind === "table" || format.kind === "workbook") && (
          <Tick label={t("batches.header")} checked={format.header} onChange={(e) => change({}, { header: e.target.checked })} />
        )}
      </div>
      {(format.kind === "table" || format.kind === "workbook") && (
        <fieldset>
          <legend className="font-medium">{t("batches.gold")}</legend>
          <p className="text-meta text-ink-3">{t("batches.goldHint")}</p>
          <div className="mt-1 flex flex-wrap gap-x-6">
            {seen.columns
              .filter((c) => !seen.text.includes(c) && c !== seen.id && c !== seen.patient)
              .map((c) => (
                <Tick
                  key={c}
                  label={c}
                  checked={columns.gold?.[c] !== undefined}
                  onChange={(e) => {
                    const { [c]: _, ...others } = columns.gold ?? {};
                    change({ gold: e.target.checked ? { ...others, [c]: c } : others });
                  }}
                />
              ))}
          </div>
        </fieldset>
      )}
      <Rows seen={seen} />
      <div className="space-y-3">
        <p role="status" className="font-medium tabular-nums">
          {t("batches.counts", { total: count(seen.total), usable: count(seen.usable), left: count(seen.left_out) })}
          <span className="font-normal text-ink-2">
            {seen.patients > 0 && ` · ${t("batches.patients", { count: seen.patients })}`}
            {seen.gold > 0 && ` · ${t("batches.withGold", { count: seen.gold })}`}
          </span>
        </p>
        {seen.fault !== null && <Notice tone="warn" title={seen.fault} />}
        {seen.duplicate_ids > 0 && <Notice tone="danger" title={t("batches.duplicateIds", { count: seen.duplicate_ids })} />}
        {seen.duplicate_texts > 0 && <Notice tone="info" title={t("batches.duplicateTexts", { count: seen.duplicate_texts })} />}
        {seen.problems.length + seen.duplicates.length > 0 && (
          <ul tabIndex={0} className="scroll-quiet selectable max-h-32 text-meta text-ink-2">
            {seen.problems.map((p) => (
              <li key={`p${p.row}`}>{t("batches.leftOut", { row: p.row, reason: p.reason })}</li>
            ))}
            {seen.duplicates.map((d) => (
              <li key={`${d.what}${d.second}`}>{t("batches.same", { first: d.first, second: d.second, what: d.what })}</li>
            ))}
          </ul>
        )}
        {again.isError && <ErrorNotice error={again.error} />}
        {keep.isError && <ErrorNotice error={keep.error} />}
      </div>
      <div className="flex items-end gap-3">
        <Field label={t("batches.name")} value={name} onChange={(e) => setName(e.target.value)} className="w-96" />
        <span className="flex-1" />
        <Button onClick={onClose}>{t("batches.close")}</Button>
        <Button look="primary" disabled={stopped || name.trim() === "" || keep.isPending || again.isPending} onClick={() => keep.mutate()}>
          {t("batches.import")}
        </Button>
      </div>
    </section>
  );
}

function Rows({ seen }: { seen: Preview }) {
  return (
    <div tabIndex={0} aria-label={t("batches.previewTable")} role="region" className="scroll-quiet max-h-64 rounded-lg border border-line">
      <table className="w-full text-meta">
        <thead className="sticky top-0 bg-sunken text-left text-ink-2">
          <tr>
            {seen.columns.map((c) => (
              <th key={c} scope="col" className="px-3 py-2 font-medium whitespace-nowrap">
                {c}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="selectable">
          {seen.rows.map((row, i) => (
            <tr key={i} className="border-t border-line align-top">
              {seen.columns.map((c, j) => (
                <td key={c} className="max-w-80 truncate px-3 py-1.5" title={row[j]}>
                  {row[j]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
