import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import { PasswordField } from "@/components/PasswordField";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";

/** Takes the second factor away, where the policy leaves the choice. */
export function RemoveSecondFactor({ user }: { user: string }) {
  const ipc = useIpc();
  const [password, setPassword] = useState("");
  const remove = useMutation({
    mutationFn: () => ipc.call("remove_second_factor", { user, password }),
    onSettled: () => setPassword(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password !== "") remove.mutate();
  };
  if (remove.isSuccess) return <Notice tone="info" title={t("account.removed")} urgent />;
  return (
    <form onSubmit={submit} className="max-w-md space-y-4">
      {remove.isError && <ErrorNotice error={remove.error} />}
      <PasswordField
        label={t("account.current")}
        name="remove-password"
        value={password}
        onChange={(e) => setPassword(e.target.value)}
      />
      <Button type="submit" disabled={password === "" || remove.isPending}>
        {t("account.remove")}
      </Button>
    </form>
  );
}
