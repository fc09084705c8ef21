import { useNavigate } from "@tanstack/react-router";
import { AudioLines, Sparkle } from "lucide-react";
import { Meter } from "@/components/Meter";
import { t } from "@/lib/i18n";
import { progressWords } from "@/lib/progress";
import { useJobs } from "../jobs";
import { useSession } from "../session";

/** Work under way, wherever one is; leads to where it is shown in full. */
export function JobMark() {
  const { job } = useJobs();
  const { session } = useSession();
  const navigate = useNavigate();
  if (job === null || job.user !== session.user_id) return null;
  const words = progressWords(job.progress);
  const stage = job.progress === null && job.kind.name === "import" ? t("jobs.choosing") : words.stage;
  const kind = job.kind;
  const open = () =>
    kind.name !== "import"
      ? navigate({ to: "/visits/$id", params: { id: kind.encounter } })
      : navigate({ to: "/visits" });
  return (
    <button
      type="button"
      onClick={() => void open()}
      data-job
      className="mr-1 flex min-h-11 min-w-0 overflow-hidden items-center gap-2.5 rounded-lg px-3 text-left hover:bg-sunken"
    >
      {kind.name === "extract" ? (
        <Sparkle aria-hidden className="size-4.5 text-accent" />
      ) : (
        <AudioLines aria-hidden className="size-4.5 text-accent" />
      )}
      <span className="w-36 min-w-0">
        <span className="sr-only">{t("bar.jobs")}: </span>
        <span className="flex justify-between gap-2 text-meta font-medium tabular-nums">
          <span className="truncate">{stage}</span>
          <span className="text-ink-3">{words.percent}</span>
        </span>
        <span className="mt-1 block">
          <Meter done={job.progress?.done ?? 0} total={job.progress?.total ?? null} label={stage} />
        </span>
      </span>
    </button>
  );
}
