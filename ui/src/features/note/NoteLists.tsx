import { CircleArrowRight, CirclePlay, CircleStop, CircleQuestionMark, RefreshCw } from "lucide-react";
import { type ReactNode, useState } from "react";
import { CHUNK, chunked, InSight } from "@/components/InSight";
import { Chip, type ChipTone } from "@/components/Chip";
import type { NoteListsDto, NoteSentenceDto } from "@/ipc/bindings.gen";
import { t, tIfAny } from "@/lib/i18n";

const ACTION: Record<string, { tone: ChipTone; icon: ReactNode }> = {
  start: { tone: "good", icon: <CirclePlay aria-hidden /> },
  stop: { tone: "danger", icon: <CircleStop aria-hidden /> },
  change: { tone: "warn", icon: <RefreshCw aria-hidden /> },
  continue: { tone: "accent", icon: <CircleArrowRight aria-hidden /> },
};

type Props = {
  lists: NoteListsDto;
  chosen: NoteSentenceDto | null;
  /** An item chosen lights what it rests on, as a sentence does. */
  onChoose: (item: NoteSentenceDto | null) => void;
};

/** Drugs with what becomes of them, problems with their status, next steps: at a glance, above the text. */
export function NoteLists({ lists: { medications, problems, follow_ups }, chosen, onChoose }: Props) {
  if (medications.length + problems.length + follow_ups.length === 0) return null;
  const row = (text: string, findings: NoteSentenceDto["findings"], content: ReactNode) => {
    const first = findings[0]?.path ?? text;
    const isChosen = chosen !== null && chosen.text === text && chosen.findings[0]?.path === findings[0]?.path;
    return (
      <li key={`${first} ${findings[0]?.extraction ?? ""}`}>
        <button
          type="button"
          aria-pressed={isChosen}
          onClick={() => onChoose(isChosen ? null : { text, findings, edited: false, stale: false })}
          className="flex min-h-11 w-full flex-wrap items-center gap-x-3 gap-y-1 rounded-lg px-3 py-1.5 text-left tint hover:bg-sunken aria-pressed:bg-accent-soft"
        >
          {content}
        </button>
      </li>
    );
  };
  return (
    <div className="grid gap-x-4 gap-y-3 rounded-xl border border-line bg-surface px-4 py-4">
      {medications.length > 0 && (
        <Part title={t("lists.medications")}>
          {medications.map((drug) =>
            row(
              drug.name,
              drug.findings,
              <>
                <span className="w-24 shrink-0">
                  <Action action={drug.action} />
                </span>
                <bdi className="text-body font-medium text-ink">{drug.name}</bdi>
                {drug.details !== "" && <span className="text-ink-2">{drug.details}</span>}
                <Assertion assertion={drug.assertion} but={["present", drug.action === "stop" ? "historical" : "present"]} />
              </>,
            ),
          )}
        </Part>
      )}
      {problems.length > 0 && (
        <Part title={t("lists.problems")}>
          {problems.map((problem) =>
            row(
              problem.name,
              problem.findings,
              <>
                <bdi className="text-body font-medium text-ink">{problem.name}</bdi>
                {problem.status !== null && <Chip tone="outline">{problem.status}</Chip>}
                <Assertion assertion={problem.assertion} but={["present"]} />
              </>,
            ),
          )}
        </Part>
      )}
      {follow_ups.length > 0 && (
        <Part title={t("lists.followUps")}>
          {follow_ups.map((step) => row(step.text, step.findings, <bdi className="text-body text-ink">{step.text}</bdi>))}
        </Part>
      )}
    </div>
  );
}

/** How many of a kind are shown before somebody asks for all. */
const FEW = 12;

function Part({ title, children }: { title: string; children: readonly ReactNode[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? children : children.slice(0, FEW);
  return (
    <section aria-label={title}>
      <h3 className="px-3 text-meta font-semibold tracking-wide text-accent uppercase">{title}</h3>
      {chunked(shown).map(({ from, part }) => (
        <InSight key={from} estimate={part.length * 44} always={shown.length <= CHUNK}>
          {() => <ul>{part}</ul>}
        </InSight>
      ))}
      {children.length > shown.length && (
        <button type="button" onClick={() => setAll(true)} className="min-h-11 rounded-lg px-3 font-medium text-accent hover:bg-sunken">
          {t("lists.all", { count: children.length })}
        </button>
      )}
    </section>
  );
}

/** What becomes of a drug; where the text does not say, that it does not. */
function Action({ action }: { action: string | null }) {
  const look = action === null ? undefined : ACTION[action];
  return (
    <Chip tone={look?.tone ?? "plain"} icon={look?.icon ?? <CircleQuestionMark aria-hidden />}>
      {tIfAny(`lists.actions.${action ?? "none"}`) ?? action}
    </Chip>
  );
}

/** What the words say of it, where that is not what one would take it for. */
function Assertion({ assertion, but }: { assertion: string; but: readonly string[] }) {
  if (but.includes(assertion)) return null;
  return <Chip tone={assertion === "negated" ? "inverse" : "outline"}>{tIfAny(`assertion.${assertion}`) ?? assertion}</Chip>;
}
