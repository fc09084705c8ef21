import { createContext, use } from "react";
import type { Ipc } from "./commands";

export const IpcContext = createContext<Ipc | null>(null);

/** The way to Rust that this tree was given: the window's, or a test's. */
export function useIpc(): Ipc {
  const ipc = use(IpcContext);
  if (ipc === null) throw new Error("no IpcContext above this component");
  return ipc;
}
