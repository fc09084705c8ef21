import { FileSearch } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { JobCard } from "@/components/JobCard";
import { Key } from "@/components/Key";
import { ModelNotice } from "@/components/ModelNotice";
import { Notice } from "@/components/Notice";
import type { ExtractionDto, ModelDto, ProgressDto, SchemaDto } from "@/ipc/bindings.gen";
import { t, tIfAny } from "@/lib/i18n";
import { whatWasLost } from "@/lib/reasons";
import { StatusChip } from "./chips";
import { FindingList, type Review } from "./FindingList";
import { Provenance } from "./Provenance";
import { SchemaChoice } from "./SchemaChoice";
import { reference } from "./schemas";
import { Versions } from "./Versions";

type Props = {
  extractions: ExtractionDto[];
  shown: ExtractionDto | null;
  onShow: (id: string) => void;
  chosen: number | null;
  /** The findings on the words that the reader selected; `null` when no words are selected. */
  resting: readonly number[] | null;
  onChoose: (index: number | null) => void;
  review: Review | null;
  extraction: {
    schemas: { list: SchemaDto[] | undefined; error: unknown };
    running: { progress: ProgressDto | null; cancelling: boolean; waiting: boolean } | null;
    busy: boolean;
    model: ModelDto | null;
    error: unknown;
    run: (schema: string) => void;
    cancel: () => void;
    dismiss: () => void;
  };
};

/** What was found in a visit, and the way to look again. */
export function FindingsPane({ extractions, shown, onShow, chosen, resting, onChoose, review, extraction }: Props) {
  const [choosing, setChoosing] = useState(false);
  const { schemas, running, busy, model, error } = extraction;

  const choice =
    schemas.list !== undefined ? (
      <SchemaChoice
        schemas={schemas.list}
        disabled={busy || model !== null}
        why={busy ? t("jobs.busy") : undefined}
        onRun={(schema) => {
          setChoosing(false);
          extraction.run(schema);
        }}
      />
    ) : schemas.error !== null ? (
      <ErrorNotice error={schemas.error} />
    ) : (
      <p className="text-ink-3">{t("findings.loadingSchemas")}</p>
    );

  return (
    <section aria-label={t("findings.title")} className="flex min-h-0 flex-1 flex-col">
      <header className="flex min-h-14 shrink-0 items-center gap-2 border-b border-line px-5">
        <h2 className="text-body font-semibold">{t("findings.title")}</h2>
        {shown !== null && <StatusChip status={shown.status} />}
        {shown !== null && <Versions extractions={extractions} shown={shown.id} onShow={onShow} />}
        {shown !== null && (
          <Popover.Root open={choosing} onOpenChange={setChoosing}>
            <Popover.Trigger asChild>
              <Button className="ml-auto" disabled={running !== null} icon={<FileSearch aria-hidden className="size-4.5" />}>
                {t("findings.again")}
              </Button>
            </Popover.Trigger>
            <Popover.Portal>
              <Popover.Content
                align="end"
                sideOffset={6}
                collisionPadding={12}
                aria-label={t("findings.run")}
                className="appear z-30 w-104 rounded-xl border border-line bg-surface p-5 shadow-lift"
              >
                {choice}
              </Popover.Content>
            </Popover.Portal>
          </Popover.Root>
        )}
      </header>
      <div className="scroll-quiet min-h-0 flex-1 space-y-4 p-5">
        {model !== null && <ModelNotice model={model} />}
        {running !== null && (
          <JobCard
            title={t("jobs.extract")}
            progress={running.progress}
            waiting={t(running.waiting ? "jobs.waiting" : "jobs.starting")}
            stoppable
            cancelling={running.cancelling}
            onCancel={extraction.cancel}
          />
        )}
        {error !== null && (
          <ErrorNotice error={error} action={<Button onClick={extraction.dismiss}>{t("visits.dismiss")}</Button>} />
        )}
        {shown === null && running === null && <div className="rounded-xl border border-line bg-surface p-5">{choice}</div>}
        {shown !== null && (
          <Shown
            extraction={shown}
            schema={schemas.list?.find((schema) => reference(schema) === shown.schema)}
            chosen={chosen}
            resting={resting}
            onChoose={onChoose}
            review={review}
          />
        )}
      </div>
      {shown !== null && shown.findings.length > 0 && (
        <footer className="flex min-h-11 shrink-0 items-center gap-4 border-t border-line px-5 text-meta text-ink-3">
          <p role="status" className="mr-auto">
            {resting === null
              ? t("findings.summary", supportCounts(shown))
              : resting.length === 0
                ? t("findings.litNone")
                : t("findings.lit", { count: resting.length })}
          </p>
          {review?.decide != null && <Key name="A" does={t("note.acceptKey")} />}
          {review?.decide != null && <Key name="R" does={t("note.rejectKey")} />}
          {review?.decide != null && <Key name="E" does={t("note.correctKey")} />}
          <Key name="J" does={t("findings.next")} />
          {review?.decide == null && <Key name="K" does={t("findings.previous")} />}
          {review?.decide == null && <Key name="Esc" does={t("findings.clearKey")} />}
        </footer>
      )}
    </section>
  );
}

type ShownProps = {
  extraction: ExtractionDto;
  schema: SchemaDto | undefined;
  chosen: number | null;
  resting: readonly number[] | null;
  onChoose: (index: number | null) => void;
  review: Review | null;
};

function Shown({ extraction, schema, chosen, resting, onChoose, review }: ShownProps) {
  const { status } = extraction;
  return (
    <>
      {status !== "ok" && (
        <Notice
          tone={status === "partial" ? "warn" : "danger"}
          title={tIfAny(`status.${status}`) ?? status}
        >
          <p>{tIfAny(`status.${status}Body`)}</p>
          {extraction.error !== null && <p className="selectable mt-1 text-meta">{whatWasLost(extraction.error)}</p>}
        </Notice>
      )}
      {extraction.findings.length === 0 && status === "ok" && (
        <Notice tone="info" title={t("findings.noneTitle")}>
          {t("findings.noneBody")}
        </Notice>
      )}
      <FindingList
        findings={extraction.findings}
        schema={schema}
        chosen={chosen}
        lit={resting ?? []}
        onChoose={onChoose}
        review={review}
      />
      <Provenance extraction={extraction} />
    </>
  );
}

function supportCounts({ findings }: ExtractionDto): { supported: number; refused: number } {
  const refused = findings.filter((finding) => finding.support === "unsupported").length;
  return { supported: findings.length - refused, refused };
}
