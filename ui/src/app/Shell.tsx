import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import type { SessionDto, StatusDto } from "@/ipc/bindings.gen";
import { newRouter } from "./router";
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
  const [router] = useState(() => newRouter(session.role === "auditor" ? "/log" : "/visits"));
  return (
    <SessionContext value={{ status, session, checkedAt, onSignedOut, onKeysRotated }}>
      <StepUp>
        <RouterProvider router={router} />
      </StepUp>
    </SessionContext>
  );
}
