import { Pencil } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import type { FindingDto, SegmentDto } from "@/ipc/bindings.gen";
import { position } from "@/lib/format";
import { t } from "@/lib/i18n";
import type { Run, SpokenText, SpokenWord, WordSpan } from "@/lib/spoken";
import type { Editing, Offer } from "./editing";
import { SegmentEditor } from "./SegmentEditor";
import { SpeakerName } from "./SpeakerName";

/** Below this the model was not sure of what it heard. */
const UNSURE_BELOW = 0.4;

type Props = {
  segment: SegmentDto;
  before: SegmentDto | undefined;
  runs: Run[];
  spoken: SpokenText;
  findings: readonly FindingDto[];
  lit: readonly WordSpan[];
  tabStop: number | null;
  onWords: (span: WordSpan) => void;
  editing: Editing | null;
  /** What of this segment is being changed. */
  open: "speaker" | "text" | null;
  offer: Offer | null;
  onOpen: (what: "speaker" | "text" | null) => void;
  onName: (label: string) => void;
  onNameAll: () => void;
  onText: (text: string) => void;
};

/** One stretch of speech: its moment, its speaker when that is known, its words. */
export function Segment(props: Props) {
  const { segment, before, runs, spoken, findings, lit, tabStop, onWords, editing, open, offer } = props;
  const begins = segment.speaker !== null && segment.speaker !== before?.speaker;
  return (
    <div className="group relative grid grid-cols-[4.5rem_1fr] gap-x-3 py-1.5 pr-12 pl-2">
      <span className="pt-1 text-right text-meta text-ink-3 tabular-nums select-none">{position(segment.start_s)}</span>
      <div className="max-w-[68ch]">
        {editing === null
          ? begins && <p className="pt-1 text-meta font-semibold text-ink-2 select-none">{segment.speaker}</p>
          : (
            <SpeakerName
              segment={segment}
              begins={begins}
              open={open === "speaker"}
              editing={editing}
              offer={offer}
              onOpen={(on) => props.onOpen(on ? "speaker" : null)}
              onName={props.onName}
              onNameAll={props.onNameAll}
            />
          )}
        {editing !== null && open === "text" ? (
          <SegmentEditor
            text={segment.text}
            saving={editing.saving}
            onSave={props.onText}
            onClose={() => props.onOpen(null)}
          />
        ) : (
          <p className="text-body text-ink">
            {runs.map((run, i) => (
              <Fragment key={run.from}>
                {i > 0 && " "}
                <RunOfWords
                  run={run}
                  words={spoken.words.slice(run.from, run.to)}
                  findings={findings}
                  lit={lit}
                  reachable={run.from === tabStop}
                  onWords={onWords}
                />
              </Fragment>
            ))}
          </p>
        )}
      </div>
      {editing !== null && open !== "text" && (
        <button
          type="button"
          aria-label={t("transcript.editAt", { at: position(segment.start_s) })}
          onClick={() => props.onOpen("text")}
          className="absolute top-0.5 right-1 flex size-11 items-center justify-center rounded-lg text-ink-3 opacity-0 tint hover:bg-sunken hover:text-ink group-hover:opacity-100 focus-visible:opacity-100"
        >
          <Pencil aria-hidden className="size-4" />
        </button>
      )}
    </div>
  );
}

type RunProps = {
  run: Run;
  words: SpokenWord[];
  findings: readonly FindingDto[];
  lit: readonly WordSpan[];
  reachable: boolean;
  onWords: (span: WordSpan) => void;
};

function RunOfWords({ run, words, findings, lit, reachable, onWords }: RunProps) {
  const shown = words.map((word, i) => (
    <Fragment key={word.index}>
      {i > 0 && " "}
      <Word word={word} />
    </Fragment>
  ));
  const isLit = lit.some((span) => span.from < run.to && run.from < span.to);
  if (run.findings.length === 0) return isLit ? <LitWords words={words} lit={lit} /> : <>{shown}</>;

  const every = (is: (finding: FindingDto) => boolean) => run.findings.every((f) => findings[f] !== undefined && is(findings[f]));
  // Words that speak against a refused value carry no result; words of a denial do not say that something is so.
  const edge = every((f) => f.support === "unsupported")
    ? "border-dashed border-warn"
    : every((f) => f.assertion === "negated")
      ? "border-dashed border-ink-3"
      : "border-accent/45";
  const choose = () => onWords({ from: run.from, to: run.to });
  return (
    // Not a <button>: its text could not be selected along with the words around it.
    <mark
      role="button"
      tabIndex={reachable ? 0 : -1}
      data-from={run.from}
      data-lit={isLit}
      aria-pressed={isLit}
      aria-label={t("transcript.evidence", {
        count: run.findings.length,
        quote: words.map((word) => word.text).join(" "),
      })}
      onClick={() => {
        if (window.getSelection()?.isCollapsed !== false) choose();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose();
      }}
      className={`cursor-pointer rounded-xs border-b-2 bg-transparent text-inherit tint hover:bg-accent-soft data-[lit=true]:bg-accent-lit data-[lit=true]:border-accent ${edge}`}
    >
      {shown}
    </mark>
  );
}

/** Words that carry no finding, of which the reader selected some. */
function LitWords({ words, lit }: { words: SpokenWord[]; lit: readonly WordSpan[] }): ReactNode {
  return words.map((word, i) => {
    const on = lit.some((span) => span.from <= word.index && word.index < span.to);
    return (
      <Fragment key={word.index}>
        {i > 0 && " "}
        <span data-lit={on} className="rounded-xs data-[lit=true]:bg-accent-soft">
          <Word word={word} />
        </span>
      </Fragment>
    );
  });
}

function Word({ word }: { word: SpokenWord }) {
  const unsure = word.probability < UNSURE_BELOW;
  return (
    <span
      data-word={word.index}
      {...(unsure
        ? {
            className: "underline decoration-warn decoration-dotted decoration-2 underline-offset-[0.45em]",
            title: t("transcript.unsure", { percent: Math.round(word.probability * 100) }),
          }
        : {})}
    >
      {word.text}
    </span>
  );
}
