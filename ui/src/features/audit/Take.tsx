import { useMutation } from "@tanstack/react-query";
import { ChevronDown, Download, FileCheck2, Flag } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import type { LogFilter } from "@/ipc/commands";
import { useIpc } from "@/ipc/context";
import { count } from "@/lib/format";
import { t } from "@/lib/i18n";

const ITEM =
  "flex min-h-11 cursor-pointer items-center gap-3 rounded-lg px-3 outline-none data-[highlighted]:bg-sunken [&>svg]:size-4.5 [&>svg]:text-ink-3";

type Said = { tone: "good" | "danger" | "warn"; title: string; body: ReactNode };

/** What can leave the house: the filter's lines with a seal, a checkpoint; and the check of an export. */
export function useTake(filter: LogFilter) {
  const ipc = useIpc();
  const [said, setSaid] = useState<Said | null>(null);
  const act = useMutation({
    mutationFn: async (what: "csv" | "jsonl" | "checkpoint" | "check") => {
      setSaid(null);
      if (what === "check") {
        const found = await ipc.call("audit_verify_export", {});
        if (found === null) return;
        const intact = found.verdict === "intact";
        setSaid({
          tone: intact ? "good" : found.verdict === "tampered" ? "danger" : "warn",
          title: intact ? t("log.exportIntact", { lines: count(found.entries) }) : t("log.exportNotIntact"),
          body: (
            <>
              {found.reason !== null && <p>{found.reason}</p>}
              {found.key !== null && (
                <p className="selectable">
                  {t("log.sealedBy", { who: found.by ?? t("log.unknownKey"), key: found.key })}
                </p>
              )}
            </>
          ),
        });
        return;
      }
      const done =
        what === "checkpoint"
          ? await ipc.call("audit_checkpoint", {})
          : await ipc.call("audit_export", { format: what, filter });
      if (done === null) return;
      setSaid({
        tone: "good",
        title:
          what === "checkpoint"
            ? t("log.checkpointSaved", { seq: count(done.seq) })
            : t("log.exported", { lines: count(done.lines) }),
        body:
          what === "checkpoint" ? (
            t("log.checkpointBody")
          ) : (
            <p className="selectable">{t("log.exportedBody", { key: done.key ?? "" })}</p>
          ),
      });
    },
  });
  const menu = (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button icon={<Download aria-hidden className="size-4" />} disabled={act.isPending}>
          {t("log.take")}
          <ChevronDown aria-hidden className="size-4 text-ink-3" />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="appear z-30 w-80 rounded-xl border border-line bg-surface p-1.5 shadow-lift"
        >
          <DropdownMenu.Item className={ITEM} onSelect={() => act.mutate("jsonl")}>
            <Download aria-hidden />
            {t("log.exportJsonl")}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => act.mutate("csv")}>
            <Download aria-hidden />
            {t("log.exportCsv")}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => act.mutate("checkpoint")}>
            <Flag aria-hidden />
            {t("log.saveCheckpoint")}
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
          <DropdownMenu.Item className={ITEM} onSelect={() => act.mutate("check")}>
            <FileCheck2 aria-hidden />
            {t("log.checkExport")}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
  const outcome = act.isError ? (
    <ErrorNotice error={act.error} />
  ) : said === null ? null : (
    <Notice tone={said.tone} title={said.title} urgent>
      {said.body}
    </Notice>
  );
  return { menu, outcome };
}
