import { Unlink } from "lucide-react";
import { useMemo } from "react";
import type { FindingDto, SchemaDto } from "@/ipc/bindings.gen";
import { groupFindings, type Placed } from "@/lib/fields";
import { label } from "@/lib/format";
import { t } from "@/lib/i18n";
import { FindingRow } from "./FindingRow";
import { titleOf } from "./schemas";

type Props = {
  findings: readonly FindingDto[];
  schema: SchemaDto | undefined;
  chosen: number | null;
  lit: readonly number[];
  onChoose: (index: number) => void;
};

/** The findings by the field they answer; what nothing supports stands apart, at the end. */
export function FindingList({ findings, schema, chosen, lit, onChoose }: Props) {
  const { groups, refused } = useMemo(() => groupFindings(findings), [findings]);
  const firstLit = lit[0];
  const row = ({ index, finding }: Placed) => (
    <FindingRow
      key={index}
      finding={finding}
      chosen={chosen === index}
      lit={lit.includes(index)}
      bring={chosen === index || firstLit === index}
      onChoose={() => onChoose(index)}
    />
  );
  return (
    <div className="space-y-4">
      {groups.map((group) => {
        const name = titleOf(schema, group.field) ?? label(group.field);
        return (
          <section key={group.field} aria-label={name} className="overflow-hidden rounded-xl border border-line bg-surface">
            <h3 className="flex items-baseline justify-between border-b border-line px-5 py-2.5 text-ui font-semibold">
              {name}
              {group.items.length > 1 && <span className="text-meta font-normal text-ink-3">{group.items.length}</span>}
            </h3>
            <ul className="divide-y divide-line">
              {group.items.map((item) => (
                <li key={item.key} className="py-1">
                  {item.leaves.map(row)}
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      {refused.length > 0 && (
        <section
          aria-label={t("findings.refusedTitle")}
          className="overflow-hidden rounded-xl border border-dashed border-warn bg-surface"
        >
          <header className="border-b border-line px-5 py-2.5">
            <h3 className="flex items-center gap-2 font-semibold text-warn">
              <Unlink aria-hidden className="size-4" />
              {t("findings.refusedTitle")}
            </h3>
            <p className="mt-0.5 text-meta text-ink-2">{t("findings.refusedBody")}</p>
          </header>
          <div className="py-1">{refused.map(row)}</div>
        </section>
      )}
    </div>
  );
}
