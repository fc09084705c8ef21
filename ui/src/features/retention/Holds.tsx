import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Moment } from "@/components/Moment";
import { useIpc } from "@/ipc/context";
import type { HoldDto } from "@/ipc/keeping";
import { date } from "@/lib/format";
import { t } from "@/lib/i18n";

/** What nobody may erase for the time being, why, and its release. */
export function Holds() {
  const ipc = useIpc();
  const holds = useQuery({ queryKey: ["holds"], queryFn: () => ipc.call("list_holds", {}) });
  return (
    <section aria-labelledby="holds" className="rounded-xl border border-line bg-surface p-5">
      <h2 id="holds" className="text-lead font-semibold">
        {t("holds.title")}
      </h2>
      <p className="mt-1 max-w-2xl text-ink-2">{t("holds.lead")}</p>
      {holds.isError && <ErrorNotice error={holds.error} />}
      {holds.data?.length === 0 && <p className="mt-3 text-ink-3">{t("holds.none")}</p>}
      {holds.data !== undefined && holds.data.length > 0 && (
        <ul className="mt-3 divide-y divide-line">
          {holds.data.map((hold) => (
            <Held key={hold.id} hold={hold} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Held({ hold }: { hold: HoldDto }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const release = useMutation({
    mutationFn: () => ipc.call("hold_record", { id: hold.id, reason: null }),
    onSettled: () => client.invalidateQueries(),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 py-3">
      <div className="min-w-64 flex-1">
        <p className="selectable font-medium" dir="auto">
          {hold.reason}
        </p>
        <p className="text-meta text-ink-3">
          {t("holds.setBy", { by: hold.by })} <Moment at={new Date(hold.since)} format={date} />
        </p>
        <p className="selectable font-mono text-meta text-ink-3">{hold.id}</p>
        {release.isError && <ErrorNotice error={release.error} />}
      </div>
      {sure ? (
        <>
          <Button look="primary" onClick={() => release.mutate()} disabled={release.isPending}>
            {t("holds.sure")}
          </Button>
          <Button look="quiet" onClick={() => setSure(false)}>
            {t("holds.notNow")}
          </Button>
        </>
      ) : (
        <Button aria-label={t("holds.releaseWhat", { what: hold.reason })} onClick={() => setSure(true)}>
          {t("holds.release")}
        </Button>
      )}
    </li>
  );
}
