import { Unlink } from "lucide-react";
import { useMemo } from "react";
import type { FindingDecisionDto, FindingDto, JsonValue, SchemaDto } from "@/ipc/bindings.gen";
import { CHUNK, chunked, InSight } from "@/components/InSight";
import { groupFindings, leafName, type Placed, sections } from "@/lib/fields";
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
  review: Review | null;
};

/** Decisions about the findings shown. */
export type Review = {
  /** In force, by the finding's path. */
  decisions: ReadonlyMap<string, FindingDecisionDto>;
  /** Nothing where what is signed stays as it is. */
  decide: ((index: number, verdict: Verdict, value?: JsonValue) => void) | null;
};

export type Verdict = "accept" | "reject" | "edit" | "undo";

/** The findings by the field they answer; what nothing supports stands apart, at the end. */
export function FindingList({ findings, schema, chosen, lit, onChoose, review }: Props) {
  const { groups, refused } = useMemo(() => groupFindings(findings), [findings]);
  const firstLit = lit[0];
  const row = ({ index, finding }: Placed, name: string) => (
    <FindingRow
      key={index}
      name={name}
      finding={finding}
      chosen={chosen === index}
      lit={lit.includes(index)}
      bring={chosen === index || firstLit === index}
      onChoose={() => onChoose(index)}
      decision={review?.decisions.get(finding.path)}
      onDecide={review?.decide == null ? undefined : (verdict, value) => review.decide?.(index, verdict, value)}
    />
  );
  const isWanted = ({ index }: Placed) => chosen === index || firstLit === index;
  const named = (field: string) => titleOf(schema, field) ?? label(field);

  return (
    <div className="space-y-4">
      {sections(groups).map((section) =>
        section.kind === "plain" ? (
          <div key={section.groups[0]?.field} className={`${CARD} border-line py-1`}>
            {section.groups.map((group) =>
              group.items.flatMap((item) => item.leaves.map((leaf) => row(leaf, named(group.field)))),
            )}
          </div>
        ) : (
          <section key={section.group.field} aria-label={named(section.group.field)} className={`${CARD} border-line`}>
            <h3 className="flex items-baseline justify-between border-b border-line px-5 py-2.5 font-semibold">
              {named(section.group.field)}
              {section.group.items.length > 1 && (
                <span className="text-meta font-normal text-ink-3 tabular-nums">{section.group.items.length}</span>
              )}
            </h3>
            {chunked(section.group.items).map(({ from, part }) => (
              <InSight key={from} estimate={part.length * ROW_PX} always={section.group.items.length <= CHUNK || part.some((item) => item.leaves.some(isWanted))}>
                {() => (
                  <ul className={`divide-y divide-line ${from === 0 ? "" : "border-t border-line"}`}>
                    {part.map((item) => (
                      <li key={item.key} className="py-1">
                        {item.leaves.map((leaf) => row(leaf, label(leafName(leaf.finding.field))))}
                      </li>
                    ))}
                  </ul>
                )}
              </InSight>
            ))}
          </section>
        ),
      )}
      {refused.length > 0 && (
        <section aria-label={t("findings.refusedTitle")} className={`${CARD} border-dashed border-warn`}>
          <header className="border-b border-line px-5 py-2.5">
            <h3 className="flex items-center gap-2 font-semibold text-warn">
              <Unlink aria-hidden className="size-4" />
              {t("findings.refusedTitle")}
            </h3>
            <p className="mt-0.5 text-meta text-ink-2">{t("findings.refusedBody")}</p>
          </header>
          {chunked(refused).map(({ from, part }) => (
            <InSight key={from} estimate={part.length * ROW_PX} always={refused.length <= CHUNK || part.some(isWanted)}>
              {() => <div className="py-1">{part.map((leaf) => row(leaf, label(leaf.finding.field)))}</div>}
            </InSight>
          ))}
        </section>
      )}
    </div>
  );
}

/** About how tall a finding is, before it is drawn. */
const ROW_PX = 53;

const CARD = "overflow-hidden rounded-xl border bg-surface";
