import { Check, CirclePause, CircleSlash, Clock, LoaderCircle, OctagonAlert, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Chip, type ChipTone } from "@/components/Chip";
import { tIfAny } from "@/lib/i18n";

const LOOK: Record<string, [ChipTone, ReactNode]> = {
  running: ["accent", <LoaderCircle key="i" aria-hidden />],
  interrupted: ["warn", <CirclePause key="i" aria-hidden />],
  paused: ["warn", <CirclePause key="i" aria-hidden />],
  cancelled: ["outline", <CircleSlash key="i" aria-hidden />],
  finished: ["good", <Check key="i" aria-hidden />],
  ok: ["good", <Check key="i" aria-hidden />],
  partial: ["warn", <TriangleAlert key="i" aria-hidden />],
  rejected: ["danger", <OctagonAlert key="i" aria-hidden />],
  failed: ["danger", <OctagonAlert key="i" aria-hidden />],
  pending: ["plain", <Clock key="i" aria-hidden />],
};

/** How far a run is, or how a report came out. */
export function RunChip({ status, count }: { status: string; count?: string }) {
  const [tone, icon] = LOOK[status] ?? ["plain", null];
  const words = tIfAny(`batches.status.${status}`) ?? status;
  return (
    <Chip tone={tone} icon={icon}>
      {count === undefined ? words : `${count} ${words.toLowerCase()}`}
    </Chip>
  );
}
