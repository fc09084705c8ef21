import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Siren, X } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { useIpc } from "@/ipc/context";
import { date, timeOfDay } from "@/lib/format";
import { t } from "@/lib/i18n";
import { StateChip } from "./StateChip";

const REASONS = ["emergency_care", "owner_unreachable", "patient_safety", "patient_request"] as const;

type Props = { onOpen: (id: string) => void; onClose: () => void };

/** Another's visit in an emergency: found by the whole record number, opened for an hour, reviewed afterwards. */
export function Emergency({ onOpen, onClose }: Props) {
  const ipc = useIpc();
  const client = useQueryClient();
  const pick = useId();
  const [record, setRecord] = useState("");
  const [reason, setReason] = useState("");
  const find = useMutation({ mutationFn: () => ipc.call("find_emergency_visits", { record: record.trim() }) });
  const open = useMutation({
    mutationFn: (id: string) => ipc.call("break_glass", { id, reason }),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ["encounters"] });
      onOpen(id);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (record.trim() !== "" && reason !== "") find.mutate();
  };
  const failed = find.error ?? open.error;
  return (
    <section aria-label={t("emergency.title")} className="appear space-y-4 rounded-xl border border-danger bg-surface p-5">
      <div className="flex items-start gap-4">
        <div className="flex-1">
          <h2 className="flex items-center gap-2 text-lead font-semibold">
            <Siren aria-hidden className="size-5 text-danger" />
            {t("emergency.title")}
          </h2>
          <p className="mt-1 max-w-3xl text-ink-2">{t("emergency.lead")}</p>
        </div>
        <Button look="quiet" className="-mt-2 -mr-2" onClick={onClose} icon={<X aria-hidden className="size-4.5" />}>
          {t("share.close")}
        </Button>
      </div>
      <form onSubmit={submit} className="flex flex-wrap items-start gap-4">
        <Field
          label={t("emergency.record")}
          hint={t("emergency.recordHint")}
          name="emergency-record"
          className="w-72"
          value={record}
          onChange={(event) => {
            setRecord(event.target.value);
            find.reset();
          }}
          autoComplete="off"
          spellCheck={false}
          autoFocus
        />
        <div>
          <label htmlFor={pick} className="mb-1.5 block font-medium">
            {t("emergency.reason")}
          </label>
          <select
            id={pick}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            className="h-11 w-80 rounded-lg border border-edge bg-surface px-3 text-body text-ink"
          >
            <option value="" disabled>
              {t("emergency.choose")}
            </option>
            {REASONS.map((each) => (
              <option key={each} value={each}>
                {t(`emergency.reasons.${each}`)}
              </option>
            ))}
          </select>
        </div>
        <Button type="submit" className="mt-6.5" disabled={record.trim() === "" || reason === "" || find.isPending}>
          {t("emergency.find")}
        </Button>
      </form>
      {failed !== null && <ErrorNotice error={failed} />}
      {find.data?.length === 0 && <p role="status" className="text-ink-2">{t("emergency.none")}</p>}
      {find.data !== undefined && find.data.length > 0 && (
        <ul className="divide-y divide-line rounded-lg border border-line">
          {find.data.map((visit) => (
            <li key={visit.id} className="flex min-h-14 items-center gap-4 px-4">
              <span className="w-44 tabular-nums">
                {date(new Date(visit.created))}, {timeOfDay(new Date(visit.created))}
              </span>
              <span className="flex-1 truncate">{t("share.of", { name: visit.owner })}</span>
              <StateChip state={visit.state} />
              <Button look="primary" disabled={open.isPending} onClick={() => open.mutate(visit.id)}>
                {t("emergency.open")}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
