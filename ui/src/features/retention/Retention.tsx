import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import { Page } from "@/components/Page";
import type { RetentionDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { bytes, count, date } from "@/lib/format";
import { t } from "@/lib/i18n";
import { DueTable } from "./DueTable";
import { Holds } from "./Holds";
import { Patient } from "./Patient";
import { Receipts } from "./Receipts";
import { Rules } from "./Rules";

export const RETENTION = ["retention"];

/** For how long data are kept, what goes next, and everything of one patient. */
export function Retention() {
  const ipc = useIpc();
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const preview = useQuery({ queryKey: RETENTION, queryFn: () => ipc.call("preview_retention", {}) });
  const run = useMutation({
    mutationFn: () => ipc.call("apply_retention", {}),
    onSettled: () => {
      setSure(false);
      void client.invalidateQueries();
    },
  });

  return (
    <Page title={t("retention.title")} lead={t("retention.lead")}>
      {preview.isError && (
        <ErrorNotice error={preview.error} action={<Button onClick={() => void preview.refetch()}>{t("app.retry")}</Button>} />
      )}
      {preview.data !== undefined && (
        <>
          {preview.data.waits_for_a_person && (
            <Notice tone="warn" title={t("retention.waitsTitle")}>
              {t("retention.waitsBody")}
            </Notice>
          )}
          <Rules rules={preview.data} />
          <section aria-labelledby="due" className="space-y-3">
            <div className="flex flex-wrap items-center justify-between gap-3">
              <h2 id="due" className="text-lead font-semibold">
                {t("retention.dueTitle")}
              </h2>
              {free(preview.data) > 0 && !sure && (
                <Button onClick={() => setSure(true)} icon={<Trash2 aria-hidden className="size-4.5" />}>
                  {t("retention.run")}
                </Button>
              )}
            </div>
            {sure && (
              <Notice
                tone="danger"
                title={t("retention.sureTitle", { count: free(preview.data) })}
                urgent
                action={
                  <>
                    <Button look="primary" onClick={() => run.mutate()} disabled={run.isPending}>
                      {t("retention.sure")}
                    </Button>
                    <Button look="quiet" onClick={() => setSure(false)}>
                      {t("retention.notNow")}
                    </Button>
                  </>
                }
              >
                {t("retention.sureBody")}
              </Notice>
            )}
            {run.isError && <ErrorNotice error={run.error} />}
            {run.data !== undefined && (
              <Notice tone="good" title={t("retention.doneTitle", { count: run.data.erased.length })} urgent>
                {t("retention.doneBody", {
                  files: count(run.data.files),
                  bytes: bytes(run.data.bytes),
                  held: run.data.held,
                  later: run.data.later,
                })}
              </Notice>
            )}
            <DueTable due={preview.data.due} />
            <p className="text-meta text-ink-3">
              {preview.data.last === null
                ? t("retention.never")
                : t("retention.last", { at: date(new Date(preview.data.last)) })}
            </p>
          </section>
        </>
      )}
      <Patient />
      <Holds />
      <Receipts />
    </Page>
  );
}

/** What a run would erase: all but what holds keep. */
const free = (preview: RetentionDto): number => preview.due.filter((d) => !d.held).length;
