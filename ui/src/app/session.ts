import { createContext, use } from "react";
import type { ModelDto, SessionDto, StatusDto } from "@/ipc/bindings.gen";

type Signed = {
  status: StatusDto;
  session: SessionDto;
  /** When Rust last answered, in milliseconds. */
  checkedAt: number;
  onSignedOut: () => Promise<void>;
  /** The stores have new keys, and the session ended with that. */
  onKeysRotated: () => Promise<void>;
};

export const SessionContext = createContext<Signed | null>(null);

/** Who is signed in; only below the shell. */
export function useSession(): Signed {
  const signed = use(SessionContext);
  if (signed === null) throw new Error("nobody is signed in here");
  return signed;
}

/** The default model of a task when it cannot be used, so that the screen can say so before somebody tries. */
export function unusableModel(status: StatusDto, task: "speech" | "language"): ModelDto | null {
  const model = status.models.find((m) => m.task === task && m.default);
  return model !== undefined && model.state !== "present" ? model : null;
}
