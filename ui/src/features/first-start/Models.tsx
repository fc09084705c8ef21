import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleDashed, TriangleAlert } from "lucide-react";
import { ErrorNotice } from "@/components/ErrorNotice";
import { useIpc } from "@/ipc/context";
import { t, tIfAny } from "@/lib/i18n";

/** The models that are worked with, each read whole and compared with its hash. */
export function Models() {
  const ipc = useIpc();
  const models = useQuery({ queryKey: ["models", "verified"], queryFn: () => ipc.call("list_models", { verify: true }), staleTime: Number.POSITIVE_INFINITY });
  if (models.isError) return <ErrorNotice error={models.error} />;
  if (models.data === undefined) {
    return (
      <p role="status" className="flex items-center gap-2 text-ink-2">
        <CircleDashed aria-hidden className="size-5 text-ink-3" />
        {t("firstSteps.reading")}
      </p>
    );
  }
  const used = models.data.filter((model) => model.default);
  return (
    <ul aria-live="polite" className="space-y-2">
      {used.map((model) => (
        <li key={model.name} className="flex items-start gap-2">
          {model.state === "present" ? (
            <CircleCheck aria-hidden className="mt-0.5 size-5 shrink-0 text-good" />
          ) : (
            <TriangleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-warn" />
          )}
          <span className="min-w-0">
            <span className="font-medium">{t(model.task === "speech" ? "firstSteps.speech" : "firstSteps.language")}</span>
            <span className="block text-meta break-words text-ink-2">
              {model.name}: {model.state === "present" ? t("firstSteps.asItShouldBe") : (tIfAny(`modelStates.${model.state}`) ?? model.state)}
            </span>
            {model.state !== "present" && <span className="block text-meta text-ink-2">{t("firstSteps.bring", { file: model.file })}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
