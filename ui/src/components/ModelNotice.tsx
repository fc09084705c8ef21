import type { ModelDto } from "@/ipc/bindings.gen";
import { t, tIfAny } from "@/lib/i18n";
import { Notice } from "./Notice";

/** Says beforehand what cannot be done without this model. */
export function ModelNotice({ model }: { model: ModelDto }) {
  const state = tIfAny(`modelStates.${model.state}`) ?? model.state;
  const speech = model.task === "speech";
  return (
    <Notice
      tone="warn"
      title={t(speech ? "visits.noModelTitle" : "findings.noModelTitle", { name: model.name, state })}
    >
      {t(speech ? "visits.noModelBody" : "findings.noModelBody", { file: model.file })}
    </Notice>
  );
}
