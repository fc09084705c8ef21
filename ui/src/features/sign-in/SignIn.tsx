import { useMutation } from "@tanstack/react-query";
import { LockKeyhole, ShieldCheck } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { PasswordField } from "@/components/PasswordField";
import { Threshold } from "@/components/Threshold";
import { Verdict } from "@/features/audit/Verdict";
import { useIpc } from "@/ipc/context";
import { IpcError } from "@/ipc/errors";
import { t } from "@/lib/i18n";

/** Why one stands before this page. */
export type SignInReason = "start" | "signed_out" | "locked" | "paper_lost" | "keys_rotated";

type Props = {
  reason: SignInReason;
  onSignedIn: () => Promise<void>;
  /** A recording that goes on behind the lock. */
  recording?: ReactNode;
};

/** Name and password. The same answer for a wrong name and a wrong password. */
export function SignIn({ reason, onSignedIn, recording }: Props) {
  const ipc = useIpc();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(false);
  const signIn = useMutation({
    mutationFn: async () => {
      const typed = code.trim() === "" ? {} : { code: code.trim() };
      await ipc.call("sign_in", { name: name.trim(), password, ...typed });
      await onSignedIn();
    },
    // Right or wrong, a typed password is not kept, except while its code is being typed.
    onSettled: (_, error) => {
      const needed = error !== null && IpcError.from(error).code === "code_needed";
      setAsksCode(needed);
      setCode("");
      if (!needed) setPassword("");
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "" && password !== "" && (!asksCode || code.trim() !== "")) signIn.mutate();
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
        {signIn.isError && !asksCode && <ErrorNotice error={signIn.error} />}
        {asksCode && <Notice tone="info" title={t("signIn.codeLead")} urgent />}
        {asksCode ? (
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
        ) : (
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
              label={t("signIn.password")}
              name="password"
              value={password}
              onChange={(e) => setPassword(e.target.value)}
              autoComplete="off"
              required
            />
          </>
        )}
        <Button
          look="primary"
          type="submit"
          className="w-full"
          disabled={signIn.isPending}
          icon={<LockKeyhole aria-hidden className="size-4.5" />}
        >
          {signIn.isPending ? t("signIn.busy") : t("signIn.go")}
        </Button>
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
