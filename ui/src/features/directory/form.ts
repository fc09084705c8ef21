import type { DirectorySettingsDto } from "@/ipc/bindings.gen";
import type { DirectorySettingsIn } from "@/ipc/directory";

export type ServerRow = { address: string; name: string };
export type GroupRow = { dn: string; role: string };

/** What the form holds: texts as they are typed. */
export type Draft = {
  kind: string;
  /** `ldaps`, or `ldap` for StartTLS. */
  encryption: string;
  port: string;
  servers: ServerRow[];
  ca: string;
  fingerprints: string[];
  bind: string;
  account: string;
  accountPassword: string;
  template: string;
  base: string;
  groups: GroupRow[];
  filter: string;
  login: string;
  membership: string;
  length: string;
  connect: string;
  operation: string;
};

/** What a kind of directory usually has, as Rust fills it in. */
export const PRESETS: Record<string, { filter: string; login: string; membership: string }> = {
  openldap: { filter: "(objectClass=person)", login: "uid", membership: "(|(member={dn})(uniqueMember={dn}))" },
  "active-directory": {
    filter: "(&(objectCategory=person)(objectClass=user))",
    login: "sAMAccountName",
    membership: "(member:1.2.840.113556.1.4.1941:={dn})",
  },
};

export const USUAL_PORT: Record<string, string> = { ldaps: "636", ldap: "389" };

export const EMPTY: Draft = {
  kind: "openldap",
  encryption: "ldaps",
  port: "636",
  servers: [{ address: "", name: "" }],
  ca: "",
  fingerprints: [],
  bind: "search",
  account: "",
  accountPassword: "",
  template: "",
  base: "",
  groups: [{ dn: "", role: "clinician" }],
  filter: "",
  login: "",
  membership: "",
  length: "12",
  connect: "5",
  operation: "10",
};

/** The form of settings that are there. What is as usual is left empty. */
export function draftOf(settings: DirectorySettingsDto): Draft {
  const first = parts(settings.servers[0] ?? "");
  const preset = PRESETS[settings.kind];
  const unusual = (value: string, usual: string | undefined) => (value === usual ? "" : value);
  return {
    kind: settings.kind,
    encryption: first.scheme,
    port: first.port,
    servers: settings.servers.map((server) => {
      const { address, name } = parts(server);
      return { address, name };
    }),
    ca: settings.ca,
    fingerprints: settings.ca_fingerprints,
    bind: settings.bind,
    account: settings.search_account ?? "",
    accountPassword: "",
    template: settings.bind_template ?? "",
    base: settings.people_base,
    groups: settings.groups,
    filter: unusual(settings.people_filter, preset?.filter),
    login: unusual(settings.login_attribute, preset?.login),
    membership: unusual(settings.membership, preset?.membership),
    length: String(settings.minimum_password_length),
    connect: String(settings.connect_timeout_s),
    operation: String(settings.operation_timeout_s),
  };
}

/** What Rust is asked to set. Rust checks it; here it is only put together. */
export function settingsOf(draft: Draft): DirectorySettingsIn {
  const given = (key: keyof DirectorySettingsIn, text: string) => (text.trim() === "" ? {} : { [key]: text.trim() });
  const number = (key: keyof DirectorySettingsIn, text: string) => (/^\d+$/.test(text.trim()) ? { [key]: Number(text) } : {});
  return {
    kind: draft.kind,
    servers: draft.servers.filter((row) => row.address.trim() !== "").map((row) => serverOf(draft, row)),
    ca: draft.ca,
    bind: draft.bind,
    people_base: draft.base.trim(),
    groups: draft.groups.filter((row) => row.dn.trim() !== "").map((row) => ({ dn: row.dn.trim(), role: row.role })),
    ...(draft.bind === "search" ? given("search_account", draft.account) : given("bind_template", draft.template)),
    ...given("people_filter", draft.filter),
    ...given("login_attribute", draft.login),
    ...given("membership", draft.membership),
    ...number("minimum_password_length", draft.length),
    ...number("connect_timeout_s", draft.connect),
    ...number("operation_timeout_s", draft.operation),
  };
}

/** Whether there is enough to send. */
export const isComplete = (draft: Draft): boolean =>
  draft.servers.some((row) => row.address.trim() !== "") &&
  draft.ca !== "" &&
  draft.base.trim() !== "" &&
  [draft.length, draft.connect, draft.operation].every((number) => /^\d*$/.test(number.trim())) &&
  draft.groups.some((row) => row.dn.trim() !== "") &&
  (draft.bind === "search" || draft.template.trim() !== "");

function serverOf(draft: Draft, row: ServerRow): string {
  const typed = row.address.trim();
  const address = typed.includes(":") && !typed.startsWith("[") ? `[${typed}]` : typed;
  const port = draft.port.trim() === "" ? "" : `:${draft.port.trim()}`;
  const name = row.name.trim() === "" ? "" : `?name=${row.name.trim()}`;
  return `${draft.encryption}://${address}${port}${name}`;
}

/** The parts of `ldaps://IP:port?name=CERTNAME`, which Rust has checked. */
function parts(server: string): { scheme: string; address: string; port: string; name: string } {
  const [scheme = "ldaps", rest = ""] = server.split("://");
  const [host = "", query = ""] = rest.split("?name=");
  const at = host.lastIndexOf(":");
  const hasPort = at > host.lastIndexOf("]");
  const address = (hasPort ? host.slice(0, at) : host).replace(/^\[|\]$/g, "");
  return { scheme, address, port: hasPort ? host.slice(at + 1) : (USUAL_PORT[scheme] ?? ""), name: query };
}
