import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FlaskConical, Plus, Save, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { reference } from "@/features/extraction/schemas";
import type { JsonValue } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { count, duration } from "@/lib/format";
import { t } from "@/lib/i18n";
import { Choice } from "./Choice";
import { fieldsOf, KINDS, type Kind, type SchemaField, withField } from "./fields";
import { Findings } from "./Findings";
import { Marked } from "./Marked";
import { SchemaHistory } from "./SchemaHistory";

const EMPTY = `{
  "type": "object",
  "properties": {},
  "additionalProperties": false
}`;

/** What tells a bundled schema from one of the library in the choice. */
const PRESET = "preset:";

/** A schema as fields and as JSON, side by side and in step; checked, tried on one report, and kept as a version. */
export function SchemaPane() {
  const ipc = useIpc();
  const client = useQueryClient();
  const schemas = useQuery({ queryKey: ["schemas"], queryFn: () => ipc.call("list_schemas", {}) });
  const datasets = useQuery({ queryKey: ["datasets"], queryFn: () => ipc.call("list_datasets", {}) });
  const [name, setName] = useState("");
  const [raw, setRaw] = useState(EMPTY);
  const [dataset, setDataset] = useState("");
  const [opened, setOpened] = useState("");
  const presets = useQuery({ queryKey: ["presets"], queryFn: () => ipc.call("list_presets", {}), staleTime: Infinity });
  const rawId = useId();
  const read = parse(raw);
  const on = dataset || (datasets.data?.[0]?.id ?? "");
  const definition = read.ok ? read.value : null;
  const check = useMutation({ mutationFn: () => ipc.call("check_schema", { definition }) });
  const save = useMutation({
    mutationFn: () => ipc.call("add_schema", { name: name.trim(), definition }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["schemas"] }),
  });
  const trial = useMutation({
    mutationFn: (documents: number) => ipc.call("try_schema", { dataset: on, definition: definition ?? {}, documents }),
  });
  const edit = (text: string) => {
    setRaw(text);
    check.reset();
    save.reset();
  };
  const change = (at: number, field: SchemaField | null) => edit(JSON.stringify(withField(definition ?? {}, at, field), null, 2));
  const open = (chosen: string) => {
    const preset = presets.data?.find((p) => PRESET + p.name === chosen);
    const schema = preset ?? schemas.data?.find((s) => reference(s) === chosen);
    setOpened(preset === undefined ? chosen : "");
    setName(schema?.name ?? "");
    edit(schema === undefined ? EMPTY : JSON.stringify(schema.definition, null, 2));
    trial.reset();
  };
  const fields = fieldsOf(definition);

  return (
    <div className="space-y-5">
      <div className="flex items-end gap-4">
        <Choice
          label={t("batches.schema")}
          className="w-72"
          defaultValue=""
          onChange={(e) => open(e.target.value)}
          options={[
            ["", t("batches.newSchema")],
            ...(schemas.data ?? []).map((s) => [reference(s), reference(s)] as const),
            ...(presets.data ?? []).map((p) => [PRESET + p.name, t("batches.preset", { title: p.title })] as const),
          ]}
        />
        <Field label={t("batches.schemaName")} value={name} onChange={(e) => setName(e.target.value)} className="w-72" />
        <span className="flex-1" />
        <Button disabled={!read.ok} onClick={() => check.mutate()}>
          {t("batches.check")}
        </Button>
        <Button look="primary" disabled={!read.ok || name.trim() === "" || save.isPending} onClick={() => save.mutate()} icon={<Save aria-hidden className="size-4.5" />}>
          {t("batches.save")}
        </Button>
      </div>
      {check.data?.length === 0 && <Notice tone="good" title={t("batches.valid")} />}
      {check.data !== undefined && check.data.length > 0 && (
        <Notice tone="warn" title={t("errors.schema_invalid.title")} urgent>
          <ul>
            {check.data.map((f) => (
              <li key={f.pointer + f.message}>{t("batches.fault", { place: f.pointer || t("batches.wholeSchema"), message: f.message })}</li>
            ))}
          </ul>
        </Notice>
      )}
      {save.data !== undefined && <Notice tone="good" title={t("batches.saved", { name: save.data.name, version: save.data.version })} />}
      {[check.error, save.error, trial.error].map((e, i) => e !== null && <ErrorNotice key={i} error={e} />)}
      <div className="grid grid-cols-2 gap-5 max-lg:grid-cols-1">
        <section aria-label={t("batches.visual")} className="space-y-3 rounded-xl border border-line bg-surface p-5">
          <h2 className="text-lead font-semibold">{t("batches.visual")}</h2>
          {fields.length === 0 && <p className="max-w-md text-pretty text-ink-2">{t("batches.noFields")}</p>}
          {fields.map((field, i) => (
            <FieldCard key={i} field={field} onChange={(next) => change(i, next)} />
          ))}
          <Button
            disabled={!read.ok}
            icon={<Plus aria-hidden className="size-4.5" />}
            onClick={() => change(fields.length, { name: `field_${fields.length + 1}`, kind: "text", description: "", choices: [] })}
          >
            {t("batches.addField")}
          </Button>
        </section>
        <section aria-labelledby={`${rawId}-label`} className="flex flex-col rounded-xl border border-line bg-surface p-5">
          <label id={`${rawId}-label`} htmlFor={rawId} className="text-lead font-semibold">
            {t("batches.raw")}
          </label>
          <textarea
            id={rawId}
            spellCheck={false}
            value={raw}
            onChange={(e) => edit(e.target.value)}
            aria-invalid={!read.ok}
            aria-describedby={`${rawId}-fault`}
            className="scroll-quiet mt-3 min-h-80 flex-1 resize-none rounded-lg border border-edge bg-page p-3 font-mono text-meta text-ink select-text"
          />
          <p id={`${rawId}-fault`} className="mt-1.5 text-meta text-danger empty:hidden">
            {read.ok ? "" : t("batches.rawFault", { fault: read.fault })}
          </p>
        </section>
      </div>
      {opened !== "" && <SchemaHistory key={opened} schema={opened} />}
      <section aria-label={t("batches.try")} className="rounded-xl border border-line bg-surface p-5">
        <div className="flex items-end gap-4">
          <Choice
            label={t("batches.dataset")}
            className="w-72"
            value={on}
            onChange={(e) => setDataset(e.target.value)}
            options={(datasets.data ?? []).map((d) => [d.id, d.name] as const)}
          />
          <Button disabled={on === "" || !read.ok || trial.isPending} onClick={() => trial.mutate(1)} icon={<FlaskConical aria-hidden className="size-4.5" />}>
            {trial.isPending ? t("batches.trying") : t("batches.try")}
          </Button>
          <Button disabled={on === "" || !read.ok || trial.isPending} onClick={() => trial.mutate(5)}>
            {t("batches.tryFive")}
          </Button>
          {trial.data !== undefined && trial.data.results.length > 0 && (
            <p role="status" className="pb-3 text-ink-2 tabular-nums">
              {t("batches.estimate", {
                count: trial.data.results.length,
                seconds: trial.data.results.reduce((sum, r) => sum + r.seconds, 0).toFixed(1),
                documents: count(trial.data.documents),
                time: duration(trial.data.estimate_s),
              })}
            </p>
          )}
        </div>
        {trial.data?.results.map((result, i) => (
          <div key={i} className="mt-4 grid grid-cols-2 gap-5 max-lg:grid-cols-1 border-t border-line pt-4">
            <Marked text={result.text} findings={result.extraction.findings} chosen={null} />
            <Findings findings={result.extraction.findings} chosen={null} onChoose={() => undefined} />
          </div>
        ))}
      </section>
    </div>
  );
}

