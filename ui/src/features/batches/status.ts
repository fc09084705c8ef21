import type { BatchDto } from "@/ipc/research.gen";

/** How far a run is: one that is said to run while no process works on it was interrupted. */
export const statusOf = ({ status, working }: Pick<BatchDto, "status" | "working">): string =>
  status === "running" && !working ? "interrupted" : status;
