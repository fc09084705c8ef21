export type CheckState = "ok" | "warn" | "fail";

/** One thing that was looked at; as crates/app/src/doctor.rs writes it. Several may have one name: a model each. */
export type Check = { name: string; state: CheckState; facts: string[] };

export type Examination = { checks: Check[] };
