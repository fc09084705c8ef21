import { People } from "@/features/people/People";
import { useSession } from "./session";

/** The accounts of this workstation, for administrators. */
export function PeopleScreen() {
  const { session } = useSession();
  return <People me={session.user_id} />;
}
