import { FilterX, Search } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { Button } from "@/components/Button";
import { count, label } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";
import type { LogOverviewDto } from "@/ipc/bindings.gen";
import { type Asked, EVERYTHING, isFiltered } from "./filter";
import { type Names, who } from "./words";

type Props = {
  asked: Asked;
  onAsk: (asked: Partial<Asked>) => void;
  /** What the whole log is made of: the choices. */
  whole: LogOverviewDto | undefined;
  names: Names;
  /** Whether other people's lines can be asked for. */
  everybody: boolean;
};

const PERIODS = ["all", "today", "week", "month", "days"] as const;

/** By time, person, event, outcome and record. */
export function Filters({ asked, onAsk, whole, names, everybody }: Props) {
  const outcomes = ["attempt", "success", "denied", "failure", "interrupted"];
  return (
    <div role="search" aria-label={t("log.filter")} className="flex flex-wrap items-end gap-3">
      <Select label={t("log.period")} value={asked.period} onChange={(period) => onAsk({ period: period as Asked["period"] })}>
        {PERIODS.map((period) => (
          <option key={period} value={period}>
            {t(`log.periods.${period}`)}
          </option>
        ))}
      </Select>
      {asked.period === "days" && (
        <>
          <Day label={t("log.first")} value={asked.first} onChange={(first) => onAsk({ first })} />
          <Day label={t("log.last")} value={asked.last} onChange={(last) => onAsk({ last })} />
        </>
      )}
      {everybody && (
        <Select label={t("log.columnWho")} value={asked.user} onChange={(user) => onAsk({ user })}>
          <option value="">{t("log.anybody")}</option>
          {whole?.users.map(({ word, lines }) => (
            <option key={word} value={word}>
              {`${who(word, names)} (${count(lines)})`}
            </option>
          ))}
        </Select>
      )}
      <Select label={t("log.columnEvent")} value={asked.event_type} onChange={(event_type) => onAsk({ event_type })}>
        <option value="">{t("log.anyEvent")}</option>
        {whole?.event_types
          .toSorted((a, b) => a.word.localeCompare(b.word))
          .map(({ word, lines }) => (
            <option key={word} value={word}>
              {`${label(word)} (${count(lines)})`}
            </option>
          ))}
      </Select>
      <Select label={t("log.columnOutcome")} value={asked.outcome} onChange={(outcome) => onAsk({ outcome })}>
        <option value="">{t("log.anyOutcome")}</option>
        {outcomes.map((word) => (
          <option key={word} value={word}>
            {tIfAny(`log.outcomes.${word}`) ?? label(word)}
          </option>
        ))}
      </Select>
      {everybody && <Record key={asked.record} record={asked.record} onAsk={(record) => onAsk({ record })} />}
      {isFiltered(asked) && (
        <Button look="quiet" onClick={() => onAsk(EVERYTHING)} icon={<FilterX aria-hidden className="size-4" />}>
          {t("log.clear")}
        </Button>
      )}
    </div>
  );
}

const CONTROL = "h-11 rounded-lg border border-edge bg-surface px-3 text-ui text-ink focus-visible:outline-offset-0";

function Select(props: { label: string; value: string; onChange: (value: string) => void; children: ReactNode }) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-meta text-ink-2">
        {props.label}
      </label>
      <select id={id} value={props.value} onChange={(e) => props.onChange(e.target.value)} className={`${CONTROL} w-40 max-xl:w-34`}>
        {props.children}
      </select>
    </div>
  );
}

function Day(props: { label: string; value: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-meta text-ink-2">
        {props.label}
      </label>
      <input
        id={id}
        type="date"
        value={props.value}
        onChange={(e) => props.onChange(e.target.value)}
        className={CONTROL}
      />
    </div>
  );
}

/** "Who looked at this patient?": a record number is typed, its pseudonym is computed, and never the other way. */
function Record({ record, onAsk }: { record: string; onAsk: (record: string) => void }) {
  const id = useId();
  const [typed, setTyped] = useState(record);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onAsk(typed);
      }}
    >
      <label htmlFor={id} className="mb-1 block text-meta text-ink-2">
        {t("log.record")}
      </label>
      <div className="flex gap-1.5">
        <input
          id={id}
          value={typed}
          onChange={(e) => setTyped(e.target.value)}
          placeholder={t("log.recordHint")}
          autoComplete="off"
          spellCheck={false}
          className={`${CONTROL} w-56 max-xl:w-32`}
        />
        <Button type="submit" aria-label={t("log.find")} className="px-3!" icon={<Search aria-hidden className="size-4" />} />
      </div>
    </form>
  );
}
