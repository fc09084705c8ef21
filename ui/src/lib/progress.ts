import type { ProgressDto } from "@/ipc/bindings.gen";
import { bytes, count, position } from "./format";
import { t, tIfAny } from "./i18n";

/** Progress in words: the stage, how far, and a percentage when the whole is known. */
export function progressWords(progress: ProgressDto | null): { stage: string; far: string; percent: string } {
  if (progress === null) return { stage: t("jobs.starting"), far: "", percent: "" };
  const { stage, done, total, unit } = progress;
  const known = total !== null && total > 0;
  const measure = unit === "seconds" ? position : unit === "bytes" ? bytes : (n: number) => count(Math.round(n));
  const capital = unit.charAt(0).toUpperCase() + unit.slice(1);
  // A stage without a unit, such as loading, has no "how far".
  const far = known
    ? tIfAny(`jobs.of${capital}`, { done: measure(done), total: measure(total) })
    : tIfAny(`jobs.${unit || "nothing"}`, { done: measure(done) });
  return {
    stage: tIfAny(`jobs.stages.${stage}`) ?? stage,
    far: far ?? "",
    percent: known ? t("jobs.percent", { percent: Math.min(100, Math.round((done / total) * 100)) }) : "",
  };
}
