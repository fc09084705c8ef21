import type { ExtractionDto } from "@/ipc/bindings.gen";
import { shortHash } from "@/lib/format";
import { t } from "@/lib/i18n";

/** With what an extraction was made: enough to make it again. */
export function Provenance({ extraction }: { extraction: ExtractionDto }) {
  return (
    <p className="selectable px-1 text-meta text-ink-3">
      {t("findings.provenance")} {extraction.schema}{" "}
      <span className="font-mono" title={extraction.schema_sha256}>
        {shortHash(extraction.schema_sha256)}
      </span>
      , {extraction.model}{" "}
      <span className="font-mono" title={extraction.model_sha256}>
        {shortHash(extraction.model_sha256)}
      </span>
    </p>
  );
}
