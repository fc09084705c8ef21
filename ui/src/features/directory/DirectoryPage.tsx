import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Network } from "lucide-react";
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

/** The institution's directory: what is set, whether it is in use, and whether a sign-in by it would work. */
export function DirectoryPage() {
  const ipc = useIpc();
  const client = useQueryClient();
  const [open, setOpen] = useState<"form" | "remove" | null>(null);
  const directory = useQuery({ queryKey: KEY, queryFn: () => ipc.call("show_directory", {}) });
  const changed = (now: DirectoryDto) => {
    client.setQueryData(KEY, now);
    setOpen(null);
  };
  const shown = directory.data;
  const settings = shown?.settings ?? null;

  return (
    <div className="scroll-quiet h-full">
      <div className="mx-auto max-w-4xl space-y-5 px-8 py-8">
        <div className="flex min-h-11 flex-wrap items-start justify-between gap-3">
          <div className="min-w-0 flex-1">
            <h1 className="text-hero font-semibold">{t("directory.title")}</h1>
            <p className="mt-1 max-w-2xl text-ink-2">{t("directory.lead")}</p>
          </div>
          {shown !== undefined && open === null && (
            <Button
              look={settings === null ? "primary" : "secondary"}
              onClick={() => setOpen("form")}
              icon={<Network aria-hidden className="size-4.5" />}
            >
              {settings === null ? t("directory.setUp") : t("directory.change")}
            </Button>
          )}
        </div>
        {directory.isError && (
          <ErrorNotice
            error={directory.error}
            action={<Button onClick={() => void directory.refetch()}>{t("app.retry")}</Button>}
          />
        )}
        {shown !== undefined && <State shown={shown} />}
        {open === "form" && (
          <DirectoryForm
            settings={settings}
            passwordKept={shown?.search_password_kept === true}
            onSaved={changed}
            onClose={() => setOpen(null)}
          />
        )}
        {open !== "form" && settings !== null && (
          <>
            <Summary settings={settings} />
            {shown?.in_force === true && <TestCard />}
            {open === "remove" ? (
              <RemoveCard onRemoved={changed} onClose={() => setOpen(null)} />
            ) : (
              <Button look="quiet" onClick={() => setOpen("remove")}>
                {t("directory.remove")}
              </Button>
            )}
          </>
        )}
      </div>
    </div>
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
