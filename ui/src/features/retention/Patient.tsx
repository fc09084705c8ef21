import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Search, UserRoundX } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import type { OfPatientDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { count, date } from "@/lib/format";
import { t } from "@/lib/i18n";
import { HoldThis } from "./HoldThis";

/** Everything of one patient: looked for, shown, and erased when somebody types the number again. */
export function Patient() {
  const ipc = useIpc();
  const client = useQueryClient();
  const [number, setNumber] = useState("");
  const [again, setAgain] = useState("");
  /** The number that was looked for: asked for again when a hold is set or released. */
  const [asked, setAsked] = useState<string>();
  const find = useQuery({
    queryKey: ["patient", asked],
    queryFn: () => ipc.call("preview_patient", { patient: asked ?? "" }),
    enabled: asked !== undefined,
  });
  const erase = useMutation({
    mutationFn: () => ipc.call("erase_patient", { patient: number.trim() }),
    onSuccess: () => {
      setAsked(undefined);
      setNumber("");
      setAgain("");
    },
    onSettled: () => client.invalidateQueries(),
  });
  const search = (event: FormEvent) => {
    event.preventDefault();
    erase.reset();
    setAgain("");
    setAsked(number.trim());
    if (asked === number.trim()) void find.refetch();
  };
  const found = find.data;
  const any = found !== undefined && found.visits.length + found.reports.length > 0;

  return (
    <section aria-labelledby="patient" className="space-y-4 rounded-xl border border-line bg-surface p-5">
      <div>
        <h2 id="patient" className="text-lead font-semibold">
          {t("retention.patientTitle")}
        </h2>
        <p className="mt-1 max-w-2xl text-ink-2">{t("retention.patientLead")}</p>
      </div>
      <form onSubmit={search} className="flex flex-wrap items-start gap-3">
        <Field
          className="min-w-64 flex-1"
          label={t("retention.number")}
          hint={t("retention.numberHint")}
          value={number}
          onChange={(e) => {
            setNumber(e.target.value);
            setAsked(undefined);
          }}
          autoComplete="off"
          spellCheck={false}
          required
        />
        <Button type="submit" className="mt-6.5" disabled={find.isFetching || number.trim() === ""} icon={<Search aria-hidden className="size-4.5" />}>
          {t("retention.look")}
        </Button>
      </form>
      {find.isError && <ErrorNotice error={find.error} />}
      {erase.isError && <ErrorNotice error={erase.error} />}
      {erase.data !== undefined && (
        <Notice tone="good" title={t("retention.patientDone", { count: erase.data.erased.length })} urgent>
          {t("retention.patientDoneBody", { held: erase.data.held.visits.length + erase.data.held.reports.length })}
        </Notice>
      )}
      {found !== undefined && !any && <Notice tone="info" title={t("retention.noPatient")} urgent />}
      {found !== undefined && any && (
        <>
          <Found found={found} />
          <div className="flex flex-wrap items-start gap-3">
            <Field
              className="min-w-64 flex-1"
              label={t("retention.again")}
              hint={t("retention.againHint")}
              value={again}
              onChange={(e) => setAgain(e.target.value)}
              autoComplete="off"
              spellCheck={false}
            />
            <Button
              look="primary"
              className="mt-6.5"
              onClick={() => erase.mutate()}
              disabled={again.trim() !== number.trim() || erase.isPending}
              icon={<UserRoundX aria-hidden className="size-4.5" />}
            >
              {t("retention.erase")}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}

function Found({ found }: { found: OfPatientDto }) {
  return (
    <ul className="space-y-1 rounded-lg bg-sunken p-4 tabular-nums">
      {found.visits.map((visit) => (
        <Line key={visit.id} id={visit.id} held={visit.held} words={t("retention.visitOf", { date: date(new Date(visit.created)) })} />
      ))}
      {found.reports.map((reports) => (
        <Line
          key={reports.dataset}
          id={reports.dataset}
          held={reports.held}
          words={t("retention.reportsOf", { count: reports.documents, shown: count(reports.documents), name: reports.name })}
        />
      ))}
    </ul>
  );
}

function Line({ id, held, words }: { id: string; held: boolean; words: string }) {
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-3">
      {words}
      {held ? <span className="text-warn">{t("retention.held")}</span> : <HoldThis id={id} name={words} />}
    </li>
  );
}
