import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import type { DirectoryDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { DirectoryForm } from "./DirectoryForm";
import { Summary } from "./Summary";
import { TestCard } from "./TestCard";

const KEY = ["directory"];

/** What is set of the directory, and which of its cards is open. */
export function useDirectory() {
  const ipc = useIpc();
  const client = useQueryClient();
  const [open, setOpen] = useState<"form" | "remove" | null>(null);
  const query = useQuery({ queryKey: KEY, queryFn: () => ipc.call("show_directory", {}) });
  const changed = (now: DirectoryDto) => {
    client.setQueryData(KEY, now);
    setOpen(null);
  };
  return { query, shown: query.data, open, setOpen, changed };
}

/** Whether the directory is in use, what is set, the form to change it, and the test of what is in use. */
export function DirectorySetup({ of }: { of: ReturnType<typeof useDirectory> }) {
  const { query, shown, open, setOpen, changed } = of;
  if (query.isError) {
    return (
      <ErrorNotice
        error={query.error}
        action={<Button onClick={() => void query.refetch()}>{t("app.retry")}</Button>}
      />
    );
  }
  if (shown === undefined) return null;
  return (
    <>
      <State shown={shown} />
      {open === "form" && (
        <DirectoryForm
          settings={shown.settings}
          passwordKept={shown.search_password_kept}
          onSaved={changed}
          onClose={() => setOpen(null)}
        />
      )}
      {open !== "form" && shown.settings !== null && (
        <>
          <Summary settings={shown.settings} />
          {shown.in_force && <TestCard />}
          {open === "remove" ? (
            <RemoveCard onRemoved={changed} onClose={() => setOpen(null)} />
          ) : (
            <Button look="quiet" onClick={() => setOpen("remove")}>
              {t("directory.remove")}
            </Button>
          )}
        </>
      )}
    </>
  );
}

function State({ shown }: { shown: DirectoryDto }) {
  if (shown.settings === null) {
    return (
      <Notice tone="info" title={t("directory.none")}>
        {t("directory.noneBody")}
      </Notice>
    );
  }
  return (
    <>
      {shown.in_force && (
        <Notice tone="good" title={t("directory.inForce")}>
          {t("directory.inForceBody")}
        </Notice>
      )}
      {shown.restart_needed && (
        <Notice tone="warn" title={t("directory.restart")}>
          {t("directory.restartBody")}
        </Notice>
      )}
      {shown.failure !== null && (
        <Notice tone="danger" title={t("directory.failed")}>
          <p className="selectable">{shown.failure}</p>
        </Notice>
      )}
      {shown.local_administrators === 0 && (
        <Notice tone="warn" title={t("directory.noLocal")}>
          {t("directory.noLocalBody")}
        </Notice>
      )}
    </>
  );
}

function RemoveCard({ onRemoved, onClose }: { onRemoved: (now: DirectoryDto) => void; onClose: () => void }) {
  const ipc = useIpc();
  const remove = useMutation({ mutationFn: () => ipc.call("remove_directory", {}), onSuccess: onRemoved });
  return (
    <section
      aria-label={t("directory.removeTitle")}
      className="appear space-y-4 rounded-xl border border-line bg-surface p-6"
    >
      <div>
        <h2 className="text-title font-semibold">{t("directory.removeTitle")}</h2>
        <p className="mt-1 text-ink-2">{t("directory.removeBody")}</p>
      </div>
      {remove.isError && <ErrorNotice error={remove.error} />}
      <div className="flex gap-2">
        <Button look="primary" onClick={() => remove.mutate()} disabled={remove.isPending}>
          {t("directory.removeGo")}
        </Button>
        <Button onClick={onClose}>{t("directory.cancel")}</Button>
      </div>
    </section>
  );
}
