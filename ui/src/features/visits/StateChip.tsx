import { AudioLines, CircleDashed, FilePen, FileText, Signature } from "lucide-react";
import type { ReactNode } from "react";
import { Chip, type ChipTone } from "@/components/Chip";
import { tIfAny } from "@/lib/i18n";

const STATE: Record<string, { tone: ChipTone; icon: ReactNode }> = {
  open: { tone: "plain", icon: <CircleDashed aria-hidden /> },
  recorded: { tone: "plain", icon: <AudioLines aria-hidden /> },
  transcribed: { tone: "outline", icon: <FileText aria-hidden /> },
  draft: { tone: "accent", icon: <FilePen aria-hidden /> },
  signed: { tone: "good", icon: <Signature aria-hidden /> },
};

/** A visit's state, with its mark. */
export function StateChip({ state }: { state: string }) {
  const look = STATE[state] ?? { tone: "plain" as const, icon: null };
  return (
    <Chip tone={look.tone} icon={look.icon}>
      {tIfAny(`states.${state}`) ?? state}
    </Chip>
  );
}
