import { useQuery } from "@tanstack/react-query";
import { useIpc } from "@/ipc/context";

export const RECORDING = ["recording"] as const;

/** Where the take is; `null` when there is none. Asked often while one is under way, because its level is shown. */
export function useRecording() {
  const ipc = useIpc();
  return useQuery({
    queryKey: RECORDING,
    queryFn: () => ipc.call("recording_status", {}),
    refetchInterval: (query) => {
      const state = query.state.data?.state;
      return state === undefined || state === "ended" ? 2_000 : 200;
    },
    refetchIntervalInBackground: true,
    structuralSharing: false,
  });
}
