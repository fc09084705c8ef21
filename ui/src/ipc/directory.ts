import type {
  AccountDto,
  AuthorityDto,
  DirectoryDto,
  DirectoryStepDto,
  EnrolmentCodeDto,
  EnrolmentDto,
  GroupRoleDto,
} from "./bindings.gen";

type Nothing = Record<string, never>;

/** Settings of the directory as a form gives them; what is left out follows from `kind`. */
export type DirectorySettingsIn = {
  kind: string;
  servers: string[];
  ca: string;
  bind: string;
  search_account?: string;
  bind_template?: string;
  people_base: string;
  people_filter?: string;
  login_attribute?: string;
  membership?: string;
  groups: GroupRoleDto[];
  minimum_password_length?: number;
  connect_timeout_s?: number;
  operation_timeout_s?: number;
};

/** How somebody from the directory comes by keys at a sign-in. */
export type EnrolmentIn = { previous: string } | { code: string } | { request: true };

/** The commands about the institution's directory and its people. */
export type DirectoryCommands = {
  show_directory: { in: Nothing; out: DirectoryDto };
  /** Without `search_password` the one that is kept stays. */
  set_directory: { in: { settings: DirectorySettingsIn; search_password?: string }; out: DirectoryDto };
  remove_directory: { in: Nothing; out: DirectoryDto };
  test_directory: { in: { name?: string; password?: string }; out: DirectoryStepDto[] };
  /** Rust opens the file chooser; `null` when it was closed without a file. */
  read_authority: { in: Nothing; out: AuthorityDto | null };
  list_enrolments: { in: Nothing; out: EnrolmentDto[] };
  approve_enrolment: { in: { user: string; fingerprint: string }; out: AccountDto };
  refuse_enrolment: { in: { user: string }; out: null };
  give_enrolment_code: { in: { user: string; to_directory: boolean }; out: EnrolmentCodeDto };
  add_directory_user: { in: { name: string; role: string }; out: AccountDto & { code: string; expires: string } };
};
