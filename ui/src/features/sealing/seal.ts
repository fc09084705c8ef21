import type { ProcessProof } from "@/ipc/bindings.gen";

export type Seal = "sealed" | "open" | "unproven" | "tests";

/** What the proofs amount to. No proof is not a seal, and neither is a proof without a fact behind it. */
export function sealOf(proofs: readonly ProcessProof[]): Seal {
  if (proofs.some((proof) => !["enforced", "for_tests"].includes(proof.state))) return "open";
  if (proofs.some((proof) => proof.state === "for_tests")) return "tests";
  return proofs.length > 0 && proofs.every((proof) => proof.facts.length > 0) ? "sealed" : "unproven";
}