function FieldCard({ field, onChange }: { field: SchemaField; onChange: (next: SchemaField | null) => void }) {
  const kinds = field.kind === "other" ? [...KINDS, "other" as const] : KINDS;
  return (
    <div className="space-y-2 rounded-lg border border-line p-3">
      <div className="grid grid-cols-[1fr_11rem_auto] max-sm:grid-cols-1 items-end gap-3">
        <Field label={t("batches.field")} value={field.name} onChange={(e) => onChange({ ...field, name: e.target.value })} />
        <Choice
          label={t("batches.fieldType")}
          value={field.kind}
          onChange={(e) => {
            const kind = e.target.value as Kind;
            onChange({ ...field, kind, choices: kind === "choice" && field.choices.length === 0 ? ["yes", "no"] : field.choices });
          }}
          options={kinds.map((k) => [k, t(`batches.kinds.${k}`)] as const)}
        />
        <Button look="quiet" aria-label={t("batches.removeField", { name: field.name })} onClick={() => onChange(null)} icon={<Trash2 aria-hidden className="size-4.5" />} />
      </div>
      <Field label={t("batches.fieldDescription")} value={field.description} onChange={(e) => onChange({ ...field, description: e.target.value })} />
      {field.kind === "choice" && (
        <Field
          label={t("batches.choices")}
          defaultValue={field.choices.join(", ")}
          onBlur={(e) => onChange({ ...field, choices: e.target.value.split(",").map((c) => c.trim()).filter((c) => c !== "") })}
        />
      )}
    </div>
  );
}

type Read = { ok: true; value: JsonValue } | { ok: false; fault: string };

function parse(text: string): Read {
  try {
    return { ok: true, value: JSON.parse(text) as JsonValue };
  } catch (thrown) {
    return { ok: false, fault: thrown instanceof Error ? thrown.message : "" };
  }
}
