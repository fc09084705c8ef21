import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from "react";
import type { FindingDto, TranscriptDto } from "@/ipc/bindings.gen";
import { t } from "@/lib/i18n";
import { reducedMotion } from "@/lib/motion";
import { findingsByWord, type Run, runsOf, type SpokenText, type SpokenWord, type WordSpan, wordAt } from "@/lib/spoken";
import { type Editing, type Offer, offerAfter } from "./editing";
import { Segment } from "./Segment";
import { selectedWords } from "./selectedWords";

type Props = {
  transcript: TranscriptDto;
  spoken: SpokenText;
  findings: readonly FindingDto[];
  /** The words that the chosen finding rests on, or that the reader selected. */
  lit: readonly WordSpan[];
  /** Changes with every choice, so that the same evidence is scrolled to again when it is chosen again. */
  litKey: string;
  scrollToLit: boolean;
  describedBy: string;
  onWords: (span: WordSpan) => void;
  editing: Editing | null;
  /** Where the sound of these words is kept: lets the reader hear a word. */
  onHear?: ((word: SpokenWord) => void) | undefined;
  /** The moment that is heard now, in seconds. */
  heard?: number | null;
};

/** The words as they were said, with their moments; only the segments in sight are in the page. */
export function Transcript(props: Props) {
  const { transcript, spoken, findings, lit, litKey, scrollToLit, describedBy, onWords, editing } = props;
  const { onHear, heard = null } = props;
  const [open, setOpen] = useState<{ segment: number; what: "speaker" | "text" } | null>(null);
  const [offer, setOffer] = useState<Offer | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const by = useMemo(() => findingsByWord(spoken, findings), [spoken, findings]);
  const runs = useMemo(() => transcript.segments.map((_, s) => runsOf(spoken, by, s)), [transcript, spoken, by]);
  const virtual = useVirtualizer({
    count: transcript.segments.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 72,
    overscan: 12,
  });

  // The first evidence comes into sight. A segment that is not in the page yet is brought in first.
  const firstLit = lit[0];
  useEffect(() => {
    if (!scrollToLit || firstLit === undefined) return;
    const segment = spoken.words[firstLit.from]?.segment;
    if (segment === undefined) return;
    const inPage = (selector: string) => scroller.current?.querySelector(selector);
    const bring = () =>
      (inPage(`[data-from="${firstLit.from}"]`) ?? inPage(`[data-segment="${segment}"]`))?.scrollIntoView({
        block: "center",
        behavior: reducedMotion() ? "auto" : "smooth",
      });
    if (inPage(`[data-segment="${segment}"]`) != null) {
      bring();
      return;
    }
    virtual.scrollToIndex(segment, { align: "center" });
    const frame = requestAnimationFrame(bring);
    return () => cancelAnimationFrame(frame);
    // `litKey` stands for `lit`: the same words chosen anew are a new choice.
  }, [litKey, scrollToLit]);

  // The word that is heard, marked in the page itself: the text is not drawn anew ten times a second.
  const heardWord = heard === null ? undefined : wordAt(spoken, heard)?.index;
  useEffect(() => {
    if (heardWord === undefined) return;
    const element = scroller.current?.querySelector<HTMLElement>(`[data-word="${heardWord}"]`);
    element?.setAttribute("data-heard", "true");
    return () => element?.removeAttribute("data-heard");
  }, [heardWord]);

  const hear = (event: MouseEvent) => {
    if (onHear === undefined || window.getSelection()?.isCollapsed === false) return;
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-word]") : null;
    const word = element === null ? undefined : spoken.words[Number(element.dataset["word"])];
    if (word !== undefined) onHear(word);
  };

  const takeSelection = () => {
    const span = selectedWords(window.getSelection(), scroller.current);
    if (span !== null) onWords(span);
  };

  /** Left and right go from evidence to evidence, so that all of it is one stop of the tab key. */
  const walk = (event: KeyboardEvent) => {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    const target = event.target;
    if (!(target instanceof HTMLElement) || target.dataset["from"] === undefined) return;
    event.preventDefault();
    const marked = runs.flat().filter((run) => run.findings.length > 0);
    const here = marked.findIndex((run) => run.from === Number(target.dataset["from"]));
    const next = marked[here + (event.key === "ArrowRight" ? 1 : -1)];
    if (next === undefined) return;
    onWords({ from: next.from, to: next.to });
    virtual.scrollToIndex(spoken.words[next.from]?.segment ?? 0);
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-from="${next.from}"]`)?.focus({ preventScroll: true }),
    );
  };

  const tabStop = useMemo(() => firstMarked(runs, firstLit), [runs, firstLit]);

  return (
    <div
      ref={scroller}
      className="scroll-quiet selectable min-h-0 flex-1 cursor-text"
      tabIndex={0}
      role="region"
      aria-label={t("transcript.title")}
      aria-describedby={describedBy}
      onMouseUp={takeSelection}
      onClick={hear}
      onKeyUp={(event) => {
        if (event.shiftKey) takeSelection();
      }}
      onKeyDown={walk}
    >
      <ol className="relative" style={{ height: virtual.getTotalSize() + 48 }}>
        {virtual.getVirtualItems().map((item) => (
          <li
            key={item.key}
            ref={virtual.measureElement}
            data-index={item.index}
            data-segment={item.index}
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${item.start + 16}px)` }}
          >
            <Segment
              segment={transcript.segments[item.index]!}
              before={transcript.segments[item.index - 1]}
              runs={runs[item.index] ?? []}
              spoken={spoken}
              findings={findings}
              lit={lit}
              tabStop={tabStop}
              onWords={onWords}
              editing={editing}
              open={open?.segment === item.index ? open.what : null}
              offer={offer?.segment === item.index ? offer : null}
              onOpen={(what) => {
                setOpen(what === null ? null : { segment: item.index, what });
                setOffer(null);
              }}
              onName={(label) => {
                setOffer(offerAfter(transcript.segments, item.index, label));
                setOpen(null);
                editing?.apply({ kind: "speaker", segment: item.index, label, all_alike: false });
              }}
              onNameAll={() => {
                if (offer !== null)
                  editing?.apply({ kind: "speaker", segment: offer.next, label: offer.label, all_alike: true });
                setOffer(null);
              }}
              onText={(text) => {
                setOpen(null);
                editing?.apply({ kind: "text", segment: item.index, text });
              }}
            />
          </li>
        ))}
      </ol>
    </div>
  );
}

/** The one run that the tab key reaches: the lit one, else the first. */
function firstMarked(runs: Run[][], lit: WordSpan | undefined): number | null {
  const marked = runs.flat().filter((run) => run.findings.length > 0);
  const here = lit === undefined ? undefined : marked.find((run) => run.from <= lit.from && lit.from < run.to);
  return (here ?? marked[0])?.from ?? null;
}
