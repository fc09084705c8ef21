import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useIpc } from "@/ipc/context";
import { IpcError } from "@/ipc/errors";

/** Where the voice is, and how to move it. */
export type Playback = {
  playing: boolean;
  /** Seconds from the visit's start; `null` before anything was heard. */
  position: number | null;
  error: IpcError | null;
  play: (from: number, to: number | null) => void;
  stop: () => void;
};

/** The voice of one visit. It falls silent when the screen is left. */
export function usePlayback(encounter: string, enabled: boolean): Playback {
  const ipc = useIpc();
  const status = useQuery({
    queryKey: ["playback", encounter],
    queryFn: () => ipc.call("playback_status", {}),
    enabled,
    refetchInterval: (query) => (query.state.data?.playing === true ? 100 : false),
    structuralSharing: false,
  });
  const settled = () => void status.refetch();
  const play = useMutation({
    mutationFn: ({ from, to }: { from: number; to: number | null }) =>
      ipc.call("play_span", { encounter, from_s: from, to_s: to }),
    onSettled: settled,
  });
  const stop = useMutation({ mutationFn: () => ipc.call("stop_playback", {}), onSettled: settled });

  const sounding = useRef(false);
  sounding.current = status.data?.playing === true;
  useEffect(
    () => () => {
      if (sounding.current) void ipc.call("stop_playback", {}).catch(() => undefined);
    },
    [ipc],
  );

  const own = status.data?.encounter_id === encounter ? status.data : null;
  return {
    playing: own?.playing === true,
    position: own?.position_s ?? null,
    error: (play.error as IpcError | null) ?? (own?.failed === true ? new IpcError("sound_unavailable") : null),
    play: (from, to) => play.mutate({ from, to }),
    stop: () => stop.mutate(),
  };
}
