import { t } from "@/lib/i18n";

type Place = { to: "/visits" | "/batches" | "/log"; words: () => string; roles: readonly string[] };

const TABS: readonly Place[] = [
  { to: "/visits", words: () => t("nav.visits"), roles: ["administrator", "clinician"] },
  { to: "/batches", words: () => t("batches.nav"), roles: ["administrator", "researcher", "viewer"] },
  { to: "/log", words: () => t("nav.log"), roles: ["administrator", "clinician", "researcher", "auditor"] },
];

/** The screens of a role, in order; what it does not see, Rust denies as well. */
export const tabsOf = (role: string): Place[] => TABS.filter((tab) => tab.roles.includes(role));

/** Where a person of this role begins. */
export const firstPlace = (role: string): Place["to"] => tabsOf(role)[0]?.to ?? "/batches";

/** Whose visits can be opened. */
export const seesVisits = (role: string): boolean => role === "administrator" || role === "clinician";

/** Who works on datasets and runs; others only read the results that they were given. */
export const worksOnRuns = (role: string): boolean => role === "administrator" || role === "researcher";

/** Whose reports can be read. */
export const seesReports = (role: string): boolean => role === "administrator" || role === "researcher";

/** The quick start that a person of this role is shown first. */
export const firstGuide = (role: string): string => (role === "viewer" ? "researcher" : role);
