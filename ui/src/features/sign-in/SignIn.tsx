import { useMutation } from "@tanstack/react-query";
import { LockKeyhole, ShieldCheck } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { PasswordField } from "@/components/PasswordField";
import { Threshold } from "@/components/Threshold";
import { Verdict } from "@/features/audit/Verdict";
import { useIpc } from "@/ipc/context";
import type { EnrolmentIn } from "@/ipc/directory";
import { type ErrorCode, IpcError } from "@/ipc/errors";
import { t } from "@/lib/i18n";
import { Enrol, Waiting } from "./Enrol";

/** Why one stands before this page. */
export type SignInReason = "start" | "signed_out" | "locked" | "paper_lost" | "keys_rotated";

type Props = {
  reason: SignInReason;
  onSignedIn: () => Promise<void>;
  /** A recording that goes on behind the lock. */
  recording?: ReactNode;
};

/** What is asked for beside the name: the password, a second factor's code, or keys for somebody from the directory. */
type Asked =
  | { for: "password" }
  | { for: "code" }
  | { for: "enrolment"; changed: boolean }
  | { for: "nothing"; fingerprint: string };

/** Which questions a refusal leads to; the password is kept for them, and for nothing else. */
function askedNext(error: IpcError | null, before: Asked): Asked {
  const again: ErrorCode[] = ["enrolment_code_refused", "previous_password_wrong"];
  switch (error?.code) {
    case "code_needed":
      return { for: "code" };
    case "enrolment_needed":
      return { for: "enrolment", changed: error.params["previous"] === "yes" };
    case "enrolment_pending":
      return { for: "nothing", fingerprint: error.params["fingerprint"] ?? "" };
    default:
      return error !== null && again.includes(error.code) && before.for === "enrolment" ? before : { for: "password" };
  }
}

/** Name and password. The same answer for a wrong name and a wrong password. */
export function SignIn({ reason, onSignedIn, recording }: Props) {
  const ipc = useIpc();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [enrolment, setEnrolment] = useState<EnrolmentIn | null>(null);
  const [asked, setAsked] = useState<Asked>({ for: "password" });
  const signIn = useMutation({
    mutationFn: async () => {
      const typed = code.trim() === "" ? {} : { code: code.trim() };
      const keys = enrolment === null ? {} : { enrolment };
      await ipc.call("sign_in", { name: name.trim(), password, ...typed, ...keys });
      await onSignedIn();
    },
    // Right or wrong, a typed password is not kept, except while what it needs beside it is being typed.
    onSettled: (_, error) => {
      const next = askedNext(error === null ? null : IpcError.from(error), asked);
      setAsked(next);
      setCode("");
      if (next.for !== "code" && next.for !== "enrolment") {
        setPassword("");
        setEnrolment(null);
      }
    },
  });
  // A refused password is typed again at once: the button that had the keyboard was shut meanwhile.
  const passwordField = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (signIn.isError) passwordField.current?.focus();
  }, [signIn.isError]);
  const failure = signIn.isError ? IpcError.from(signIn.error) : null;
  const startOver = () => {
    setAsked({ for: "password" });
    setPassword("");
    setEnrolment(null);
    signIn.reset();
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const complete =
      asked.for === "code" ? code.trim() !== "" : asked.for === "enrolment" ? enrolment !== null : asked.for === "password";
    if (name.trim() !== "" && password !== "" && complete) signIn.mutate();
  };

  return (
    <Threshold>
      <h1 className="text-hero font-semibold">{t("signIn.title")}</h1>
      <p className="mt-1 text-lead text-ink-2">{t("signIn.lead")}</p>
      <form onSubmit={submit} className="mt-8 space-y-5">
        {reason === "keys_rotated" && !signIn.isError && (
          <Notice tone="good" title={t("rotation.doneTitle")}>
            {t("rotation.doneBody")}
          </Notice>
        )}
        {(reason === "locked" || reason === "paper_lost") && !signIn.isError && (
          <Notice tone={reason === "locked" ? "info" : "warn"} title={t("signIn.lockedTitle")}>
            {reason === "locked" ? t("signIn.lockedBody") : t("signIn.paperLost")}
          </Notice>
        )}
        {signIn.isError && asked.for === "password" && <ErrorNotice error={signIn.error} />}
        {asked.for === "code" && <Notice tone="info" title={t("signIn.codeLead")} urgent />}
        {asked.for === "nothing" && <Waiting fingerprint={asked.fingerprint} />}
        {asked.for === "enrolment" && (
          <Enrol
            changed={asked.changed}
            onTyped={setEnrolment}
            fault={failure !== null && failure.code !== "enrolment_needed" ? <ErrorNotice error={failure} /> : undefined}
          />
        )}
        {asked.for === "code" && (
          <Field
            key="code"
            label={t("signIn.code")}
            hint={t("signIn.codeHint")}
            name="code"
            value={code}
            onChange={(e) => setCode(e.target.value)}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            autoFocus
            required
          />
        )}
        {asked.for === "password" && (
          <>
            <Field
              label={t("signIn.name")}
              name="name"
              value={name}
              onChange={(e) => setName(e.target.value)}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              autoFocus
              required
            />
            <PasswordField
              ref={passwordField}
              label={t("signIn.password")}
              name="password"
              value={password}
              onChange={(e) => setPassword(e.target.value)}
            />
          </>
        )}
        {asked.for === "nothing" ? (
          <Button look="primary" className="w-full" onClick={startOver}>
            {t("enrolment.again")}
          </Button>
        ) : (
          <Button
            look="primary"
            type="submit"
            className="w-full"
            disabled={signIn.isPending || (asked.for === "enrolment" && enrolment === null)}
            icon={<LockKeyhole aria-hidden className="size-4.5" />}
          >
            {signIn.isPending
              ? t("signIn.busy")
              : enrolment !== null && "request" in enrolment && asked.for === "enrolment"
                ? t("enrolment.requestGo")
                : t("signIn.go")}
          </Button>
        )}
        {asked.for === "enrolment" && (
          <Button look="quiet" className="w-full" onClick={startOver}>
            {t("enrolment.back")}
          </Button>
        )}
      </form>
      <div className="mt-6 empty:hidden">{recording}</div>
      <CheckLog />
    </Threshold>
  );
}

/** Whether the log was changed needs no secret, so nobody need be let in to ask. */
function CheckLog() {
  const [asked, setAsked] = useState(false);
  return (
    <div className="mt-8 border-t border-line pt-5">
      {asked ? (
        <Verdict narrow />
      ) : (
        <Button look="quiet" onClick={() => setAsked(true)} icon={<ShieldCheck aria-hidden className="size-4.5" />}>
          {t("signIn.checkLog")}
        </Button>
      )}
    </div>
  );
}
