import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import type { LiveTextDto, SegmentDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { duration, position } from "@/lib/format";
import { t } from "@/lib/i18n";

/** Further behind than this, the reader is told that it will catch up. */
const BEHIND_S = 20;

type Props = { encounter: string; recording: string; elapsed: number; ended?: boolean };
type Lines = LiveTextDto & { lines: SegmentDto[] };

/** What was understood so far: final lines, and after them in grey what may still change. */
export function LiveText({ encounter, recording, elapsed, ended = false }: Props) {
  const ipc = useIpc();
  const client = useQueryClient();
  const queryKey = ["live text", recording];
  const live = useQuery({
    queryKey,
    queryFn: async (): Promise<Lines | null> => {
      const before = client.getQueryData<Lines | null>(queryKey)?.lines ?? [];
      const answer = await ipc.call("live_text", { encounter, from: before.length });
      // What was read stays to be read: only a session's end takes it away.
      return answer === null ? null : { ...answer, lines: answer.state === "forgotten" ? [] : [...before, ...answer.segments] };
    },
    refetchInterval: (query) => (query.state.data?.state === "listening" ? 400 : 2_000),
    structuralSharing: false,
    gcTime: 0,
  });
  const text = live.data;
  const lines = text?.lines ?? [];
  const draft = text?.draft ?? [];

  const page = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const shown = lines.length + draft.reduce((sum, line) => sum + line.words.length, 0);
  useEffect(() => {
    // Whoever scrolled back is reading.
    if (atEnd.current && page.current !== null && shown > 0) page.current.scrollTop = page.current.scrollHeight;
  }, [shown]);

  if (text === undefined || text === null || (ended && shown === 0)) return null;
  const behind = elapsed - text.final_s;
  return (
    <section aria-label={t("recording.live.title")} className="rounded-xl border border-line bg-surface">
      <header className="flex items-baseline justify-between gap-4 border-b border-line px-6 py-3">
        <h2 className="font-semibold">{t("recording.live.title")}</h2>
        <p className="text-meta text-ink-3">
          {text.state === "listening" &&
            (behind > BEHIND_S && draft.length === 0 && lines.length > 0
              ? t("recording.live.behind", { time: duration(behind) })
              : t("recording.live.mayChange"))}
        </p>
      </header>
      <div
        ref={page}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
        className="scroll-quiet selectable max-h-72 space-y-1.5 px-6 py-4"
        tabIndex={0}
        role="log"
        aria-label={t("recording.live.title")}
      >
        {lines.map((line) => (
          <Line key={line.start_s} look="final" at={line.start_s}>
            {line.text}
          </Line>
        ))}
        {draft.map((line) => (
          <Line key={line.start_s} look="draft" at={line.start_s}>
            {line.text}
          </Line>
        ))}
        {text.state === "listening" && shown === 0 && <p className="text-ink-3">{t("recording.live.listening")}</p>}
        {text.state === "off" && <p className="text-ink-3">{t("recording.live.off")}</p>}
        {text.state === "forgotten" && <p className="text-ink-3">{t("recording.live.forgotten")}</p>}
      </div>
    </section>
  );
}

/** Words from one moment on; a screen reader is not told what may still change. */
function Line({ look, at, children }: { look: "final" | "draft"; at: number; children: ReactNode }) {
  return (
    <p data-live={look} aria-hidden={look === "draft"} className={`flex gap-4 ${look === "draft" ? "text-ink-3 italic" : ""}`}>
      <span className="w-12 shrink-0 text-right text-meta leading-6 text-ink-3 not-italic tabular-nums">{position(at)}</span>
      <span className="min-w-0">{children}</span>
    </p>
  );
}
