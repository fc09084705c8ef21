import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import type { RetentionDto } from "@/ipc/bindings.gen";
import { waits } from "@/features/policy/words";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { RETENTION } from "./Retention";

const KINDS = ["audio", "visits", "datasets", "runs"] as const;
type Kind = (typeof KINDS)[number];

/** The policy's rules, a kind of data each. */
export function Rules({ rules }: { rules: RetentionDto }) {
  return (
    <section aria-labelledby="rules" className="rounded-xl border border-line bg-surface p-5">
      <h2 id="rules" className="text-lead font-semibold">
        {t("retention.rulesTitle")}
      </h2>
      <div className="mt-3 divide-y divide-line">
        {KINDS.map((kind) => (
          <Rule key={`${kind} ${rules[kind]}`} kind={kind} now={rules[kind]} />
        ))}
      </div>
      <p className="mt-3 text-meta text-ink-3">{t("retention.rulesNote")}</p>
    </section>
  );
}

function Rule({ kind, now }: { kind: Kind; now: string }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const [forever, setForever] = useState(now === "keep");
  const [days, setDays] = useState(now === "keep" ? (kind === "audio" ? "1" : "3650") : now);
  const wanted = forever ? "keep" : days;
  const save = useMutation({
    mutationFn: () => ipc.call("set_policy", { key: `retain_${kind}`, value: wanted }),
    onSettled: () => client.invalidateQueries({ queryKey: RETENTION }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const name = t(`retention.rule.${kind}`);
  return (
    <form onSubmit={submit} className="py-3">
      <div className="flex min-h-11 flex-wrap items-center gap-x-5 gap-y-2">
        <div className="min-w-56 flex-1">
          <p className="font-medium">{name}</p>
          <p className="text-meta text-ink-3">{t(`retention.from.${kind}`)}</p>
        </div>
        <label className="flex min-h-11 items-center gap-2">
          <input type="radio" checked={forever} onChange={() => setForever(true)} className="size-4.5" />
          {t("retention.keep")}
        </label>
        <label className="flex min-h-11 items-center gap-2">
          <input type="radio" checked={!forever} onChange={() => setForever(false)} className="size-4.5" />
          {t("retention.after")}
        </label>
        <input
          type="number"
          min={0}
          max={36500}
          required={!forever}
          disabled={forever}
          value={days}
          onChange={(e) => setDays(e.target.value)}
          aria-label={t("retention.daysFor", { what: name })}
          className="h-11 w-24 rounded-lg border border-edge bg-surface px-3 text-right tabular-nums disabled:opacity-55"
        />
        <span className="text-ink-2">{t("retention.days")}</span>
        <Button type="submit" disabled={wanted === now || save.isPending} aria-label={t("retention.saveFor", { what: name })}>
          {t("retention.save")}
        </Button>
      </div>
      {save.isSuccess && waits(save.data, `retain_${kind}`) && (
        <p role="status" className="mt-2 text-meta text-ink-2">
          {t("policy.waits")}
        </p>
      )}
      {save.isError && (
        <div className="mt-2">
          <ErrorNotice error={save.error} />
        </div>
      )}
    </form>
  );
}
