import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { TriangleAlert, UserRoundCheck } from "lucide-react";
import { Button } from "@/components/Button";
import { Chip } from "@/components/Chip";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Moment } from "@/components/Moment";
import type { EnrolmentDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { date, timeOfDay } from "@/lib/format";
import { t } from "@/lib/i18n";
import { roleName } from "./roles";

/** Who from the directory waits to be let in. Nothing is shown while nobody does. */
export function Requests({ onDecided }: { onDecided: () => void }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const waiting = useQuery({ queryKey: ["enrolments"], queryFn: () => ipc.call("list_enrolments", {}) });
  const decide = useMutation({
    mutationFn: async ({ request, approve }: { request: EnrolmentDto; approve: boolean }) => {
      // The fingerprint that was on the screen: one that was swapped meanwhile is refused.
      if (approve) await ipc.call("approve_enrolment", { user: request.user, fingerprint: request.fingerprint });
      else await ipc.call("refuse_enrolment", { user: request.user });
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["enrolments"] });
      onDecided();
    },
  });
  if (waiting.isError) return <ErrorNotice error={waiting.error} />;
  if (waiting.data === undefined || waiting.data.length === 0) return null;
  return (
    <section aria-labelledby="enrolment-requests" className="appear space-y-3 rounded-xl border border-line bg-surface p-6">
      <div>
        <h2 id="enrolment-requests" className="text-title font-semibold">
          {t("enrolment.requests")}
        </h2>
        <p className="mt-1 max-w-3xl text-ink-2">{t("enrolment.requestsLead")}</p>
      </div>
      {decide.isError && <ErrorNotice error={decide.error} />}
      <ul className="divide-y divide-line border-t border-line">
        {waiting.data.map((request) => (
          <li key={request.user} className="flex flex-wrap items-center gap-x-6 gap-y-3 pt-4 pb-3 last:pb-0">
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-2 font-medium">
                {request.name}
                <Chip>{roleName(request.role)}</Chip>
                <Chip tone={request.renews ? "warn" : "outline"}>
                  {request.renews ? t("enrolment.renews") : t("enrolment.new")}
                </Chip>
              </p>
              <p className="selectable mt-1 font-mono text-lead tracking-normal">{request.fingerprint}</p>
              <p className="text-meta text-ink-3">
                {t("enrolment.asked")}{" "}
                <Moment at={new Date(request.asked)} format={(at) => `${date(at)}, ${timeOfDay(at)}`} />
              </p>
              {!request.recorded && (
                <p className="mt-1 flex items-center gap-1.5 text-danger">
                  <TriangleAlert aria-hidden className="size-4.5" />
                  {t("enrolment.unrecorded")}
                </p>
              )}
            </div>
            <div className="flex flex-wrap gap-2">
              <Button
                look="primary"
                aria-label={t("enrolment.approveFor", { name: request.name })}
                disabled={decide.isPending || !request.recorded}
                onClick={() => decide.mutate({ request, approve: true })}
                icon={<UserRoundCheck aria-hidden className="size-4.5" />}
              >
                {t("enrolment.approve")}
              </Button>
              <Button
                aria-label={t("enrolment.refuseFor", { name: request.name })}
                disabled={decide.isPending}
                onClick={() => decide.mutate({ request, approve: false })}
              >
                {t("enrolment.refuse")}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
