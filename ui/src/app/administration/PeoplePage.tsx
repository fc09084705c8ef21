import { People } from "@/features/people/People";
import { useSession } from "../session";

/** The accounts of this workstation. */
export function PeoplePage() {
  const { session, onKeysRotated } = useSession();
  return <People me={session.user_id} onKeysRotated={onKeysRotated} />;
}
