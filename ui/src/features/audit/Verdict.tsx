import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Flag, RefreshCw, ShieldAlert, ShieldCheck, ShieldQuestion } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Moment } from "@/components/Moment";
import type { VerdictDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { count, shortHash, timeOfDaySeconds } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";

const LOOK: Record<string, { tone: string; icon: ReactNode }> = {
  intact: { tone: "bg-good-soft text-good", icon: <ShieldCheck aria-hidden className="size-7" /> },
  tampered: { tone: "bg-danger-soft text-danger", icon: <ShieldAlert aria-hidden className="size-7" /> },
  truncated: { tone: "bg-danger-soft text-danger", icon: <ShieldAlert aria-hidden className="size-7" /> },
  unknown: { tone: "bg-warn-soft text-warn", icon: <ShieldQuestion aria-hidden className="size-7" /> },
};

/** The verdict over the whole chain, and what it rests on; where it may be asked for, beside a checkpoint from elsewhere. */
export function Verdict({ checkpoints = false, narrow = false }: { checkpoints?: boolean; narrow?: boolean }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const compare = useMutation({
    mutationFn: () => ipc.call("audit_verify", { ask: true }),
    onSuccess: (verdict) => {
      if (verdict !== null) client.setQueryData(["audit", "verdict"], verdict);
    },
  });
  const verify = useQuery({
    queryKey: ["audit", "verdict"],
    queryFn: () => ipc.call("audit_verify", {}),
    // Every line is read and every signature checked: not at each look.
    staleTime: 300_000,
  });
  const again = (
    <div className="flex flex-wrap items-center gap-2">
      <Button
        onClick={() => void verify.refetch()}
        disabled={verify.isFetching}
        icon={<RefreshCw aria-hidden className={`size-4 ${verify.isFetching ? "animate-spin" : ""}`} />}
      >
        {verify.isFetching ? t("log.verifying") : t("log.again")}
      </Button>
      {checkpoints && (
        <Button
          look="quiet"
          onClick={() => compare.mutate()}
          disabled={compare.isPending}
          icon={<Flag aria-hidden className="size-4" />}
        >
          {t("log.compare")}
        </Button>
      )}
    </div>
  );
  if (compare.isError) return <ErrorNotice error={compare.error} action={<Button onClick={() => compare.reset()}>{t("log.again")}</Button>} />;
  if (verify.isError) return <ErrorNotice error={verify.error} action={again} />;
  if (verify.data === undefined || verify.data === null) return <p className="text-ink-3">{t("log.verifying")}</p>;
  return <Judged verdict={verify.data} at={new Date(verify.dataUpdatedAt)} action={again} narrow={narrow} />;
}

type JudgedProps = { verdict: VerdictDto; at: Date; action: ReactNode; narrow: boolean };

function Judged({ verdict, at, action, narrow }: JudgedProps) {
  const look = LOOK[verdict.verdict] ?? LOOK["unknown"]!;
  const { entries, first_seq, last_seq, head, reason } = verdict;
  return (
    <section
      aria-label={tIfAny(`log.verdicts.${verdict.verdict}`) ?? verdict.verdict}
      data-verdict={verdict.verdict}
      className={`flex shrink-0 rounded-xl border border-line bg-surface px-5 py-3.5 ${narrow ? "flex-wrap items-start gap-4" : "items-center gap-5 max-lg:flex-wrap max-xl:gap-4"}`}
    >
      <span className={`grid size-11 shrink-0 place-items-center rounded-full ${look.tone}`}>{look.icon}</span>
      <div className="min-w-56 flex-1">
        <p role="status" className="text-title font-semibold">
          {tIfAny(`log.verdicts.${verdict.verdict}`) ?? verdict.verdict}
        </p>
        {(narrow || verdict.verdict !== "intact") && (
          <p className="text-ink-2">{tIfAny(`log.verdictBodies.${verdict.verdict}`)}</p>
        )}
        {reason !== null && <p className="selectable mt-1 font-medium text-danger">{reason}</p>}
        <p className="dotted mt-0.5 text-meta text-ink-3 tabular-nums">
          <span>{t("log.entries", { count: entries, entries: count(entries) })}</span>
          {first_seq !== null && last_seq !== null && (
            <span>{t("log.range", { first: count(first_seq), last: count(last_seq) })}</span>
          )}
          {head !== null && (
            <span className="selectable">
              {t("log.head")}{" "}
              <span className="font-mono" title={head}>
                {shortHash(head)}
              </span>
            </span>
          )}
          <span>
            {t("log.checked")}{" "}
            <Moment at={at} format={timeOfDaySeconds} />
          </span>
        </p>
        {verdict.rests_on.length > 0 && (
          <div className={`text-meta text-ink-2 ${narrow ? "mt-3" : "mt-0.5"}`}>
            <span className={narrow ? "block font-medium" : ""}>{t("log.restsOn")}</span>{narrow ? "" : " "}
            <ul className={narrow ? "mt-1 list-disc space-y-0.5 pl-4" : "dotted inline [&>li]:inline"}>
              {verdict.rests_on.map((ground) => (
                <li key={ground}>{groundWords(ground)}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
      <div className="shrink-0">{action}</div>
    </section>
  );
}

/** A ground as a code, a number after a colon where it has one: `checkpoint:120`. */
function groundWords(ground: string): string {
  const [code, n] = ground.split(":");
  return tIfAny(`log.restsOnCodes.${code ?? ""}`, { n: n ?? "" }) ?? ground;
}
