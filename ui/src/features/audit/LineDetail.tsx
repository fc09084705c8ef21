import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Moment } from "@/components/Moment";
import type { JsonValue, LogLineDto } from "@/ipc/bindings.gen";
import { label, withZone } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";
import { Button } from "@/components/Button";
import type { Asked } from "./filter";
import { type Names, OutcomeChip, who } from "./words";

type Props = { line: LogLineDto; names: Names; onClose: () => void; onAsk: (asked: Partial<Asked>) => void };

/** One line of the log in full, as it stands, with ways to the lines beside it. */
export function LineDetail({ line, names, onClose, onAsk }: Props) {
  const { target, user_id: user } = line;
  const patient = pseudonym(line.details, "patient");
  const title = t("log.line", { seq: line.seq });
  return (
    <aside
      aria-label={title}
      className="appear flex w-96 shrink-0 flex-col max-lg:w-full max-lg:shrink overflow-hidden rounded-xl border border-line bg-surface"
    >
      <header className="flex items-center justify-between border-b border-line pl-5">
        <h2 className="font-semibold">{title}</h2>
        <button
          type="button"
          onClick={onClose}
          aria-label={t("log.closeLine")}
          className="grid size-11 place-items-center rounded-lg text-ink-3 hover:text-ink focus-visible:-outline-offset-2"
        >
          <X aria-hidden className="size-5" />
        </button>
      </header>
      <div
        role="region"
        aria-label={t("log.details")}
        tabIndex={0}
        className="scroll-quiet selectable min-h-0 flex-1 focus-visible:-outline-offset-2"
      >
        <dl className="space-y-3.5 p-5">
          <Entry term={t("log.columnTime")}>
            <Moment at={new Date(line.time)} format={withZone} />
          </Entry>
          <Entry term={t("log.columnEvent")}>{label(line.event_type)}</Entry>
          <Entry term={t("log.columnAction")}>{label(line.action)}</Entry>
          <Entry term={t("log.columnOutcome")}>
            <OutcomeChip outcome={line.outcome} />
          </Entry>
          <Entry term={t("log.columnWho")}>
            <span className="break-all">{who(line.user_id, names)}</span>
          </Entry>
          {line.role !== null && <Entry term={t("log.role")}>{tIfAny(`roles.${line.role}`) ?? line.role}</Entry>}
          {line.target !== null && (
            <Entry term={t("log.target")}>
              <span className="font-mono text-meta break-all">{line.target}</span>
            </Entry>
          )}
          <Entry term={t("log.host")}>{line.host}</Entry>
          {line.session !== null && (
            <Entry term={t("log.session")}>
              <span className="font-mono text-meta break-all">{line.session}</span>
            </Entry>
          )}
          <Entry term={t("log.details")}>
            <pre className="rounded-lg bg-sunken p-3 font-mono text-meta break-all whitespace-pre-wrap">
              {JSON.stringify(line.details, null, 2)}
            </pre>
          </Entry>
          <Entry term={t("log.raw")}>
            <pre className="rounded-lg bg-sunken p-3 font-mono text-meta break-all whitespace-pre-wrap">{line.raw}</pre>
          </Entry>
        </dl>
        <div className="flex flex-col gap-2 px-5 pb-5">
          {target !== null && !target.startsWith("part:") && (
            <Button onClick={() => onAsk({ record: target })}>{t("log.sameRecord")}</Button>
          )}
          {patient !== null && <Button onClick={() => onAsk({ record: patient })}>{t("log.samePatient")}</Button>}
          {user !== null && user !== "system" && (
            <Button onClick={() => onAsk({ user })}>{t("log.samePerson")}</Button>
          )}
        </div>
      </div>
    </aside>
  );
}

function pseudonym(details: JsonValue, key: string): string | null {
  if (typeof details !== "object" || details === null || Array.isArray(details)) return null;
  const value = details[key];
  return typeof value === "string" ? value : null;
}

function Entry({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-meta text-ink-3">{term}</dt>
      <dd className="mt-0.5">{children}</dd>
    </div>
  );
}
