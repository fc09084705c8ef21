import { tIfAny } from "@/lib/i18n";

/** The roles, as Rust names them. */
export const ROLES = ["administrator", "clinician", "researcher", "viewer", "auditor"] as const;

/** A role in the reader's language. */
export const roleName = (role: string): string => tIfAny(`roles.${role}`) ?? role;
