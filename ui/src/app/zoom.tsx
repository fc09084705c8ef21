import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from "react";
import { useIpc } from "@/ipc/context";
import { withControl } from "./palette/keys";

/** Sizes of text, in percent. */
export const SIZES = [100, 110, 125, 150, 175, 200] as const;

type Zoom = { percent: number; larger: () => void; smaller: () => void; actual: () => void };

const ZoomContext = createContext<Zoom>({ percent: 100, larger: () => undefined, smaller: () => undefined, actual: () => undefined });

/** How large everything is, until the window closes: by Ctrl or Cmd and +, - or 0, before the sign-in as well. */
export function ZoomProvider({ children }: { children: ReactNode }) {
  const ipc = useIpc();
  const [percent, setPercent] = useState(100);
  const step = useCallback(
    (by: 1 | -1 | 0) =>
      setPercent((now) => {
        const at = SIZES.findIndex((size) => size === now);
        return by === 0 ? 100 : (SIZES[Math.min(SIZES.length - 1, Math.max(0, at + by))] ?? 100);
      }),
    [],
  );
  useEffect(() => {
    // The window does it, so that what depends on the room there is, is laid out anew.
    void ipc.call("zoom", { percent }).catch(() => undefined);
  }, [ipc, percent]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!withControl(event)) return;
      const by = { "+": 1, "=": 1, "-": -1, _: -1, "0": 0 }[event.key] as 1 | -1 | 0 | undefined;
      if (by === undefined) return;
      event.preventDefault();
      step(by);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [step]);
  const value = useMemo(
    () => ({ percent, larger: () => step(1), smaller: () => step(-1), actual: () => step(0) }),
    [percent, step],
  );
  return <ZoomContext value={value}>{children}</ZoomContext>;
}

export const useZoom = () => use(ZoomContext);
