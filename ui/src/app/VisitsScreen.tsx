import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { FileAudio, Mic, Siren } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { JobCard } from "@/components/JobCard";
import { ModelNotice } from "@/components/ModelNotice";
import { Notice } from "@/components/Notice";
import { Recovered } from "@/features/recording/Recovered";
import { Emergency } from "@/features/visits/Emergency";
import { NoVisits } from "@/features/visits/NoVisits";
import { VisitList } from "@/features/visits/VisitList";
import { useIpc } from "@/ipc/context";
import { useDrop } from "@/ipc/drop";
import { t } from "@/lib/i18n";
import { useJobs } from "./jobs";
import { unusableModel, useSession } from "./session";

/** The visits, and the way a new one comes in. */
export function VisitsScreen() {
  const ipc = useIpc();
  const navigate = useNavigate();
  const { status, session } = useSession();
  const { job, ended, start, cancel, dismiss } = useJobs();
  const [now] = useState(() => new Date());
  const [emergency, setEmergency] = useState(false);
  const visits = useQuery({ queryKey: ["encounters"], queryFn: () => ipc.call("list_encounters", {}) });

  const mine = (of: { kind: { name: string }; user: string } | null) =>
    of !== null && of.kind.name === "import" && of.user === session.user_id;
  const model = unusableModel(status, "speech");
  const open = (id: string) => void navigate({ to: "/visits/$id", params: { id } });
  const empty = visits.data?.length === 0;
  const close = <Button onClick={dismiss}>{t("visits.dismiss")}</Button>;

  const canImport = job === null && model === null;
  const startImport = () => start({ name: "import" }, session.user_id);
  const several = useDrop((kind) => kind === "file" && canImport && startImport());

  const importButton = (
    <Button
      onClick={startImport}
      disabled={!canImport}
      title={job !== null ? t("jobs.busy") : undefined}
      icon={<FileAudio aria-hidden className="size-4.5" />}
    >
      {t("visits.import")}
    </Button>
  );

  const newButton = (
    <Button
      look="primary"
      onClick={() => void navigate({ to: "/visits/new" })}
      icon={<Mic aria-hidden className="size-4.5" />}
    >
      {t("visits.new")}
    </Button>
  );
  const actions = (
    <div className="flex justify-center gap-2">
      {session.role === "clinician" && (
        <Button look="quiet" aria-expanded={emergency} onClick={() => setEmergency(!emergency)} icon={<Siren aria-hidden className="size-4.5" />}>
          {t("emergency.show")}
        </Button>
      )}
      {importButton}
      {newButton}
    </div>
  );

  return (
    <div className="flex h-full flex-col">
      <div className="mx-auto w-full max-w-5xl shrink-0 space-y-4 px-8 pt-8 max-md:px-4 max-md:pt-4">
        <div className="flex min-h-11 flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <div className="flex items-baseline gap-3">
            <h1 className="text-hero font-semibold">{t("visits.title")}</h1>
            {visits.data !== undefined && !empty && (
              <p className="text-ink-3">{t("visits.count", { count: visits.data.length })}</p>
            )}
          </div>
          {visits.data !== undefined && !empty && actions}
        </div>
        {emergency && <Emergency onOpen={open} onClose={() => setEmergency(false)} />}
        <Recovered open={open} />
        {model !== null && <ModelNotice model={model} />}
        {several && <Notice tone="warn" title={t("app.droppedSeveral")} />}
        {job !== null && mine(job) && (
          <JobCard
            title={t("jobs.import")}
            progress={job.progress}
            waiting={t("jobs.choosing")}
            stoppable={job.progress !== null}
            cancelling={job.cancelling}
            onCancel={cancel}
          />
        )}
        {ended !== null && mine(ended) && ended.error !== null && <ErrorNotice error={ended.error} action={close} />}
        {ended !== null && mine(ended) && ended.encounter !== null && (
          <Notice
            tone={ended.warnings.length === 0 ? "good" : "warn"}
            title={t("visits.imported")}
            action={
              <>
                <Button look="primary" onClick={() => open(ended.encounter ?? "")}>
                  {t("visits.open")}
                </Button>
                {close}
              </>
            }
          >
            <p>{t("visits.importedBody")}</p>
            {ended.warnings.length > 0 && <p className="mt-1">{t("visits.importedWarnings")}</p>}
            <ul className="list-disc pl-4">
              {ended.warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          </Notice>
        )}
        {visits.isError && (
          <ErrorNotice
            error={visits.error}
            action={<Button onClick={() => void visits.refetch()}>{t("app.retry")}</Button>}
          />
        )}
        {visits.isPending && <p className="text-ink-3">{t("visits.loading")}</p>}
      </div>
      {visits.data !== undefined &&
        (empty ? <NoVisits action={actions} /> : <VisitList rows={visits.data} now={now} open={open} />)}
    </div>
  );
}
