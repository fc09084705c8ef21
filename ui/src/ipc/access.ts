import type { AccessReviewDto, ColleagueDto, EmergencyDto, FoundVisitDto, ModelDto, PolicyChangeDto, ShareDto } from "./bindings.gen";
import type { Compliance } from "./compliance";
import type { Examination } from "./health";

type Nothing = Record<string, never>;

/** The commands about who may open what. */
export type AccessCommands = {
  /** Acts of weight are admitted for some minutes then. */
  step_up: { in: { password: string; code?: string }; out: null };
  list_colleagues: { in: Nothing; out: ColleagueDto[] };
  list_encounter_shares: { in: { id: string }; out: ShareDto[] };
  /** `give: false` takes the visit back. */
  /** With `verify` every file is read whole and compared with its hash. */
  list_models: { in: { verify?: boolean }; out: ModelDto[] };
  /** What laws and standards ask, and where it stands: the same for everybody. */
  compliance: { in: Nothing; out: Compliance };
  /** What the workstation can do; with `probe` every way out is tried. */
  doctor: { in: { probe: boolean }; out: Examination };
  review_access: { in: Nothing; out: AccessReviewDto };
  /** New keys for both stores; the session ends with it. Asks for the password again. */
  rotate_keys: { in: Nothing; out: { visits: number | null; research: number | null; handed_on: number } };
  policy_history: { in: Nothing; out: PolicyChangeDto[] };
  /** Another's visits, by the patient's whole record number; asks for the password again. */
  find_emergency_visits: { in: { record: string }; out: FoundVisitDto[] };
  /** Opens one for an hour, to read and to hear. */
  break_glass: { in: { id: string; reason: string }; out: { id: string; until: string } };
  /** Of the last month; reviewed by `audit_acknowledge`. */
  list_emergencies: { in: Nothing; out: EmergencyDto[] };
  share_encounter: { in: { id: string; user: string; give: boolean }; out: ShareDto[] };
};
