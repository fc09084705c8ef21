import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Moment } from "@/components/Moment";
import { StateChip } from "@/features/visits/StateChip";
import type { ReportHitDto, VisitHitDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { count, date } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";
import { Excerpt } from "./Excerpt";

/** The most that Rust gives. */
const MOST = 100;
/** While texts are still taken up, it is asked again so soon. */
const AGAIN_MS = 300;

type VisitsProps = { words: string; open: (hit: VisitHitDto) => void };

/** Visits with the words. */
export function FoundVisits({ words, open }: VisitsProps) {
  const ipc = useIpc();
  const found = useQuery({
    queryKey: ["search", "visits", words],
    queryFn: () => ipc.call("search_visits", { words }),
    placeholderData: (before) => before,
    refetchInterval: ({ state }) => ((state.data?.left ?? 0) > 0 ? AGAIN_MS : false),
  });
  return (
    <Hits title={t("search.visits")} error={found.error} pending={found.isPending} left={found.data?.left ?? 0} hits={found.data?.found.length}>
      {found.data?.found.map((hit) => (
        <Hit
          key={`${hit.encounter} ${hit.place}`}
          name={hit.title}
          onOpen={() => open(hit)}
          facts={
            <>
              <Moment at={new Date(hit.created)} format={date} />
              <span>{tIfAny(`search.in.${hit.place}`) ?? hit.place}</span>
            </>
          }
          chip={<StateChip state={hit.state} />}
        >
          <Excerpt parts={hit.excerpt} />
        </Hit>
      ))}
    </Hits>
  );
}

type ReportsProps = { words: string; open: (hit: ReportHitDto) => void };

/** Reports with the words. */
export function FoundReports({ words, open }: ReportsProps) {
  const ipc = useIpc();
  const found = useQuery({
    queryKey: ["search", "reports", words],
    queryFn: () => ipc.call("search_reports", { words }),
    placeholderData: (before) => before,
    refetchInterval: ({ state }) => ((state.data?.left ?? 0) > 0 ? AGAIN_MS : false),
  });
  return (
    <Hits title={t("search.reports")} error={found.error} pending={found.isPending} left={found.data?.left ?? 0} hits={found.data?.found.length}>
      {found.data?.found.map((hit) => (
        <Hit
          key={hit.id}
          name={hit.document_id}
          onOpen={hit.batch === null ? undefined : () => open(hit)}
          facts={
            <>
              <span>{hit.dataset}</span>
              {hit.batch === null && <span>{t("search.noRun")}</span>}
            </>
          }
        >
          <Excerpt parts={hit.excerpt} />
        </Hit>
      ))}
    </Hits>
  );
}

type HitsProps = { title: string; error: unknown; pending: boolean; left: number; hits: number | undefined; children: ReactNode };

function Hits({ title, error, pending, left, hits, children }: HitsProps) {
  return (
    <section aria-label={title}>
      <div className="mb-2 flex items-baseline gap-3">
        <h2 className="text-lead font-semibold">{title}</h2>
        <p role="status" className="text-meta text-ink-3 tabular-nums">
          {pending ? t("search.looking") : hits === MOST ? t("search.most", { count: MOST }) : hits === undefined ? "" : count(hits)}
        </p>
      </div>
      {error !== null && <ErrorNotice error={error} />}
      {left > 0 && <p className="mb-2 text-meta text-ink-3">{t("search.left", { count: left })}</p>}
      {hits === 0 && left === 0 && <p className="text-ink-2">{t("search.none")}</p>}
      {hits !== undefined && hits > 0 && (
        <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface">{children}</ul>
      )}
    </section>
  );
}

type HitProps = { name: string; facts: ReactNode; chip?: ReactNode; onOpen: (() => void) | undefined; children: ReactNode };

function Hit({ name, facts, chip, onOpen, children }: HitProps) {
  const content = (
    <>
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-x-3">
          <span className="truncate text-body font-medium text-ink" dir="auto">
            {name}
          </span>
          <span className="dotted text-meta text-ink-3 tabular-nums">{facts}</span>
        </span>
        {children}
      </span>
      {chip}
      {onOpen !== undefined && <ChevronRight aria-hidden className="size-4.5 shrink-0 text-ink-3" />}
    </>
  );
  const look = "flex w-full items-center gap-4 px-5 py-3 text-left";
  return (
    <li>
      {onOpen === undefined ? (
        <div className={look}>{content}</div>
      ) : (
        <button type="button" onClick={onOpen} className={`${look} tint hover:bg-accent-soft focus-visible:-outline-offset-2`}>
          {content}
        </button>
      )}
    </li>
  );
}
