import { useState } from "react";
import { Choice } from "@/components/Choice";
import type { ConsentIn } from "@/ipc/commands";
import { t } from "@/lib/i18n";

export type ConsentDraft = { decision: "given" | "declined" | null; by: string; how: "spoken" | "written" };

const WHO = ["byPatient", "byGuardian", "byOther"] as const;

export function useConsentDraft() {
  return useState<ConsentDraft>({ decision: null, by: t("recordingConsent.byPatient"), how: "spoken" });
}

/** What is noted; `null` while nobody was asked. */
export function consentOf(draft: ConsentDraft): ConsentIn | null {
  return draft.decision === null ? null : { decision: draft.decision, by: draft.by, how: draft.how };
}

/** What the patient said, by whom it was said, and how. */
export function Consent({ draft, onChange, optional }: { draft: ConsentDraft; onChange: (d: ConsentDraft) => void; optional: boolean }) {
  const answers = [
    { value: "given", words: t("newVisit.given") },
    { value: "declined", words: t("newVisit.declined") },
    ...(optional ? [{ value: "", words: t("newVisit.notAsked") }] : []),
  ];
  return (
    <div className="space-y-4">
      <Choice
        legend={t("newVisit.consent")}
        name="consent"
        options={answers}
        value={draft.decision ?? (optional ? "" : null)}
        onChange={(value) => onChange({ ...draft, decision: value === "given" || value === "declined" ? value : null })}
      />
      {draft.decision !== null && (
        <div className="grid grid-cols-1 gap-4">
          <Choice
            legend={t("newVisit.by")}
            name="by"
            options={WHO.map((who) => ({ value: t(`recordingConsent.${who}`), words: t(`newVisit.${who}`) }))}
            value={draft.by}
            onChange={(by) => onChange({ ...draft, by })}
          />
          <Choice
            legend={t("newVisit.how")}
            name="how"
            options={[
              { value: "spoken", words: t("newVisit.spoken") },
              { value: "written", words: t("newVisit.written") },
            ]}
            value={draft.how}
            onChange={(how) => onChange({ ...draft, how: how === "written" ? "written" : "spoken" })}
          />
        </div>
      )}
    </div>
  );
}
