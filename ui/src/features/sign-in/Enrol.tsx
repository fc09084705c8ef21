import { type ReactNode, useState } from "react";
import { Choice } from "@/components/Choice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { PasswordField } from "@/components/PasswordField";
import type { EnrolmentIn } from "@/ipc/directory";
import { t } from "@/lib/i18n";

type Way = "previous" | "code" | "request";

/**
 * The directory took the password, and it opens no keys here yet: the ways to go on. `changed`: there is a password
 * before this one. What is typed goes to `onTyped`; `null` while nothing can be sent.
 */
export function Enrol({ changed, onTyped, fault }: { changed: boolean; onTyped: (typed: EnrolmentIn | null) => void; fault?: ReactNode }) {
  const [way, setWay] = useState<Way>(changed ? "previous" : "code");
  const [text, setText] = useState("");
  /** The field takes the focus when it comes by itself, not from the choice above it. */
  const [chosen, setChosen] = useState(false);
  const say = (now: Way, typed: string) => {
    setWay(now);
    setText(typed);
    onTyped(now === "request" ? { request: true } : typed.trim() === "" ? null : now === "code" ? { code: typed.trim() } : { previous: typed });
  };
  const ways: Way[] = changed ? ["previous", "code", "request"] : ["code", "request"];
  const words = { previous: t("enrolment.previous"), code: t("enrolment.code"), request: t("enrolment.request") };
  return (
    <div className="space-y-5">
      <Notice tone="info" title={t("enrolment.title")} urgent>
        {changed ? t("enrolment.changed") : t("enrolment.first")}
      </Notice>
      {fault}
      <Choice
        legend={t("enrolment.ways")}
        name="way"
        value={way}
        onChange={(now) => {
          setChosen(true);
          say(now as Way, "");
        }}
        options={ways.map((value) => ({ value, words: words[value] }))}
      />
      {way === "previous" && (
        <PasswordField
          label={t("enrolment.previousPassword")}
          name="previous"
          value={text}
          onChange={(e) => say("previous", e.target.value)}
          autoFocus={!chosen}
        />
      )}
      {way === "code" && (
        <Field
          label={t("enrolment.codeField")}
          hint={t("enrolment.codeHint")}
          name="enrolment-code"
          value={text}
          onChange={(e) => say("code", e.target.value)}
          autoComplete="off"
          autoFocus={!chosen}
          autoCapitalize="characters"
          spellCheck={false}
          required
        />
      )}
      {way === "request" && <p className="text-ink-2">{t("enrolment.requestBody")}</p>}
    </div>
  );
}

/** What both people compare before one is let in. */
export function Waiting({ fingerprint }: { fingerprint: string }) {
  return (
    <Notice tone="info" title={t("enrolment.pendingTitle")} urgent>
      <p>{t("enrolment.pendingBody")}</p>
      <p className="mt-3 text-meta text-ink-3">{t("enrolment.fingerprint")}</p>
      <p className="selectable font-mono text-lead font-medium tracking-normal text-ink">{fingerprint}</p>
    </Notice>
  );
}
