import { Log } from "@/features/audit/Log";
import { useSession } from "./session";

/** The log as the signed-in person may see it. */
export function LogScreen() {
  const { session } = useSession();
  return <Log session={session} />;
}
