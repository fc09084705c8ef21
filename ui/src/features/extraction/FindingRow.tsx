import { Check, PencilLine, X } from "lucide-react";
import { useEffect, useRef } from "react";
import type { FindingDecisionDto, FindingDto } from "@/ipc/bindings.gen";
import { valueText } from "@/lib/fields";
import { position } from "@/lib/format";
import { t } from "@/lib/i18n";
import { reducedMotion } from "@/lib/motion";
import { rules } from "@/lib/reasons";
import { AssertionChip, SupportChip } from "./chips";
import { Decide, type OnDecide } from "./Decide";

type Props = {
  /** What it is called here; nothing where the value names itself. */
  name: string;
  finding: FindingDto;
  /** Chosen: its evidence is lit in the transcript, and it says why. */
  chosen: boolean;
  /** Rests on the words that the reader selected. */
  lit: boolean;
  /** Brings it into sight when it becomes chosen or the first one lit. */
  bring: boolean;
  onChoose: () => void;
  /** What was decided about it. */
  decision: FindingDecisionDto | undefined;
  /** Decides about it; nothing where nothing may be decided. */
  onDecide: OnDecide | undefined;
};

/** The bar at the row's left: how firm the ground is. */
const BAR: Record<string, string> = {
  verbatim: "bg-accent",
  normalised: "bg-accent",
  inferred: "bg-edge",
};

/** One finding: what it is called, its value, what the words say of it, how it rests on them. */
export function FindingRow({ name, finding, chosen, lit, bring, onChoose, decision, onDecide }: Props) {
  const row = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (bring) row.current?.scrollIntoView({ block: "nearest", behavior: reducedMotion() ? "auto" : "smooth" });
  }, [bring]);
  useEffect(() => {
    if (chosen) button.current?.focus({ preventScroll: true });
  }, [chosen]);

  const refused = finding.support === "unsupported";
  const negated = finding.assertion === "negated";
  const rejected = decision?.verdict === "reject";
  const said = decision?.verdict === "edit" ? decision.value : finding.value;
  const value = valueText(said, { yes: t("findings.yes"), no: t("findings.no") });

  return (
    <div ref={row} className="scroll-my-4">
      <button
        ref={button}
        type="button"
        data-finding={finding.path}
        data-chosen={chosen}
        data-lit={lit}
        aria-expanded={chosen}
        onClick={onChoose}
        className="group relative flex min-h-11 w-full flex-wrap items-center gap-x-3 gap-y-1 py-2 pr-10 pl-5 max-xl:gap-x-2 max-xl:pr-9 text-left tint hover:bg-sunken focus-visible:-outline-offset-2 data-[chosen=true]:bg-accent-soft data-[lit=true]:bg-accent-soft"
      >
        <span
          aria-hidden
          className={`absolute inset-y-1.5 left-2 w-[3px] rounded-full ${
            refused ? "border-l-2 border-dashed border-warn" : (BAR[finding.support] ?? "bg-edge")
          } ${negated ? "opacity-40" : ""}`}
        />
        {name !== "" && <span className="w-24 shrink-0 text-meta text-ink-3 max-xl:w-20">{name}</span>}
        <span
          dir="auto"
          className={`min-w-20 flex-1 text-left text-body leading-snug break-words ${
            refused || negated || rejected ? "text-ink-2" : "font-medium text-ink"
          } ${rejected ? "line-through decoration-danger" : ""}`}
        >
          {value ?? <em className="text-ink-3">{t("findings.emptyValue")}</em>}
        </span>
        <span className="flex shrink-0 gap-1.5">
          {!refused && <AssertionChip assertion={finding.assertion} />}
          <SupportChip support={finding.support} />
        </span>
        <Decided verdict={decision?.verdict} />
      </button>
      {chosen && <Ground finding={finding} />}
      {chosen && onDecide !== undefined && !refused && (
        <Decide finding={finding} decision={decision} onDecide={onDecide} />
      )}
    </div>
  );
}

/** What was decided, as a mark; room for it is kept. */
function Decided({ verdict }: { verdict: string | undefined }) {
  return (
    <span className="absolute top-3 right-3 grid size-5 place-items-center max-xl:right-2.5" data-decided={verdict}>
      {verdict === "accept" && <Check role="img" aria-label={t("note.accepted")} className="size-4.5 text-good" />}
      {verdict === "edit" && <PencilLine role="img" aria-label={t("note.corrected")} className="size-4.5 text-good" />}
      {verdict === "reject" && <X role="img" aria-label={t("note.rejected")} className="size-4.5 text-danger" />}
    </span>
  );
}

/** What a finding rests on, and which rules decided. */
function Ground({ finding }: { finding: FindingDto }) {
  return (
    <div className="appear selectable bg-accent-soft pt-1.5 pr-4 pb-3 pl-5">
      {finding.evidence.length === 0 ? (
        <p className="text-ink-2">{t("findings.noEvidence")}</p>
      ) : (
        finding.support === "unsupported" && <p className="mb-1 text-ink-2">{t("findings.against")}</p>
      )}
      {finding.evidence.length > 0 && (
        <ul className="space-y-1">
          {finding.evidence.map((evidence) => (
            <li key={evidence.start} className="flex gap-3">
              {evidence.start_s !== undefined && (
                <span className="w-9 shrink-0 text-meta leading-5 text-ink-3 tabular-nums">{position(evidence.start_s)}</span>
              )}
              <q dir="auto" className="text-ink">{evidence.quote.replaceAll("\n", " ")}</q>
            </li>
          ))}
        </ul>
      )}
      <dl className="mt-2 flex flex-wrap gap-x-6 gap-y-1 text-meta text-ink-2">
        {finding.reasons.length > 0 && (
          <div className="flex gap-1.5">
            <dt className="text-ink-3">{t("findings.why")}</dt>
            <dd>{rules(finding.reasons)}</dd>
          </div>
        )}
        {finding.confidence !== undefined && (
          <div className="flex gap-1.5">
            <dt className="text-ink-3">{t("findings.confidence")}</dt>
            <dd>{t("findings.percent", { percent: Math.round(finding.confidence * 100) })}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}
