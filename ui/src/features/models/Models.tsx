import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileInput, FolderInput } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { JobCard } from "@/components/JobCard";
import { Notice } from "@/components/Notice";
import { Page } from "@/components/Page";
import type { CataloguedModelDto, ModelTriedDto, ProgressDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { ModelRow } from "./ModelRow";
import { Stranger } from "./Stranger";
import { tried } from "./tried";

const MODELS = ["models"];

export type ModelAct =
  | { kind: "choose"; model: CataloguedModelDto }
  | { kind: "try"; model: CataloguedModelDto }
  | { kind: "remove"; model: CataloguedModelDto };

/** What models there are, what they need, where they are used; bringing them in, trying, choosing, taking away. */
export function Models() {
  const ipc = useIpc();
  const client = useQueryClient();
  const [progress, setProgress] = useState<ProgressDto | null>(null);
  const [stranger, setStranger] = useState(false);
  const models = useQuery({ queryKey: MODELS, queryFn: () => ipc.call("model_catalogue", {}) });
  const refresh = () => {
    setProgress(null);
    void client.invalidateQueries({ queryKey: MODELS });
  };
  const bring = useMutation({
    mutationFn: (what: { folder: boolean; name?: string; licence?: string }) => ipc.call("import_model", what, setProgress),
    onSettled: refresh,
  });
  const act = useMutation<ModelTriedDto | null, unknown, ModelAct>({
    mutationFn: async ({ kind, model: { model } }) => {
      if (kind === "choose") return ipc.call("choose_model", { task: model.task, name: model.name });
      if (kind === "remove") return ipc.call("remove_model", { name: model.name });
      return ipc.call("try_model", { name: model.name }, setProgress);
    },
    onSettled: refresh,
  });
  const busy = bring.isPending || act.isPending;
  const brought = bring.data ?? null;
  const trying = act.isPending && act.variables.kind === "try";

  return (
    <Page
      title={t("models.title")}
      lead={t("models.lead")}
      actions={
        <>
          <Button onClick={() => bring.mutate({ folder: true })} disabled={busy} icon={<FolderInput aria-hidden className="size-4.5" />}>
            {t("models.folder")}
          </Button>
          <Button look="primary" onClick={() => bring.mutate({ folder: false })} disabled={busy} icon={<FileInput aria-hidden className="size-4.5" />}>
            {t("models.file")}
          </Button>
        </>
      }
    >
      {(bring.isPending || trying) && (
        <JobCard
          title={trying ? t("models.trying", { name: act.variables.model.model.name }) : t("models.importing")}
          progress={progress}
          waiting={trying ? t("jobs.starting") : t("jobs.choosing")}
          stoppable={progress !== null}
          cancelling={false}
          onCancel={() => void ipc.call("cancel_job", {}).catch(() => undefined)}
        />
      )}
      {bring.isError && <ErrorNotice error={bring.error} />}
      {act.isError && <ErrorNotice error={act.error} />}
      {brought !== null && !bring.isPending && (
        <Notice tone="good" title={t("models.imported", { count: brought.length })} urgent>
          <p>{brought.map((m) => m.name).join(", ")}</p>
          {brought.some((m) => !m.fits) && <p className="mt-1">{t("models.tooLarge")}</p>}
        </Notice>
      )}
      {act.data !== undefined && act.data !== null && !act.isPending && (
        <Notice tone="good" title={t("models.triedTitle", { name: act.data.name })} urgent>
          {tried(act.data)}
        </Notice>
      )}
      {models.isError && <ErrorNotice error={models.error} action={<Button onClick={() => void models.refetch()}>{t("app.retry")}</Button>} />}
      {(["speech", "language"] as const).map((task) => (
        <section key={task} aria-labelledby={task} className="space-y-3">
          <h2 id={task} className="text-lead font-semibold">
            {t(`models.task.${task}`)}
          </h2>
          <ul className="space-y-3">
            {models.data
              ?.filter((m) => m.model.task === task)
              .map((m) => <ModelRow key={m.model.sha256} model={m} busy={busy} onAct={act.mutate} />)}
          </ul>
        </section>
      ))}
      {stranger ? (
        <Stranger busy={busy} onGo={(name, licence) => bring.mutate({ folder: false, name, licence })} onClose={() => setStranger(false)} />
      ) : (
        <Button look="quiet" onClick={() => setStranger(true)}>
          {t("models.stranger")}
        </Button>
      )}
    </Page>
  );
}
