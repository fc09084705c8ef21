import type { ComponentProps, ReactNode } from "react";
import { ExportMenu } from "@/components/ExportMenu";
import { t } from "@/lib/i18n";
import { Transcript } from "./Transcript";

const FORMATS = ["txt", "srt", "vtt", "json"] as const;
export type TranscriptFormat = (typeof FORMATS)[number];

type Props = Omit<ComponentProps<typeof Transcript>, "describedBy"> & {
  /** Writes the transcript to a file of the reader's choice. */
  onExport: (format: TranscriptFormat) => void;
  /** The way to hear it, where its sound is kept. */
  player?: ReactNode;
};

/** The transcript with its heading and what its marks mean. */
export function TranscriptPane({ onExport, player, ...props }: Props) {
  const unnamed = props.transcript.segments.every((segment) => segment.speaker === null);
  return (
    <div className="flex min-h-0 flex-1 flex-col border-r border-line bg-surface">
      <header className="flex min-h-14 shrink-0 flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line px-6 py-1.5">
        <h2 className="text-body font-semibold">{t("transcript.title")}</h2>
        <div className="ml-auto flex items-center gap-2">
          {props.editing !== null && unnamed && (
            <button
              type="button"
              disabled={props.editing.saving}
              onClick={() => props.editing?.apply({ kind: "suggest_turns" })}
              className="min-h-11 rounded-lg border border-edge px-3 text-meta font-medium text-ink tint hover:bg-sunken"
            >
              {t("transcript.suggestTurns")}
            </button>
          )}
          <ExportMenu
            look="quiet"
            words={t("transcript.export")}
            forms={FORMATS.map((format) => [format, t(`transcript.formats.${format}`)] as const)}
            onExport={onExport}
          />
        </div>
        <p className="flex w-full flex-wrap gap-x-4 text-meta text-ink-3">
          {props.onHear !== undefined && <span>{t("transcript.hear")}</span>}
          {props.findings.length > 0 && (
            <span className="border-b-2 border-accent/45">{t("transcript.legendEvidence")}</span>
          )}
          <span className="underline decoration-warn decoration-dotted decoration-2 underline-offset-4">
            {t("transcript.legendUnsure")}
          </span>
        </p>
      </header>
      <p id="transcript-keys" className="sr-only">
        {t("transcript.keys")}
      </p>
      <Transcript {...props} describedBy="transcript-keys" />
      {player}
    </div>
  );
}
