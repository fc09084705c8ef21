import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { Consent, consentOf, useConsentDraft } from "./Consent";

type Props = { onOpened: (id: string, mayRecord: boolean) => void };

/** Who and what for, and what the patient said to being recorded. */
export function NewVisit({ onOpened }: Props) {
  const ipc = useIpc();
  const select = useId();
  const [title, setTitle] = useState("");
  const [purpose, setPurpose] = useState("");
  const [template, setTemplate] = useState("");
  const [draft, setDraft] = useConsentDraft();
  const schemas = useQuery({ queryKey: ["schemas"], queryFn: () => ipc.call("list_schemas", {}) });
  const open = useMutation({
    mutationFn: () =>
      ipc.call("create_encounter", {
        title: title.trim(),
        purpose: purpose.trim() === "" ? null : purpose.trim(),
        template: template === "" ? null : template,
        consent: consentOf(draft),
      }),
    onSuccess: (opened) => onOpened(opened.encounter.id, opened.may_record),
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (title.trim() !== "") open.mutate();
  };
  const words = open.isPending ? t("newVisit.busy") : t(draft.decision === "given" ? "newVisit.goRecord" : "newVisit.go");

  return (
    <form onSubmit={submit} className="space-y-4">
      <div className="space-y-4 rounded-xl border border-line bg-surface p-5">
        <Field
          label={t("newVisit.name")}
          hint={t("newVisit.nameHint")}
          name="title"
          value={title}
          onChange={(e) => setTitle(e.target.value)}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          autoFocus
          required
        />
        <div className="grid grid-cols-2 gap-5 max-md:grid-cols-1">
          <Field
            label={t("newVisit.purpose")}
            hint={t("newVisit.purposeHint")}
            name="purpose"
            value={purpose}
            onChange={(e) => setPurpose(e.target.value)}
            maxLength={200}
            autoComplete="off"
          />
          <div>
            <label htmlFor={select} className="mb-1.5 block font-medium text-ink">
              {t("newVisit.template")}
            </label>
            <select
              id={select}
              name="template"
              value={template}
              onChange={(e) => setTemplate(e.target.value)}
              className="h-11 w-full rounded-lg border border-edge bg-surface pr-10 pl-3.5 text-body text-ink"
            >
              <option value="">{t("newVisit.templateNone")}</option>
              {schemas.data?.map((schema) => (
                <option key={schema.id} value={`${schema.name}@${schema.version}`}>
                  {schema.name}
                </option>
              ))}
            </select>
          </div>
        </div>
      </div>
      <div className="space-y-4 rounded-xl border border-line bg-surface p-5">
        <Consent draft={draft} onChange={setDraft} optional />
        {draft.decision !== "given" && (
          <Notice tone={draft.decision === "declined" ? "warn" : "info"} title={t(draft.decision === "declined" ? "newVisit.declined" : "newVisit.notAsked")}>
            {t(draft.decision === "declined" ? "newVisit.declinedNote" : "newVisit.notAskedNote")}
          </Notice>
        )}
      </div>
      {open.isError && <ErrorNotice error={open.error} />}
      <div className="sticky bottom-0 -mx-1 border-t border-line bg-page px-1 py-3">
        <Button look="primary" type="submit" disabled={open.isPending || title.trim() === ""}>
          {words}
        </Button>
      </div>
    </form>
  );
}
