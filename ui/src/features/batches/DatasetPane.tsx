import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileSpreadsheet, FolderOpen, Users } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import { useIpc } from "@/ipc/context";
import { useDrop } from "@/ipc/drop";
import type { DatasetImported } from "@/ipc/research";
import type { Preview } from "@/ipc/research.gen";
import { count, date, shortHash } from "@/lib/format";
import { t } from "@/lib/i18n";
import { ImportWizard } from "./ImportWizard";
import { Share } from "./Share";

/** The datasets, and the way a new one comes in. */
export function DatasetPane() {
  const ipc = useIpc();
  const client = useQueryClient();
  const datasets = useQuery({ queryKey: ["datasets"], queryFn: () => ipc.call("list_datasets", {}) });
  const [preview, setPreview] = useState<Preview | null>(null);
  const [sharing, setSharing] = useState<string | null>(null);
  const [made, setMade] = useState<DatasetImported | null>(null);
  const choose = useMutation({
    mutationFn: (folder: boolean) => ipc.call("preview_dataset", { folder }),
    onSuccess: (seen) => {
      setMade(null);
      setPreview(seen);
    },
  });
  const several = useDrop((kind) => preview === null && !choose.isPending && choose.mutate(kind === "folder"));
  const buttons = (
    <div className="flex gap-2">
      <Button look="primary" disabled={choose.isPending} onClick={() => choose.mutate(false)} icon={<FileSpreadsheet aria-hidden className="size-4.5" />}>
        {t("batches.importFile")}
      </Button>
      <Button disabled={choose.isPending} onClick={() => choose.mutate(true)} icon={<FolderOpen aria-hidden className="size-4.5" />}>
        {t("batches.importFolder")}
      </Button>
    </div>
  );
  if (preview !== null)
    return (
      <ImportWizard
        key={preview.source_sha256}
        first={preview}
        onClose={() => setPreview(null)}
        onDone={(done) => {
          setPreview(null);
          setMade(done);
          void client.invalidateQueries({ queryKey: ["datasets"] });
        }}
      />
    );
  return (
    <div className="space-y-4">
      {several && <Notice tone="warn" title={t("app.droppedSeveral")} />}
      {choose.isError && <ErrorNotice error={choose.error} />}
      {made !== null && <Notice tone="good" title={t("batches.imported", { name: made.name, count: count(made.documents) })} />}
      {datasets.isError && <ErrorNotice error={datasets.error} />}
      {datasets.data?.length === 0 && (
        <Empty title={t("batches.noDatasetsTitle")} body={t("batches.noDatasetsBody")} action={buttons} />
      )}
      {datasets.data !== undefined && datasets.data.length > 0 && (
        <>
          {buttons}
          <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
            {datasets.data.map((d) => (
              <li key={d.id} className="space-y-3 px-5 py-3.5">
                <div className="flex items-center gap-4">
                  <span className="min-w-0 flex-1">
                    <span className="block truncate font-medium">{d.name}</span>
                    <span className="dotted text-meta text-ink-3">
                      <span>{d.source}</span>
                      <span>{date(new Date(d.created))}</span>
                      <span title={d.source_sha256}>{shortHash(d.source_sha256)}</span>
                    </span>
                  </span>
                  <span className="tabular-nums text-ink-2">{t("batches.documents", { count: d.documents })}</span>
                  <Button
                    aria-label={t("batches.shareNamed", { name: d.name })}
                    aria-expanded={sharing === d.id}
                    onClick={() => setSharing(sharing === d.id ? null : d.id)}
                    icon={<Users aria-hidden className="size-4.5" />}
                  >
                    {t("batches.whoMayUse")}
                  </Button>
                </div>
                {sharing === d.id && <Share dataset={d.id} />}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
