import { Button } from "@/components/Button";
import { Meter } from "@/components/Meter";
import type { ProgressDto } from "@/ipc/bindings.gen";
import { t } from "@/lib/i18n";
import { progressWords } from "@/lib/progress";

type Props = {
  title: string;
  progress: ProgressDto | null;
  /** What is waited for before there is progress. */
  waiting: string;
  /** Whether it can be stopped yet: a file chooser has a button of its own. */
  stoppable: boolean;
  cancelling: boolean;
  onCancel: () => void;
};

/** Work under way in full: what, how far in words, and the way to stop it. */
export function JobCard({ title, progress, waiting, stoppable, cancelling, onCancel }: Props) {
  const words = progressWords(progress);
  return (
    <section aria-label={title} className="appear flex items-center gap-5 rounded-xl border border-line bg-surface p-4 pl-5">
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{title}</p>
        <p className="mt-0.5 flex justify-between gap-4 text-ink-2 tabular-nums" role="status">
          <span>
            {progress === null ? waiting : words.stage}
            {words.far !== "" && <span className="text-ink-3"> · {words.far}</span>}
          </span>
          <span className="font-medium">{words.percent}</span>
        </p>
        <div className="mt-2.5">
          <Meter done={progress?.done ?? 0} total={progress?.total ?? null} label={title} />
        </div>
      </div>
      {stoppable && (
        <Button onClick={() => onCancel()} disabled={cancelling}>
          {cancelling ? t("jobs.cancelling") : t("jobs.cancel")}
        </Button>
      )}
    </section>
  );
}
