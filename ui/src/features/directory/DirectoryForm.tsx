import { useMutation } from "@tanstack/react-query";
import { FileKey2, Plus, X } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "@/components/Button";
import { Choice } from "@/components/Choice";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { PasswordField } from "@/components/PasswordField";
import { ROLES, roleName } from "@/features/people/roles";
import type { DirectoryDto, DirectorySettingsDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { type Draft, EMPTY, PRESETS, USUAL_PORT, draftOf, isComplete, settingsOf } from "./form";
import { Fingerprints } from "./Summary";

type Props = {
  settings: DirectorySettingsDto | null;
  passwordKept: boolean;
  onSaved: (now: DirectoryDto) => void;
  onClose: () => void;
};

/** Settings of the directory. Rust has the rules and names the field that breaks one. */
export function DirectoryForm({ settings, passwordKept, onSaved, onClose }: Props) {
  const ipc = useIpc();
  const [draft, setDraft] = useState<Draft>(() => (settings === null ? EMPTY : draftOf(settings)));
  const set = (over: Partial<Draft>) => setDraft((before) => ({ ...before, ...over }));
  const save = useMutation({
    mutationFn: () =>
      ipc.call("set_directory", {
        settings: settingsOf(draft),
        ...(draft.accountPassword === "" ? {} : { search_password: draft.accountPassword }),
      }),
    onSuccess: onSaved,
  });
  const choose = useMutation({
    mutationFn: () => ipc.call("read_authority", {}),
    onSuccess: (chosen) => {
      if (chosen !== null) set({ ca: chosen.ca, fingerprints: chosen.fingerprints });
    },
  });
  const ready = isComplete(draft) && !save.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) save.mutate();
  };
  const text = (key: keyof Draft & string, label: string, hint?: string, mono = true) => (
    <Field
      label={label}
      hint={hint}
      name={key}
      value={String(draft[key])}
      onChange={(e) => set({ [key]: e.target.value })}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      {...(mono ? { style: { fontFamily: "var(--font-mono)" } } : {})}
    />
  );
  const preset = PRESETS[draft.kind];
  const usual = (value: string | undefined) => t("directory.form.preset", { value: value ?? "" });

  return (
    <form
      onSubmit={submit}
      aria-label={t("directory.form.label")}
      className="appear space-y-7 rounded-xl border border-line bg-surface p-6"
    >
      {save.isError && <ErrorNotice error={save.error} />}
      <Choice
        legend={t("directory.form.kind")}
        name="kind"
        value={draft.kind}
        onChange={(kind) => set({ kind })}
        options={["openldap", "active-directory"].map((value) => ({
          value,
          words: value === "openldap" ? t("directory.form.openldap") : t("directory.form.active-directory"),
        }))}
      />
      <Part title={t("directory.form.servers")}>
        <div className="grid grid-cols-[1fr_8rem] items-start gap-4 max-md:grid-cols-1">
          <Choice
            legend={t("directory.form.encryption")}
            name="encryption"
            value={draft.encryption}
            onChange={(encryption) =>
              set({
                encryption,
                // A port of one's own stays.
                port: draft.port === USUAL_PORT[draft.encryption] ? (USUAL_PORT[encryption] ?? "") : draft.port,
              })
            }
            options={[
              { value: "ldaps", words: t("directory.form.ldaps") },
              { value: "ldap", words: t("directory.form.ldap") },
            ]}
          />
          {text("port", t("directory.form.port"))}
        </div>
        {draft.servers.map((row, n) => (
          <Row
            key={n}
            remove={t("directory.form.removeServer", { n: n + 1 })}
            onRemove={draft.servers.length > 1 ? () => set({ servers: without(draft.servers, n) }) : undefined}
          >
            <Field
              label={t("directory.form.address")}
              hint={n === 0 ? t("directory.form.addressHint") : undefined}
              name={`address-${n}`}
              value={row.address}
              onChange={(e) => set({ servers: replaced(draft.servers, n, { ...row, address: e.target.value }) })}
              autoComplete="off"
              spellCheck={false}
            />
            <Field
              label={t("directory.form.certificateName")}
              name={`certificate-name-${n}`}
              value={row.name}
              placeholder="dc1.clinic.example"
              onChange={(e) => set({ servers: replaced(draft.servers, n, { ...row, name: e.target.value }) })}
              autoComplete="off"
              spellCheck={false}
            />
          </Row>
        ))}
        <Button
          look="quiet"
          onClick={() => set({ servers: [...draft.servers, { address: "", name: "" }] })}
          icon={<Plus aria-hidden className="size-4.5" />}
        >
          {t("directory.form.addServer")}
        </Button>
      </Part>
      <Part title={t("directory.form.ca")} lead={t("directory.form.caHint")}>
        {choose.isError && <ErrorNotice error={choose.error} />}
        {draft.fingerprints.length === 0 ? (
          <p className="text-ink-3">{t("directory.form.caNone")}</p>
        ) : (
          <Fingerprints of={draft.fingerprints} />
        )}
        <Button
          onClick={() => choose.mutate()}
          disabled={choose.isPending}
          icon={<FileKey2 aria-hidden className="size-4.5" />}
        >
          {t("directory.form.caChoose")}
        </Button>
      </Part>
      <Part title={t("directory.summary.people")}>
        <Choice
          legend={t("directory.form.bind")}
          name="bind"
          value={draft.bind}
          onChange={(bind) => set({ bind })}
          options={[
            { value: "search", words: t("directory.form.search") },
            { value: "direct", words: t("directory.form.direct") },
          ]}
        />
        {draft.bind === "direct" ? (
          text("template", t("directory.form.template"), t("directory.form.templateHint"))
        ) : (
          <div className="grid grid-cols-2 items-start gap-4 max-md:grid-cols-1">
            {text("account", t("directory.form.account"), t("directory.form.accountHint"))}
            {draft.account.trim() !== "" && (
              <PasswordField
                label={t("directory.form.accountPassword")}
                hint={`${passwordKept ? `${t("directory.form.accountPasswordKept")} ` : ""}${t("directory.form.accountPasswordHint")}`}
                name="account-password"
                value={draft.accountPassword}
                onChange={(e) => set({ accountPassword: e.target.value })}
                required={false}
              />
            )}
          </div>
        )}
        {text("base", t("directory.form.base"), t("directory.form.baseHint"))}
      </Part>
      <Part title={t("directory.form.groups")} lead={t("directory.form.groupsHint")}>
        {draft.groups.map((row, n) => (
          <Row
            key={n}
            remove={t("directory.form.removeGroup", { n: n + 1 })}
            onRemove={draft.groups.length > 1 ? () => set({ groups: without(draft.groups, n) }) : undefined}
          >
            <Field
              label={t("directory.form.groupDn")}
              name={`group-${n}`}
              value={row.dn}
              placeholder="cn=clinicians,ou=groups,dc=clinic"
              style={{ fontFamily: "var(--font-mono)" }}
              onChange={(e) => set({ groups: replaced(draft.groups, n, { ...row, dn: e.target.value }) })}
              autoComplete="off"
              spellCheck={false}
            />
            <label className="block">
              <span className="mb-1.5 block font-medium">{t("directory.form.groupRole")}</span>
              <select
                name={`role-${n}`}
                value={row.role}
                onChange={(e) => set({ groups: replaced(draft.groups, n, { ...row, role: e.target.value }) })}
                className="h-11 w-full rounded-lg border border-edge bg-surface px-3 text-body text-ink"
              >
                {ROLES.map((role) => (
                  <option key={role} value={role}>
                    {roleName(role)}
                  </option>
                ))}
              </select>
            </label>
          </Row>
        ))}
        <Button
          look="quiet"
          onClick={() => set({ groups: [...draft.groups, { dn: "", role: "clinician" }] })}
          icon={<Plus aria-hidden className="size-4.5" />}
        >
          {t("directory.form.addGroup")}
        </Button>
      </Part>
      <details className="rounded-lg border border-line px-4 py-1 open:pb-4">
        <summary className="flex min-h-11 cursor-pointer items-center font-medium">{t("directory.form.more")}</summary>
        <div className="mt-2 grid grid-cols-2 items-start gap-4 max-md:grid-cols-1">
          {text("filter", t("directory.form.filter"), usual(preset?.filter))}
          {text("login", t("directory.form.login"), usual(preset?.login))}
          <div className="col-span-full">
            {text(
              "membership",
              t("directory.form.membership"),
              `${t("directory.form.membershipHint")} ${usual(preset?.membership)}`,
            )}
          </div>
          {text("length", t("directory.form.length"), t("directory.form.lengthHint"), false)}
          <div className="space-y-4">
            {text("connect", t("directory.form.connect"), undefined, false)}
            {text("operation", t("directory.form.operation"), undefined, false)}
          </div>
        </div>
      </details>
      <div className="flex gap-2">
        <Button look="primary" type="submit" disabled={!ready}>
          {t("directory.save")}
        </Button>
        <Button onClick={onClose}>{t("directory.cancel")}</Button>
      </div>
      <p className="selectable text-meta text-ink-3">
        {t("directory.form.tryFirst", { command: "cloister directory test --file SETTINGS.toml" })}
      </p>
    </form>
  );
}

function Part({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <fieldset className="space-y-4">
      <legend className="text-title font-semibold">{title}</legend>
      {lead !== undefined && <p className="text-ink-2">{lead}</p>}
      {children}
    </fieldset>
  );
}

function Row({ remove, onRemove, children }: { remove: string; onRemove: (() => void) | undefined; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[1fr_1fr_2.75rem] items-start gap-4 max-md:grid-cols-1">
      {children}
      {onRemove !== undefined && (
        <button
          type="button"
          aria-label={remove}
          title={remove}
          onClick={onRemove}
          className="grid size-11 place-items-center rounded-lg text-ink-3 hover:bg-sunken hover:text-ink md:mt-7.5"
        >
          <X aria-hidden className="size-5" />
        </button>
      )}
    </div>
  );
}

const replaced = <T,>(list: T[], at: number, by: T): T[] => list.map((each, n) => (n === at ? by : each));
const without = <T,>(list: T[], at: number): T[] => list.filter((_, n) => n !== at);
