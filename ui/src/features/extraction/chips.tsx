import {
  Ban,
  CheckCheck,
  CircleDot,
  CircleQuestionMark,
  EqualApproximately,
  History,
  Milestone,
  Quote,
  Split,
  Unlink,
  Users,
} from "lucide-react";
import type { ReactNode } from "react";
import { Chip, type ChipTone } from "@/components/Chip";
import { tIfAny } from "@/lib/i18n";

type Look = { tone: ChipTone; icon: ReactNode };

/** How a value rests on the words: the firmer, the more colour; unsupported is dashed and amber. */
const SUPPORT: Record<string, Look> = {
  verbatim: { tone: "accent", icon: <Quote aria-hidden /> },
  normalised: { tone: "accent", icon: <EqualApproximately aria-hidden /> },
  inferred: { tone: "outline", icon: <Split aria-hidden /> },
  unsupported: { tone: "refused", icon: <Unlink aria-hidden /> },
};

/** What the words say of it: negated is the one in reverse, so that it is never read as present. */
const ASSERTION: Record<string, Look> = {
  present: { tone: "plain", icon: <CircleDot aria-hidden /> },
  negated: { tone: "inverse", icon: <Ban aria-hidden /> },
  historical: { tone: "outline", icon: <History aria-hidden /> },
  family: { tone: "outline", icon: <Users aria-hidden /> },
  hypothetical: { tone: "outline", icon: <Milestone aria-hidden /> },
  uncertain: { tone: "outline", icon: <CircleQuestionMark aria-hidden /> },
};

export function SupportChip({ support }: { support: string }) {
  return <Worded kind="support" value={support} look={SUPPORT[support]} />;
}

export function AssertionChip({ assertion }: { assertion: string }) {
  return <Worded kind="assertion" value={assertion} look={ASSERTION[assertion]} />;
}

function Worded({ kind, value, look }: { kind: string; value: string; look: Look | undefined }) {
  return (
    <span title={tIfAny(`${kind}.${value}Hint`)} data-chip={value}>
      <Chip tone={look?.tone ?? "plain"} icon={look?.icon}>
        {tIfAny(`${kind}.${value}`) ?? value}
      </Chip>
    </span>
  );
}

/** How the whole extraction came out. */
export function StatusChip({ status }: { status: string }) {
  const tone: ChipTone = status === "ok" ? "good" : status === "partial" ? "warn" : "danger";
  return (
    <Chip tone={tone} icon={status === "ok" ? <CheckCheck aria-hidden /> : <CircleQuestionMark aria-hidden />}>
      {tIfAny(`status.${status}`) ?? status}
    </Chip>
  );
}
