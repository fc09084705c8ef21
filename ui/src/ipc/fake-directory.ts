import type { DirectoryDto, DirectorySettingsDto, DirectoryStepDto, EnrolmentDto } from "./bindings.gen";
import type { DirectoryCommands } from "./directory";
import { IpcError } from "./errors";
import type { PeopleHold } from "./fake-people";

type Answers = { [K in keyof DirectoryCommands]: (payload: DirectoryCommands[K]["in"]) => DirectoryCommands[K]["out"] };

/** A code and a fingerprint as Rust makes them. */
export const FAKE_ENROLMENT_CODE = "7KQ29X-TDM3AB-81ZW5R-H4MZDW-2XA9FT-0B6NJ3";
export const FAKE_FINGERPRINT = "7KQ2-9XTD-M3AB-81ZW";

const FINGERPRINT = "9f2c4e1b7a60d35884c1e0f7b6a59d3342e8c17f05ab9d6e21c4f8037b5a6d9e";

const SETTINGS: DirectorySettingsDto = {
  kind: "openldap",
  servers: ["ldaps://10.0.0.5:636?name=dc1.clinic.example", "ldaps://10.0.0.6:636?name=dc2.clinic.example"],
  ca: "-----BEGIN CERTIFICATE-----\nMAAAAAAA\n-----END CERTIFICATE-----",
  ca_fingerprints: [FINGERPRINT],
  bind: "search",
  search_account: "cn=cloister,ou=services,dc=clinic,dc=example",
  bind_template: null,
  people_base: "ou=people,dc=clinic,dc=example",
  people_filter: "(objectClass=person)",
  login_attribute: "uid",
  membership: "(|(member={dn})(uniqueMember={dn}))",
  groups: [
    { dn: "cn=physicians,ou=groups,dc=clinic,dc=example", role: "clinician" },
    { dn: "cn=study-nurses,ou=groups,dc=clinic,dc=example", role: "researcher" },
  ],
  minimum_password_length: 12,
  connect_timeout_s: 5,
  operation_timeout_s: 10,
};

const NONE: DirectoryDto = {
  settings: null,
  in_force: false,
  restart_needed: false,
  failure: null,
  search_password_kept: false,
  local_administrators: 1,
};

export type FakeDirectoryOptions = {
  /** Whether there is a directory, and how this process stands to it. */
  directory?: "none" | "in_force" | "restart";
  /** How the test of it ends. */
  directoryTest?: "good" | "name" | "group";
  /** Who waits to be let in. */
  requests?: EnrolmentDto[];
  /** What the directory's people are told when they sign in. */
  enrolment?: "first" | "changed";
};

/** One request that waits. */
export const REQUEST: EnrolmentDto = {
  user: "usr-01JD8ZAAAAAAAAAAAAAAAAA041",
  name: "Lena Vogt",
  role: "clinician",
  asked: "2026-11-23T07:12:00.000Z",
  fingerprint: FAKE_FINGERPRINT,
  renews: false,
  recorded: true,
};

/** The institution's directory and its people. */
export function fakeDirectory(options: FakeDirectoryOptions, people: PeopleHold): Answers {
  let shown: DirectoryDto = NONE;
  if (options.directory === "in_force") shown = { ...NONE, settings: SETTINGS, in_force: true, search_password_kept: true };
  if (options.directory === "restart") shown = { ...NONE, settings: SETTINGS, restart_needed: true, search_password_kept: true };
  let requests = options.requests ?? [];
  const take = (user: string) => {
    const found = requests.find((r) => r.user === user);
    if (found === undefined) throw new IpcError("not_found");
    requests = requests.filter((r) => r.user !== user);
    return found;
  };
  const expires = "2026-11-30T08:00:00.000Z";
  return {
    show_directory: () => shown,
    set_directory: ({ settings }) => {
      if (settings.servers.some((s) => !/:\/\/[\d.[\]:a-f]+(:\d+)?(\?name=.*)?$/.test(s)))
        throw new IpcError("directory_settings", { field: "servers", fault: `${settings.servers[0]}: the address must be numbers` });
      const { search_account, bind_template, ...given } = settings;
      const full = { ...SETTINGS, ...given, search_account: search_account ?? null, bind_template: bind_template ?? null };
      shown = { ...shown, settings: full, in_force: false, restart_needed: true };
      return shown;
    },
    remove_directory: () => {
      shown = NONE;
      return shown;
    },
    test_directory: ({ name, password: theirs }) => steps(options.directoryTest ?? "good", name, theirs),
    read_authority: () => ({ ca: SETTINGS.ca, fingerprints: [FINGERPRINT] }),
    list_enrolments: () => requests,
    approve_enrolment: ({ user, fingerprint }) => {
      if (requests.find((r) => r.user === user)?.fingerprint !== fingerprint) throw new IpcError("other_fingerprint");
      const request = take(user);
      return people.add(request.name, request.role, { kind: "directory" });
    },
    refuse_enrolment: ({ user }) => {
      take(user);
      return null;
    },
    give_enrolment_code: ({ user }) => {
      people.change(user, { kind: "directory", code_until: expires, second_factor: null });
      return { user, code: FAKE_ENROLMENT_CODE, expires };
    },
    add_directory_user: ({ name, role }) => ({
      ...people.add(name, role, { kind: "directory", code_until: expires }),
      code: FAKE_ENROLMENT_CODE,
      expires,
    }),
  };
}

function steps(ends: "good" | "name" | "group", name: string | undefined, password: string | undefined): DirectoryStepDto[] {
  const step = (which: string, state: string, facts: Record<string, string> = {}, fault: string | null = null) => ({
    step: which,
    state,
    fault,
    words: null,
    facts,
  });
  const server = "10.0.0.5:636";
  const certificate = { server, ends: "2026-12-14T00:00:00.000Z", days: "20" };
  const rest = ["search_account", "base", "person", "groups", "password"];
  if (ends === "name")
    return [
      step("connect", "done", { server }),
      step("certificate", "failed", { server }, "certificate_name"),
      ...rest.map((which) => step(which, "not_tried")),
    ];
  const dn = `uid=${name ?? ""},ou=people,dc=clinic,dc=example`;
  const found = name === undefined ? "not_tried" : "done";
  const groups =
    name === undefined
      ? step("groups", "not_tried")
      : ends === "group"
        ? step("groups", "failed", {}, "no_group")
        : step("groups", "done", { roles: "clinician" });
  return [
    step("connect", "done", { server }),
    step("certificate", "warned", certificate),
    step("search_account", "done", { account: SETTINGS.search_account ?? "" }),
    step("base", "done", { dn: SETTINGS.people_base }),
    step("person", found, found === "done" ? { dn } : {}),
    groups,
    step("password", password === undefined || ends === "group" ? "not_tried" : "done"),
  ];
}
