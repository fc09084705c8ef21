import { CircleCheck, Scale } from "lucide-react";
import { Chip } from "@/components/Chip";
import { Moment } from "@/components/Moment";
import type { DueDto } from "@/ipc/bindings.gen";
import { count, date } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";
import { HoldThis } from "./HoldThis";

/** Sound is named by its visit, and a hold on that keeps it. */
const HOLDABLE: ReadonlySet<string> = new Set(["audio", "visit", "dataset"]);

/** What the rules say is to go, held things too. */
export function DueTable({ due }: { due: DueDto[] }) {
  if (due.length === 0) {
    return (
      <div className="flex items-center gap-4 rounded-xl border border-line bg-surface p-5 text-ink-2">
        <CircleCheck aria-hidden className="size-6 shrink-0 text-good" />
        <p>{t("retention.nothing")}</p>
      </div>
    );
  }
  return (
    <div className="overflow-x-auto rounded-xl border border-line bg-surface">
      <table className="w-full text-left tabular-nums">
        <thead className="bg-sunken text-meta font-medium text-ink-2">
          <tr className="[&>th]:h-10 [&>th]:px-4 [&>th]:font-medium">
            <th scope="col">{t("retention.kind")}</th>
            <th scope="col">{t("retention.name")}</th>
            <th scope="col">{t("retention.since")}</th>
            <th scope="col" className="text-right">
              {t("retention.parts")}
            </th>
            <th scope="col">{t("retention.state")}</th>
          </tr>
        </thead>
        <tbody>
          {due.map((item) => (
            <tr key={`${item.kind} ${item.id}`} className="border-t border-line [&>td]:h-12 [&>td]:px-4">
              <td>{tIfAny(`retention.kinds.${item.kind}`) ?? item.kind}</td>
              <td className="max-w-64 truncate font-medium" title={item.name}>
                {item.name}
              </td>
              <td className="whitespace-nowrap text-ink-2">
                <Moment at={new Date(item.since)} format={date} />
              </td>
              <td className="text-right">{count(item.parts)}</td>
              <td>
                {item.held ? (
                  <Chip tone="warn" icon={<Scale aria-hidden />}>
                    {t("retention.held")}
                  </Chip>
                ) : (
                  <div className="flex items-center gap-3">
                    <span className="text-ink-2">{t("retention.goes")}</span>
                    {HOLDABLE.has(item.kind) && <HoldThis id={item.id} name={item.name} />}
                  </div>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
