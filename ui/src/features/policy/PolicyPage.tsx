import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Moment } from "@/components/Moment";
import { Page } from "@/components/Page";
import type { PolicyChangeDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import type { PolicyDto } from "@/ipc/keeping";
import { date, timeOfDay } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";
import { Proposals, PROPOSALS } from "./Proposals";
import { label, word } from "./words";

/** Keys that are words, with what they may be. Rust decides; a key that is not here is a text or a number. */
const WORDS: Record<string, readonly string[]> = {
  second_factor: ["optional", "required"],
  sealing: ["required", "optional"],
  policy_approval: ["one", "two"],
  runs_after_logoff: ["continue", "pause"],
};

/** Keys that have a page of their own: which models there are and which are used. */
const ELSEWHERE = new Set(["default_speech_model", "default_language_model", "models", "proposals"]);

type Value = string | number;

/** What the institution set, each key with what it does, and everything that was changed. */
export function PolicyPage() {
  const ipc = useIpc();
  const client = useQueryClient();
  const policy = useQuery({ queryKey: ["policy"], queryFn: () => ipc.call("show_policy", {}) });
  const history = useQuery({ queryKey: ["policy", "history"], queryFn: () => ipc.call("policy_history", {}) });
  const set = useMutation({
    mutationFn: (change: { key: string; value: string }) => ipc.call("set_policy", change),
    onSuccess: (now) => {
      client.setQueryData(["policy"], now);
      void client.invalidateQueries({ queryKey: ["policy", "history"] });
      void client.invalidateQueries({ queryKey: PROPOSALS });
    },
  });
  const failed = policy.error ?? history.error;
  return (
    <Page title={t("policy.title")} lead={t("policy.lead")}>
      {failed !== null && <ErrorNotice error={failed} />}
      {policy.isPending && <p className="text-ink-3">{t("policy.loading")}</p>}
      <Proposals />
      {policy.data !== undefined && (
        <div className="divide-y divide-line rounded-xl border border-line bg-surface">
          {settings(policy.data).map(([key, value]) => (
            <Setting
              key={key}
              name={key}
              value={value}
              busy={set.isPending}
              error={set.variables?.key === key ? set.error : null}
              saved={set.variables?.key === key && set.isSuccess}
              proposed={policy.data.proposals.find((p) => p.key === key)?.value ?? null}
              onSet={(next, taken) => set.mutate({ key, value: next }, { onSuccess: taken })}
            />
          ))}
        </div>
      )}
      {history.data !== undefined && <History changes={history.data} />}
    </Page>
  );
}

const settings = (policy: PolicyDto) =>
  Object.entries(policy)
    .filter(([key]) => !ELSEWHERE.has(key))
    .map(([key, value]) => [key, typeof value === "number" ? value : String(value)] as const);

type SettingProps = {
  name: string;
  value: Value;
  busy: boolean;
  error: unknown;
  saved: boolean;
  /** What waits to become its value. */
  proposed: string | null;
  onSet: (value: string, taken: () => void) => void;
};

function Setting({ name, value, busy, error, saved, proposed, onSet }: SettingProps) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const words = WORDS[name];
  const shown = typed ?? String(value);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (shown !== String(value)) onSet(shown.trim(), () => setTyped(null));
  };
  const field = "h-11 rounded-lg border border-edge bg-surface px-3 text-body text-ink";
  return (
    <form onSubmit={submit} className="grid grid-cols-[1fr_auto] items-center gap-x-6 gap-y-2 px-5 py-4">
      <div className="min-w-0">
        <label htmlFor={id} className="block font-medium">
          {label(name)}
        </label>
        <p id={`${id}-why`} className="text-meta text-ink-2">
          {tIfAny(`policy.why.${name}`) ?? name}
        </p>
      </div>
      <div className="flex items-center gap-2">
        {words === undefined ? (
          <input
            id={id}
            aria-describedby={`${id}-why`}
            type={typeof value === "number" ? "number" : "text"}
            value={shown}
            onChange={(event) => setTyped(event.target.value)}
            className={`${field} ${width(name, value)}`}
          />
        ) : (
          <select id={id} aria-describedby={`${id}-why`} value={shown} onChange={(event) => setTyped(event.target.value)} className={`${field} w-48`}>
            {words.map((word) => (
              <option key={word} value={word}>
                {tIfAny(`policy.words.${word}`) ?? word}
              </option>
            ))}
          </select>
        )}
        <Button type="submit" className="w-16 disabled:border-line disabled:opacity-45" disabled={busy || shown.trim() === String(value)} aria-label={t("policy.setKey", { key: label(name) })}>
          {t("policy.set")}
        </Button>
      </div>
      {error !== null && error !== undefined && (
        <div className="col-span-2">
          <ErrorNotice error={error} />
        </div>
      )}
      {proposed !== null && (
        <p role="status" className="col-span-2 text-meta text-ink-2">
          {t("policy.waitsFor", { value: word(proposed) })}
        </p>
      )}
      {saved && proposed === null && shown === String(value) && (
        <p role="status" className="col-span-2 text-meta text-good">
          {t("policy.saved")}
        </p>
      )}
    </form>
  );
}

/** As wide as what it holds: a number, or days or `keep`, or a text. */
function width(name: string, value: Value): string {
  if (typeof value === "number") return "w-24 text-right tabular-nums";
  return name.startsWith("retain_") ? "w-24 text-right" : "w-72";
}

function History({ changes }: { changes: PolicyChangeDto[] }) {
  return (
    <section aria-label={t("policy.history")} className="space-y-3">
      <h2 className="text-title font-semibold">{t("policy.history")}</h2>
      {changes.length === 0 && <p className="text-ink-3">{t("policy.noHistory")}</p>}
      {changes.length > 0 && (
        <ol className="divide-y divide-line rounded-xl border border-line bg-surface">
          {changes.map((change) => (
            <li key={change.seq} className="flex min-h-12 flex-wrap items-baseline gap-x-4 px-5 py-2.5">
              <span className="font-medium">{label(change.setting)}</span>
              <span className="text-ink-2">{t("policy.from", { old: word(change.old), new: word(change.new) })}</span>
              <span className="dotted ml-auto text-meta text-ink-3 tabular-nums">
                <span>{change.proposed_by === null ? change.by : t("policy.byTwo", { by: change.proposed_by, approved: change.by })}</span>
                <Moment at={new Date(change.at)} format={(at) => `${date(at)}, ${timeOfDay(at)}`} />
                {change.keyring_version !== null && <span>{t("policy.version", { version: change.keyring_version })}</span>}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
