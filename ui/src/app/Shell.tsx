import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { SessionDto, StatusDto } from "@/ipc/bindings.gen";
import { ActionsProvider } from "./palette/actions";
import { firstPlace } from "./places";
import { newRouter, preloadScreens } from "./router";
import { SessionContext } from "./session";
import { StepUp } from "./StepUp";

type Props = {
  status: StatusDto;
  session: SessionDto;
  checkedAt: number;
  onSignedOut: () => Promise<void>;
  onKeysRotated: () => Promise<void>;
};

/** The window of somebody who is signed in. Its places are kept in memory and go with it. */
export function Shell({ status, session, checkedAt, onSignedOut, onKeysRotated }: Props) {
  const [router] = useState(() => newRouter(firstPlace(session.role)));
  useEffect(() => {
    // Once the first screen stands.
    const timer = window.setTimeout(preloadScreens, 400);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <SessionContext value={{ status, session, checkedAt, onSignedOut, onKeysRotated }}>
      <StepUp>
        <ActionsProvider>
          <RouterProvider router={router} />
        </ActionsProvider>
      </StepUp>
    </SessionContext>
  );
}
