import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/Button";
import { Choice } from "@/components/Choice";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { PasswordField } from "@/components/PasswordField";
import type { AccountDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import type { GivenCode } from "./CodeCard";
import { ROLES, roleName } from "./roles";

type Props = {
  account: AccountDto | null;
  /** Whether there is a directory whose people can have accounts. */
  byDirectory: boolean;
  onCode: (given: GivenCode) => void;
  onClose: () => void;
};

/** A new account, or a new password for `account`. */
export function PasswordCard({ account, byDirectory, onCode, onClose }: Props) {
  const ipc = useIpc();
  const roleId = useId();
  const [name, setName] = useState("");
  const [role, setRole] = useState("clinician");
  const [password, setPassword] = useState("");
  const [kind, setKind] = useState("local");
  const theirs = account === null && kind === "directory";
  const save = useMutation({
    mutationFn: async () => {
      if (theirs) {
        const added = await ipc.call("add_directory_user", { name: name.trim(), role });
        onCode({ name: added.name, code: added.code, expires: added.expires });
      } else if (account === null) await ipc.call("add_user", { name: name.trim(), role, password });
      else await ipc.call("reset_user", { user: account.id, password });
    },
    onSuccess: onClose,
  });
  const ready = (theirs || password !== "") && (account !== null || name.trim() !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) save.mutate();
  };
  const title = account === null ? t("people.addTitle") : t("people.resetTitle", { name: account.name });
  return (
    <form onSubmit={submit} aria-label={title} className="appear space-y-4 rounded-xl border border-line bg-surface p-6">
      <div>
        <h2 className="text-title font-semibold">{title}</h2>
        {account !== null && <p className="mt-1 text-ink-2">{t("people.resetLead")}</p>}
      </div>
      {save.isError && <ErrorNotice error={save.error} />}
      {account === null && byDirectory && (
        <Choice
          legend={t("enrolment.addKind")}
          name="kind"
          value={kind}
          onChange={setKind}
          options={[
            { value: "local", words: t("enrolment.addLocal") },
            { value: "directory", words: t("enrolment.addDirectory") },
          ]}
        />
      )}
      <div className="grid grid-cols-[1fr_12rem_1fr] items-start gap-4 max-lg:grid-cols-1">
        {account === null && (
          <>
            <Field
              label={t("people.name")}
              name="name"
              value={name}
              onChange={(e) => setName(e.target.value)}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              autoFocus
              required
            />
            <div>
              <label htmlFor={roleId} className="mb-1.5 block font-medium">
                {t("people.role")}
              </label>
              <select
                id={roleId}
                value={role}
                onChange={(e) => setRole(e.target.value)}
                className="h-11 w-full rounded-lg border border-edge bg-surface px-3 text-body text-ink"
              >
                {ROLES.map((each) => (
                  <option key={each} value={each}>
                    {roleName(each)}
                  </option>
                ))}
              </select>
            </div>
          </>
        )}
        {!theirs && (
          <PasswordField
            label={t("people.password")}
            hint={t("people.passwordHint")}
            name="password"
            value={password}
            onChange={(e) => setPassword(e.target.value)}
          />
        )}
      </div>
      <div className="flex gap-2">
        <Button look="primary" type="submit" disabled={!ready || save.isPending}>
          {account === null ? t("people.create") : t("people.give")}
        </Button>
        <Button onClick={onClose}>{t("people.cancel")}</Button>
      </div>
    </form>
  );
}
