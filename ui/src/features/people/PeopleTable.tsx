import { CircleCheck, CircleSlash, Ellipsis, KeyRound, LockKeyhole, LockKeyholeOpen, Ticket } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { Chip } from "@/components/Chip";
import { Moment } from "@/components/Moment";
import type { AccountDto } from "@/ipc/bindings.gen";
import { date, timeOfDay } from "@/lib/format";
import { t } from "@/lib/i18n";
import type { Act } from "./People";
import { ROLES, roleName } from "./roles";

type Props = {
  people: AccountDto[];
  me: string;
  busy: boolean;
  /** Whether there is a directory. */
  byDirectory: boolean;
  onAct: (act: Act) => void;
  onReset: (account: AccountDto) => void;
};

/** One row a person. Acts on one's own account are another administrator's. */
export function PeopleTable({ people, me, busy, byDirectory, onAct, onReset }: Props) {
  return (
    <div className="overflow-x-auto rounded-xl border border-line bg-surface">
      <table className="w-full min-w-176 text-left tabular-nums">
        <thead className="bg-sunken text-meta font-medium text-ink-2">
          <tr className="[&>th]:h-10 [&>th]:px-4 [&>th]:font-medium [&>th]:whitespace-nowrap max-xl:[&>th]:px-2.5 max-xl:[&>th:first-child]:pl-4">
            <th scope="col">{t("people.name")}</th>
            <th scope="col">{t("people.role")}</th>
            <th scope="col" className="max-xl:hidden">{t("people.opens")}</th>
            <th scope="col">{t("people.lastSignIn")}</th>
            <th scope="col">{t("people.factor")}</th>
            <th scope="col">{t("people.state")}</th>
            <th scope="col" aria-label={t("people.state")} />
          </tr>
        </thead>
        <tbody>
          {people.map((account) => (
            <tr key={account.id} className="border-t border-line [&>td]:h-14 [&>td]:px-4 max-xl:[&>td]:px-2.5 max-xl:[&>td:first-child]:pl-4">
              <td className="max-w-56 truncate font-medium">
                <bdi>{account.name}</bdi>
                {account.id === me && <span className="ml-2 text-meta font-normal text-ink-3">{t("people.you")}</span>}
                {account.kind === "directory" && (
                  <span className="block text-meta font-normal text-ink-3">{t("enrolment.addDirectory")}</span>
                )}
              </td>
              <td>
                {account.id === me ? (
                  roleName(account.role)
                ) : (
                  <select
                    aria-label={t("people.roleFor", { name: account.name })}
                    value={account.role}
                    disabled={busy}
                    onChange={(e) => onAct({ kind: "role", account, role: e.target.value })}
                    className="h-11 rounded-lg border border-edge bg-surface px-2 text-ink"
                  >
                    {ROLES.map((role) => (
                      <option key={role} value={role}>
                        {roleName(role)}
                      </option>
                    ))}
                  </select>
                )}
                {account.role_in_directory !== null && account.id !== me && (
                  <p className="pb-2 text-meta text-warn">
                    {t("enrolment.roleInDirectory", { role: roleName(account.role_in_directory) })}{" "}
                    <button
                      type="button"
                      disabled={busy}
                      className="min-h-6 font-medium underline underline-offset-2"
                      onClick={() => onAct({ kind: "role", account, role: account.role_in_directory ?? account.role })}
                    >
                      {t("enrolment.approveRole", { name: account.name, role: roleName(account.role_in_directory) })}
                    </button>
                  </p>
                )}
              </td>
              <td className="text-ink-2 max-xl:hidden">{opens(account)}</td>
              <td className="text-ink-2">
                {account.last_sign_in === null ? (
                  t("people.never")
                ) : (
                  <Moment at={new Date(account.last_sign_in)} format={(at) => `${date(at)}, ${timeOfDay(at)}`} />
                )}
              </td>
              <td className="text-ink-2">{factor(account)}</td>
              <td>
                <State account={account} />
              </td>
              <td className="text-right">
                {account.id !== me && (
                  <Acts account={account} busy={busy} byDirectory={byDirectory} onAct={onAct} onReset={onReset} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function State({ account }: { account: AccountDto }) {
  if (account.disabled) return <Chip tone="outline" icon={<CircleSlash aria-hidden />}>{t("people.disabled")}</Chip>;
  if (account.locked_minutes > 0)
    return (
      <Chip tone="warn" icon={<LockKeyhole aria-hidden />}>
        {t("people.locked", { count: account.locked_minutes })}
      </Chip>
    );
  if (account.code_until !== null) return <Chip tone="warn" icon={<KeyRound aria-hidden />}>{t("enrolment.codeUntil")}</Chip>;
  return <Chip tone="good" icon={<CircleCheck aria-hidden />}>{t("people.active")}</Chip>;
}

function Acts({ account, busy, byDirectory, onAct, onReset }: Omit<Props, "people" | "me"> & { account: AccountDto }) {
  const theirs = account.kind === "directory" && byDirectory;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        aria-label={t("people.acts", { name: account.name })}
        disabled={busy}
        className="grid size-11 place-items-center rounded-lg text-ink-2 hover:bg-sunken data-[state=open]:bg-sunken"
      >
        <Ellipsis aria-hidden className="size-5" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={6} className="appear z-30 w-56 rounded-xl border border-line bg-surface p-1.5 shadow-lift">
          {account.locked_minutes > 0 && (
            <DropdownMenu.Item className={ITEM} onSelect={() => onAct({ kind: "unlock", account })}>
              <LockKeyholeOpen aria-hidden />
              {t("people.unlock")}
            </DropdownMenu.Item>
          )}
          {!theirs && (
            <DropdownMenu.Item className={ITEM} onSelect={() => onReset(account)}>
              <KeyRound aria-hidden />
              {t("people.reset")}
            </DropdownMenu.Item>
          )}
          {byDirectory && (
            <DropdownMenu.Item className={ITEM} onSelect={() => onAct({ kind: "code", account })}>
              <Ticket aria-hidden />
              {theirs ? t("enrolment.giveCode") : t("enrolment.toDirectory")}
            </DropdownMenu.Item>
          )}
          <DropdownMenu.Item
            className={ITEM}
            onSelect={() => onAct({ kind: "disable", account, disabled: !account.disabled })}
          >
            {account.disabled ? <CircleCheck aria-hidden /> : <CircleSlash aria-hidden />}
            {t(account.disabled ? "people.enable" : "people.disable")}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const ITEM =
  "flex min-h-11 cursor-pointer items-center gap-3 rounded-lg px-3 outline-none data-[highlighted]:bg-sunken [&>svg]:size-4.5 [&>svg]:text-ink-3";

function opens(account: AccountDto): string {
  const names: Record<string, string> = { visits: t("people.opensVisits"), research: t("people.opensResearch") };
  return account.opens.length === 0 ? t("people.opensNothing") : account.opens.map((s) => names[s] ?? s).join(", ");
}

function factor(account: AccountDto): string {
  switch (account.second_factor) {
    case "totp":
      return t("people.factorTotp");
    case "recovery_code":
      return t("people.factorRecovery");
    default:
      return t("people.factorNone");
  }
}
