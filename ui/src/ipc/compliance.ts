/** How a requirement stands: done, the institution's to do, not applicable, not done. */
export type RequirementState = "met" | "yours" | "none" | "later";

/** Something that a law, a standard or a comparable tool asks for; as crates/app/src/compliance.rs writes it. */
export type Requirement = { source: string; clause: string; asks: string; state: RequirementState; how: string; check: string };

export type Compliance = { sources: { key: string; title: string }[]; requirements: Requirement[] };
