import type { AccountDto } from "./bindings.gen";
import type { Commands } from "./commands";
import { IpcError } from "./errors";

const YOU = "usr-01JD8ZAAAAAAAAAAAAAAAAAADA";

const account = (n: number, name: string, role: string, over: Partial<AccountDto> = {}): AccountDto => ({
  id: `usr-01JD8ZAAAAAAAAAAAAAAAAA${String(n).padStart(3, "0")}`,
  name,
  role,
  disabled: false,
  created: "2026-10-02T08:00:00.000Z",
  last_sign_in: "2026-11-23T07:41:00.000Z",
  second_factor: "totp",
  locked_minutes: 0,
  kind: "local",
  code_until: null,
  role_in_directory: null,
  opens: role === "auditor" ? [] : role === "administrator" ? ["visits", "research"] : role === "clinician" ? ["visits"] : ["research"],
  ...over,
});

type Names =
  | "list_users"
  | "add_user"
  | "change_role"
  | "disable_user"
  | "reset_user"
  | "unlock_user"
  | "change_password"
  | "new_second_factor"
  | "enrol_second_factor"
  | "remove_second_factor";

/** Accounts that something else makes or changes. */
export type PeopleHold = {
  add: (name: string, role: string, over: Partial<AccountDto>) => AccountDto;
  change: (user: string, over: Partial<AccountDto>) => null;
};

type Answers = { [K in Names]: (payload: Commands[K]["in"]) => Commands[K]["out"] };

/** The code that the fake's device shows. */
export const FAKE_CODE = "287082";

/** Accounts and what is done to them. `password` is that of whoever is signed in. */
export function fakePeople(password: () => string, enrolled: () => void): Answers & { hold: PeopleHold } {
  let people: AccountDto[] = [
    account(1, "Ada Lindqvist", "administrator", { id: YOU }),
    account(2, "Chidi Okafor", "clinician"),
    account(3, "Rhea Papadakis", "researcher", { second_factor: "none" }),
    account(4, "Ines Duarte", "auditor", { last_sign_in: null, second_factor: null }),
    account(5, "Tom Birch", "clinician", { locked_minutes: 14 }),
    account(6, "Mara Weiss", "viewer", { disabled: true, opens: [] }),
  ];
  const change = (user: string, over: Partial<AccountDto>) => {
    if (user === YOU) throw new IpcError("own_account");
    people = people.map((p) => (p.id === user ? { ...p, ...over } : p));
    return null;
  };
  const own = (typed: string) => {
    if (typed !== password()) throw new IpcError("bad_credentials");
  };
  const add = (name: string, role: string, over: Partial<AccountDto>) => {
    const made = account(people.length + 1, name, role, { last_sign_in: null, second_factor: null, ...over });
    people = [...people, made];
    return made;
  };
  return {
    hold: { add, change },
    list_users: () => people,
    add_user: ({ name, role, password: first }) => {
      if (first.length < 12) throw new IpcError("weak_password");
      return add(name, role, {});
    },
    change_role: ({ user, role }) => change(user, { role }),
    disable_user: ({ user, disabled }) => change(user, { disabled }),
    reset_user: ({ user }) => change(user, { second_factor: null }),
    unlock_user: ({ user }) => change(user, { locked_minutes: 0 }),
    change_password: ({ password: typed, new_password }) => {
      own(typed);
      if (new_password.length < 12) throw new IpcError("weak_password");
      return null;
    },
    new_second_factor: () => ({
      secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
      uri: "otpauth://totp/Cloister:Ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
      qr: Array.from({ length: 29 }, (_, y) =>
        Array.from({ length: 29 }, (_, x) => ((x * 7 + y * 5 + x * y) % 3 === 0 ? "1" : "0")).join(""),
      ),
    }),
    enrol_second_factor: ({ password: typed, code }) => {
      if (code !== FAKE_CODE) throw new IpcError("wrong_code");
      own(typed);
      enrolled();
      return { codes: Array.from({ length: 10 }, (_, n) => `${n}K7Q-H4MZ-DW2X-A9FT`) };
    },
    remove_second_factor: ({ password: typed }) => {
      own(typed);
      return null;
    },
  };
}
