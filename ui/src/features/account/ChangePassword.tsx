import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import { PasswordField } from "@/components/PasswordField";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";

const EMPTY = { current: "", next: "", repeat: "" };

/** A new password for oneself. Rust has the rules and says which one is not met. */
export function ChangePassword({ user }: { user: string }) {
  const ipc = useIpc();
  const [typed, setTyped] = useState(EMPTY);
  const change = useMutation({
    mutationFn: () => ipc.call("change_password", { user, password: typed.current, new_password: typed.next }),
    onSuccess: () => setTyped(EMPTY),
  });
  const differs = typed.repeat !== "" && typed.next !== typed.repeat;
  const ready = typed.current !== "" && typed.next !== "" && typed.next === typed.repeat;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) change.mutate();
  };
  const field = (key: keyof typeof EMPTY, label: string, fault?: string) => (
    <PasswordField
      label={label}
      name={key}
      value={typed[key]}
      fault={fault}
      onChange={(e) => setTyped({ ...typed, [key]: e.target.value })}
    />
  );
  return (
    <form onSubmit={submit} className="max-w-md space-y-4">
      {change.isError && <ErrorNotice error={change.error} />}
      {change.isSuccess && <Notice tone="good" title={t("account.changed")} urgent />}
      {field("current", t("account.current"))}
      {field("next", t("account.new"))}
      {field("repeat", t("account.repeat"), differs ? t("account.repeatFault") : undefined)}
      <Button look="primary" type="submit" disabled={!ready || change.isPending}>
        {t("account.change")}
      </Button>
    </form>
  );
}
