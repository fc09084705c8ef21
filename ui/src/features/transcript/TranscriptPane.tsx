import type { ComponentProps } from "react";
import { t } from "@/lib/i18n";
import { Transcript } from "./Transcript";

/** The transcript with its heading and what its marks mean. */
export function TranscriptPane(props: Omit<ComponentProps<typeof Transcript>, "describedBy">) {
  return (
    <div className="flex min-h-0 flex-col border-r border-line bg-surface">
      <header className="flex min-h-14 shrink-0 items-center justify-between gap-4 border-b border-line px-6">
        <h2 className="text-body font-semibold">{t("transcript.title")}</h2>
        <p className="flex gap-4 text-meta text-ink-3">
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
    </div>
  );
}
