import type { ReactNode } from "react";
import { roleName } from "@/features/people/roles";
import type { DirectorySettingsDto } from "@/ipc/bindings.gen";
import { t, tIfAny } from "@/lib/i18n";

/** What is set, for reading. */
export function Summary({ settings }: { settings: DirectorySettingsDto }) {
  const bind =
    settings.bind === "direct"
      ? t("directory.summary.bindDirect", { template: settings.bind_template ?? "" })
      : settings.search_account === null
        ? t("directory.summary.bindAnonymous")
        : t("directory.summary.bindSearch", { account: settings.search_account });
  return (
    <dl className="selectable divide-y divide-line rounded-xl border border-line bg-surface px-6 py-2">
      <Row term={t("directory.summary.kind")}>{tIfAny(`directory.form.${settings.kind}`) ?? settings.kind}</Row>
      <Row term={t("directory.summary.servers")}>
        <ul className="font-mono text-meta">
          {settings.servers.map((server) => (
            <li key={server} className="break-all">
              {server}
            </li>
          ))}
        </ul>
      </Row>
      <Row term={t("directory.summary.ca")}>
        <Fingerprints of={settings.ca_fingerprints} />
      </Row>
      <Row term={t("directory.summary.bind")}>{bind}</Row>
      <Row term={t("directory.summary.people")}>
        <span className="font-mono text-meta break-all">
          {settings.people_base} · {settings.login_attribute}
        </span>
      </Row>
      <Row term={t("directory.summary.groups")}>
        <ul>
          {settings.groups.map((group) => (
            <li key={group.dn} className="flex flex-wrap justify-between gap-x-4">
              <span className="font-mono text-meta break-all">{group.dn}</span>
              <span>{roleName(group.role)}</span>
            </li>
          ))}
        </ul>
      </Row>
      <Row term={t("directory.summary.length")}>
        {t("directory.summary.lengthValue", { count: settings.minimum_password_length })}
      </Row>
    </dl>
  );
}

function Row({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[12rem_1fr] gap-4 py-3 max-md:grid-cols-1 max-md:gap-0.5">
      <dt className="text-ink-3">{term}</dt>
      <dd className="min-w-0 text-ink">{children}</dd>
    </div>
  );
}

/** Digests of certificates, in groups that the eye can follow. */
export function Fingerprints({ of }: { of: string[] }) {
  return (
    <ul className="font-mono text-meta tabular-nums">
      {of.map((fingerprint) => (
        <li key={fingerprint} className="break-words">
          {fingerprint.match(/.{1,8}/g)?.join(" ")}
        </li>
      ))}
    </ul>
  );
}
