import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { SessionDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";

export const STATUS = ["status"] as const;

/** Below this many seconds the window warns, and asks Rust every second. */
export const WARN_BELOW_S = 60;

/** Who is in, how long still, and what proves the seal. Asked often: it is cheap, and it is how a lock is noticed. */
export function useStatus() {
  const ipc = useIpc();
  return useQuery({
    queryKey: STATUS,
    queryFn: () => ipc.call("status", {}),
    refetchInterval: (query) => {
      const left = query.state.data?.session?.locks_in_s;
      return left !== undefined && left <= WARN_BELOW_S + 5 ? 1_000 : 5_000;
    },
    refetchIntervalInBackground: true,
    refetchOnWindowFocus: "always",
  });
}

/**
 * Seconds until auto-logoff, counted down between two answers of Rust, which alone decides. By a clock that nobody sets:
 * a workstation's time may jump.
 */
export function useSecondsLeft(session: SessionDto, asOf: number): number {
  const [now, setNow] = useState(() => performance.now());
  const answered = useRef({ asOf, at: now });
  if (answered.current.asOf !== asOf) answered.current = { asOf, at: performance.now() };
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const passed = Math.max(0, Math.floor((now - answered.current.at) / 1_000));
  return Math.max(0, session.locks_in_s - passed);
}
