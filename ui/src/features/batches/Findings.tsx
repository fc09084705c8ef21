import { Check, PencilLine, X } from "lucide-react";
import { Chip } from "@/components/Chip";
import { AssertionChip, SupportChip } from "@/features/extraction/chips";
import type { FindingDto } from "@/ipc/bindings.gen";
import type { DecisionDto } from "@/ipc/research.gen";
import { valueText } from "@/lib/fields";
import { t, tIfAny } from "@/lib/i18n";

type Props = {
  findings: readonly FindingDto[];
  decisions?: readonly DecisionDto[];
  chosen: number | null;
  onChoose: (index: number) => void;
};

/** What was found, with what was decided about it. */
export function Findings({ findings, decisions = [], chosen, onChoose }: Props) {
  return (
    <ul className="divide-y divide-line">
      {findings.map((finding, i) => (
        <li key={finding.path}>
          <button
            type="button"
            aria-pressed={chosen === i}
            onClick={() => onChoose(i)}
            className="grid min-h-11 w-full grid-cols-[5.5rem_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1.5 px-4 py-2 text-left hover:bg-sunken aria-pressed:bg-accent-soft"
          >
            <span className="truncate text-meta text-ink-3" title={finding.field}>{finding.field}</span>
            <span className={`break-words ${finding.support === "unsupported" ? "text-ink-2" : "font-medium"}`}>
              {valueText(finding.value, { yes: t("findings.yes"), no: t("findings.no") }) ?? t("findings.emptyValue")}
            </span>
            <span className="flex flex-wrap justify-end gap-1.5">
              {finding.support !== "unsupported" && finding.assertion !== "present" && <AssertionChip assertion={finding.assertion} />}
              <SupportChip support={finding.support} />
              <Decided decision={standing(decisions, finding.path)} />
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The decision in force about a place. */
export function standing(decisions: readonly DecisionDto[], path: string): DecisionDto | null {
  const last = decisions.filter((d) => d.path === path).at(-1);
  return last === undefined || last.verdict === "undo" ? null : last;
}

function Decided({ decision }: { decision: DecisionDto | null }) {
  if (decision === null) return null;
  const value = valueText(decision.after, { yes: t("findings.yes"), no: t("findings.no") }) ?? "";
  const words = tIfAny(`batches.verdicts.${decision.verdict}`, { value }) ?? decision.verdict;
  const look = { accept: ["good", <Check key="i" aria-hidden />], reject: ["danger", <X key="i" aria-hidden />] } as const;
  const [tone, icon] = look[decision.verdict as keyof typeof look] ?? (["accent", <PencilLine key="i" aria-hidden />] as const);
  return (
    <span title={t("batches.decision", { verdict: words, who: decision.reviewer })}>
      <Chip tone={tone} icon={icon}>
        {words}
      </Chip>
    </span>
  );
}
