import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ChevronLeft, UsersRound } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Moment } from "@/components/Moment";
import { AccessChip } from "@/features/visits/AccessChip";
import { Sharing } from "@/features/visits/Sharing";
import { StateChip } from "@/features/visits/StateChip";
import type { EncounterDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { date, duration, timeOfDay } from "@/lib/format";
import { t } from "@/lib/i18n";
import { VisitPanes } from "./VisitPanes";

/** One visit: what was said on the left, what was found on the right. */
export function VisitScreen() {
  const ipc = useIpc();
  const { id } = useParams({ from: "/visits/$id" });
  const [sharing, setSharing] = useState(false);
  const visit = useQuery({ queryKey: ["encounters", id], queryFn: () => ipc.call("get_encounter", { id }) });
  return (
    <div className="flex h-full flex-col">
      <div className="flex shrink-0 items-center gap-4 border-b border-line bg-surface px-3 py-2.5">
        <Link
          to="/visits"
          className="flex min-h-11 items-center gap-1 rounded-lg pr-3 pl-1.5 font-medium text-ink-2 hover:bg-sunken hover:text-ink"
        >
          <ChevronLeft aria-hidden className="size-5" />
          {t("visit.back")}
        </Link>
        <span aria-hidden className="h-7 w-px bg-line" />
        {visit.data !== undefined && <Heading visit={visit.data} />}
        {visit.data !== undefined && ["own", "administrator"].includes(visit.data.encounter.access) && (
          <Button
            aria-expanded={sharing}
            onClick={() => setSharing(!sharing)}
            icon={<UsersRound aria-hidden className="size-4.5" />}
          >
            {t("share.open")}
          </Button>
        )}
      </div>
      {visit.data !== undefined && sharing && <Sharing visit={visit.data.encounter} onClose={() => setSharing(false)} />}
      {visit.isPending && <p className="p-8 text-ink-3">{t("visit.loading")}</p>}
      {visit.isError && (
        <div className="mx-auto w-full max-w-xl p-8">
          <ErrorNotice
            error={visit.error}
            action={<Button onClick={() => void visit.refetch()}>{t("app.retry")}</Button>}
          />
        </div>
      )}
      {visit.data !== undefined && <VisitPanes key={id} visit={visit.data} />}
    </div>
  );
}

function Heading({ visit: { encounter, transcript } }: { visit: EncounterDto }) {
  const created = new Date(encounter.created);
  return (
    <div className="min-w-0 flex-1">
      <div className="flex items-center gap-3">
        <h1 dir="auto" className="truncate text-lead font-semibold">{encounter.title}</h1>
        <StateChip state={encounter.state} />
        <AccessChip visit={encounter} />
      </div>
      <p className="dotted truncate text-meta text-ink-3">
        <Moment at={created} format={(at) => `${date(at)}, ${timeOfDay(at)}`} />
        {encounter.duration_s !== null && <span>{duration(encounter.duration_s)}</span>}
        {transcript !== null && <span>{t("visit.model", { model: transcript.model })}</span>}
      </p>
    </div>
  );
}
