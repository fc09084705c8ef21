import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import type { Ipc } from "@/ipc/commands";
import { IpcContext } from "@/ipc/context";
import { Gate } from "./Gate";
import { JobsProvider } from "./jobs";
import { ThemeProvider } from "./theme";
import { ZoomProvider } from "./zoom";

/** The whole window over one way to Rust. */
export function App({ ipc }: { ipc: Ipc }) {
  const [client] = useState(newQueryClient);
  return (
    <IpcContext value={ipc}>
      <QueryClientProvider client={client}>
        <ThemeProvider>
          <ZoomProvider>
            <JobsProvider>
              <Gate />
            </JobsProvider>
          </ZoomProvider>
        </ThemeProvider>
      </QueryClientProvider>
    </IpcContext>
  );
}

function newQueryClient(): QueryClient {
  // A sealed-off machine is always "offline" to a browser engine; nothing here waits for a network.
  const local = { networkMode: "always", retry: false } as const;
  // What no screen shows leaves the page's memory soon: fetching it again takes less than one notices.
  const gcTime = 10_000;
  return new QueryClient({
    defaultOptions: { queries: { ...local, gcTime, refetchOnWindowFocus: false, staleTime: 2_000 }, mutations: { ...local, gcTime } },
  });
}
