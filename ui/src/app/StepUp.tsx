import { useMutation, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { createContext, type FormEvent, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { PasswordField } from "@/components/PasswordField";
import type { CommandName, Commands, Ipc } from "@/ipc/commands";
import { IpcContext, useIpc } from "@/ipc/context";
import { IpcError } from "@/ipc/errors";
import { t } from "@/lib/i18n";

/** What waits for the password; with `password`, only for the code. */
type Wait = { password: string | null; done: () => void; left: (error: IpcError) => void };

const StepUpContext = createContext<{ wait: Wait | null; end: () => void }>({ wait: null, end: () => undefined });

/**
 * Where Rust asks for the password again, it is asked for in the window, once, and the act goes on. What is only looked
 * at on the way (the outline of a sound) asks nobody.
 */
export function StepUp({ children }: { children: ReactNode }) {
  const outer = useIpc();
  const [wait, setWait] = useState<Wait | null>(null);
  const pending = useRef<Promise<void> | null>(null);
  const ask = useCallback((password: string | null) => {
    pending.current ??= new Promise<void>((done, left) => setWait({ password, done, left })).finally(() => {
      pending.current = null;
    });
    return pending.current;
  }, []);
  const ipc = useMemo<Ipc>(
    () => ({
      async call<N extends CommandName>(name: N, payload: Commands[N]["in"], onProgress?: Parameters<Ipc["call"]>[2]) {
        try {
          return await outer.call(name, payload, onProgress);
        } catch (thrown) {
          const error = IpcError.from(thrown);
          if (name === "audio_peaks") throw error;
          if (error.code === "step_up_needed") await ask(null);
          else if (name === "sign_note" && error.code === "code_needed") await ask((payload as Commands["sign_note"]["in"]).password);
          else throw error;
          return outer.call(name, payload, onProgress);
        }
      },
    }),
    [outer, ask],
  );
  const held = useMemo(() => ({ wait, end: () => setWait(null) }), [wait]);
  return (
    <StepUpContext value={held}>
      <IpcContext value={ipc}>{children}</IpcContext>
    </StepUpContext>
  );
}

/** The one field, under the bar, while an act waits for it. */
export function StepUpCard() {
  const { wait, end } = use(StepUpContext);
  return wait === null ? null : <Form wait={wait} onEnd={end} />;
}

function Form({ wait, onEnd }: { wait: Wait; onEnd: () => void }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const [password, setPassword] = useState(wait.password ?? "");
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(wait.password !== null);
  const give = useMutation({
    mutationFn: () => ipc.call("step_up", { password, ...(code.trim() === "" ? {} : { code: code.trim() }) }),
    onSuccess: () => {
      onEnd();
      wait.done();
      void client.refetchQueries({ predicate: (q) => q.state.error instanceof IpcError && q.state.error.code === "step_up_needed" });
    },
    onError: (error) => {
      const needed = IpcError.from(error).code === "code_needed";
      setCode("");
      setAsksCode(needed);
      if (!needed) setPassword("");
    },
  });
  const leave = () => {
    onEnd();
    wait.left(new IpcError("step_up_needed"));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password !== "" && (!asksCode || code.trim() !== "")) give.mutate();
  };
  const form = useRef<HTMLFormElement>(null);
  // A menu that the act was chosen from hands the focus back to its button when it closes, after this was drawn.
  useEffect(() => {
    const later = setTimeout(() => form.current?.querySelector("input")?.focus(), 50);
    return () => clearTimeout(later);
  }, [asksCode]);
  const failed = give.isError ? IpcError.from(give.error) : null;
  const wrong = failed?.code === "bad_credentials";
  return (
    <form
      ref={form}
      aria-label={t("stepUp.title")}
      data-step-up
      onSubmit={submit}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") leave();
      }}
      className="appear shrink-0 border-b border-accent bg-surface px-6 py-4"
    >
      <div className="mx-auto flex max-w-5xl flex-wrap items-start gap-x-4 gap-y-3">
        <div className="max-w-md min-w-64 flex-1">
          <p className="font-semibold">{t("stepUp.title")}</p>
          <p className="text-ink-2">{t(asksCode ? "stepUp.codeLead" : "stepUp.lead")}</p>
        </div>
        {asksCode ? (
          <Field
            label={t("stepUp.code")}
            name="step-up-code"
            inputMode="numeric"
            className="w-64"
            value={code}
            onChange={(event) => setCode(event.target.value)}
            autoComplete="off"
            autoFocus
          />
        ) : (
          <PasswordField
            label={t("stepUp.password")}
            name="step-up-password"
            className="w-80"
            fault={wrong ? t("stepUp.wrong") : undefined}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoFocus
          />
        )}
        <div className="mt-6.5 flex gap-2">
          <Button
            look="primary"
            type="submit"
            disabled={password === "" || (asksCode && code.trim() === "") || give.isPending}
            icon={<KeyRound aria-hidden className="size-4.5" />}
          >
            {t("stepUp.go")}
          </Button>
          <Button look="quiet" onClick={leave}>
            {t("stepUp.leave")}
          </Button>
        </div>
      </div>
      {failed !== null && !wrong && failed.code !== "code_needed" && (
        <div className="mx-auto mt-3 max-w-5xl">
          <ErrorNotice error={failed} />
        </div>
      )}
    </form>
  );
}
