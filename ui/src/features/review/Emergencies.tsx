import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, Siren } from "lucide-react";
import { Button } from "@/components/Button";
import { Chip } from "@/components/Chip";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Moment } from "@/components/Moment";
import type { EmergencyDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { date, timeOfDay } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";

const OUTCOMES = ["explained", "followed_up", "false_alarm"] as const;

/** Who opened another's visit in an emergency, why, and whether somebody looked at it since. The open ones come first. */
export function Emergencies() {
  const ipc = useIpc();
  const list = useQuery({ queryKey: ["audit", "emergencies"], queryFn: () => ipc.call("list_emergencies", {}) });
  const sorted = [...(list.data ?? [])].sort((a, b) => Number(a.reviewed !== null) - Number(b.reviewed !== null));
  return (
    <section aria-label={t("review.emergencies")} className="space-y-3">
      <h2 className="text-title font-semibold">{t("review.emergencies")}</h2>
      {list.isError && <ErrorNotice error={list.error} />}
      {list.data?.length === 0 && <p className="text-ink-3">{t("review.noEmergencies")}</p>}
      {sorted.map((one) => (
        <Row key={one.seq} one={one} />
      ))}
    </section>
  );
}

function Row({ one }: { one: EmergencyDto }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const review = useMutation({
    mutationFn: (reason: string) => ipc.call("audit_acknowledge", { seq: one.seq, reason }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["audit"] });
      // The bar counts what the log found at its last look.
      await client.invalidateQueries({ queryKey: ["status"] });
    },
  });
  const open = one.reviewed === null;
  const moment = (at: Date) => `${date(at)}, ${timeOfDay(at)}`;
  return (
    <article
      aria-label={t("review.emergencyBy", { name: one.by })}
      data-open={open}
      className={`rounded-xl border bg-surface p-4 ${open ? "border-danger" : "border-line"}`}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Siren aria-hidden className={`size-5 ${open ? "text-danger" : "text-ink-3"}`} />
        <p className="font-semibold">{t("review.emergencyBy", { name: one.by })}</p>
        <p className="text-ink-2">{tIfAny(`emergency.reasons.${one.reason}`) ?? one.reason}</p>
        {!open && (
          <Chip tone="good" icon={<CircleCheck aria-hidden />}>
            {t("review.reviewedBy", { name: one.reviewed_by ?? "", what: tIfAny(`log.reasons.${one.review ?? ""}`) ?? "" })}
          </Chip>
        )}
      </div>
      <p className="dotted mt-1 text-ink-2">
        <span>
          {one.title !== null && one.owner !== null
            ? t("review.visitOf", { title: one.title, owner: one.owner })
            : t("review.visitPseudonym", { visit: one.visit })}
        </span>
        <Moment at={new Date(one.at)} format={moment} />
        {one.until !== null && <span>{t("review.until", { time: timeOfDay(new Date(one.until)) })}</span>}
      </p>
      {review.isError && (
        <div className="mt-3">
          <ErrorNotice error={review.error} />
        </div>
      )}
      {open && (
        <div role="group" aria-label={t("log.whatCame")} className="mt-3 flex flex-wrap items-center gap-2">
          <span className="mr-1 text-meta text-ink-2">{t("log.whatCame")}</span>
          {OUTCOMES.map((outcome) => (
            <Button key={outcome} disabled={review.isPending} onClick={() => review.mutate(outcome)}>
              {t(`log.reasons.${outcome}`)}
            </Button>
          ))}
        </div>
      )}
    </article>
  );
}
