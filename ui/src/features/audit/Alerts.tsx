import { useMutation, useQueryClient } from "@tanstack/react-query";
import { BellRing, CircleCheck } from "lucide-react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Moment } from "@/components/Moment";
import type { AlertDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { date, timeOfDay } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";
import { type Names, alertWords, who } from "./words";

const REASONS = ["explained", "followed_up", "false_alarm"] as const;

/** What a person should look at, the open ones first, and what came of the others. */
export function Alerts({ alerts, names }: { alerts: AlertDto[]; names: Names }) {
  const open = alerts.filter((alert) => alert.acknowledged === null);
  const closed = alerts.filter((alert) => alert.acknowledged !== null);
  if (alerts.length === 0) {
    return (
      <div className="grid flex-1 place-content-center justify-items-center gap-3 rounded-xl border border-line bg-surface p-12 text-center">
        <CircleCheck aria-hidden className="size-9 text-good" />
        <p className="text-title font-semibold">{t("log.noAlerts")}</p>
        <p className="max-w-md text-ink-2">{t("log.noAlertsBody")}</p>
      </div>
    );
  }
  return (
    <div role="region" aria-label={t("log.alerts")} tabIndex={0} className="scroll-quiet -mr-6 min-h-0 flex-1 space-y-3 pr-6 focus-visible:-outline-offset-2">
      {[...open, ...closed].map((alert) => (
        <Alert key={alert.seq} alert={alert} names={names} />
      ))}
    </div>
  );
}

function Alert({ alert, names }: { alert: AlertDto; names: Names }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const acknowledge = useMutation({
    mutationFn: (reason: string) => ipc.call("audit_acknowledge", { seq: alert.seq, reason }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["audit"] });
      // The bar counts what the log found at its last look.
      await client.invalidateQueries({ queryKey: ["status"] });
    },
  });
  const { title, body } = alertWords(alert.kind, alert.count);
  const open = alert.acknowledged === null;
  return (
    <article
      aria-label={title}
      data-open={open}
      className={`rounded-xl border bg-surface p-5 ${open ? "border-danger/50" : "border-line"}`}
    >
      <div className="flex items-start gap-4">
        <span className={`grid size-10 shrink-0 place-items-center rounded-full ${open ? "bg-danger-soft text-danger" : "bg-sunken text-ink-3"}`}>
          {open ? <BellRing aria-hidden className="size-5" /> : <CircleCheck aria-hidden className="size-5" />}
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">{title}</h2>
          <p className="text-ink-2">{body}</p>
          <p className="dotted mt-1 text-meta text-ink-3 tabular-nums">
            <Moment at={new Date(alert.time)} format={(d) => `${date(d)} ${timeOfDay(d)}`} />
            <span>{t("log.line", { seq: alert.seq })}</span>
            {alert.about !== null && <span>{who(alert.about.replace(/^account:/, ""), names)}</span>}
          </p>
          {alert.acknowledged !== null && (
            <p className="mt-2 text-meta text-ink-2">
              {t("log.acknowledged", {
                who: who(alert.acknowledged_by, names),
                when: `${date(new Date(alert.acknowledged))} ${timeOfDay(new Date(alert.acknowledged))}`,
                reason: tIfAny(`log.reasons.${alert.acknowledged_reason ?? ""}`) ?? "",
              })}
            </p>
          )}
          {acknowledge.isError && (
            <div className="mt-3">
              <ErrorNotice error={acknowledge.error} />
            </div>
          )}
          {open && (
            <div role="group" aria-label={t("log.whatCame")} className="mt-3 flex flex-wrap items-center gap-2">
              <span className="mr-1 text-meta text-ink-2">{t("log.whatCame")}</span>
              {REASONS.map((reason) => (
                <Button key={reason} disabled={acknowledge.isPending} onClick={() => acknowledge.mutate(reason)}>
                  {t(`log.reasons.${reason}`)}
                </Button>
              ))}
            </div>
          )}
        </div>
      </div>
    </article>
  );
}
