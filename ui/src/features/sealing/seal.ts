import type { ProcessProof } from "@/ipc/bindings.gen";

export type Seal = "sealed" | "open" | "unproven";

/** What the proofs amount to. No proof is not a seal, and neither is a proof without a fact behind it. */
export function sealOf(proofs: readonly ProcessProof[]): Seal {
  if (proofs.some((proof) => proof.state !== "enforced")) return "open";
  return proofs.length > 0 && proofs.every((proof) => proof.facts.length > 0) ? "sealed" : "unproven";
}
