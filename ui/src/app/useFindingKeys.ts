import { useEffect } from "react";
import type { FindingDto } from "@/ipc/bindings.gen";
import { shownOrder } from "@/lib/fields";

type Choose = (next: { kind: "finding"; index: number } | null) => void;

/** J goes to the next finding as shown, K to the one before, Escape lets go. Not while something is typed. */
export function useFindingKeys(findings: readonly FindingDto[], chosen: number | null, choose: Choose): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest("input, textarea, [role=menu], [role=dialog]")) return;
      if (event.key === "Escape") {
        choose(null);
        return;
      }
      const step = event.key === "j" || event.key === "J" ? 1 : event.key === "k" || event.key === "K" ? -1 : 0;
      if (step === 0) return;
      const order = shownOrder(findings);
      const here = chosen === null ? -1 : order.indexOf(chosen);
      const next = order[here === -1 ? (step === 1 ? 0 : order.length - 1) : here + step];
      if (next !== undefined) choose({ kind: "finding", index: next });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [findings, chosen, choose]);
}
