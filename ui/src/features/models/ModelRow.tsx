import { CircleCheck, CircleDashed, Star, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { Chip } from "@/components/Chip";
import type { CataloguedModelDto } from "@/ipc/bindings.gen";
import { bytes, shortHash } from "@/lib/format";
import { t } from "@/lib/i18n";
import type { ModelAct } from "./Models";

/** One model: what it is, what it needs, where it is used, and what can be done with it. */
export function ModelRow({ model: m, busy, onAct }: { model: CataloguedModelDto; busy: boolean; onAct: (act: ModelAct) => void }) {
  const [sure, setSure] = useState(false);
  const { model } = m;
  const here = model.state === "present";
  return (
    <li className="rounded-xl border border-line bg-surface p-5">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-2 font-semibold">
            {model.name}
            {model.default && (
              <Chip tone="accent" icon={<Star aria-hidden />}>
                {t("models.default")}
              </Chip>
            )}
            <State state={model.state} />
            {m.listed && <Chip tone="outline">{t("models.listed")}</Chip>}
          </p>
          <p className="selectable mt-0.5 truncate font-mono text-meta text-ink-3" title={model.sha256}>
            {shortHash(model.sha256)} · {model.file}
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {here && (
            <Button onClick={() => onAct({ kind: "try", model: m })} disabled={busy} aria-label={t("models.tryOf", { name: model.name })}>
              {t("models.try")}
            </Button>
          )}
          {here && !model.default && (
            <Button onClick={() => onAct({ kind: "choose", model: m })} disabled={busy} aria-label={t("models.chooseOf", { name: model.name })}>
              {t("models.choose")}
            </Button>
          )}
          {model.state !== "missing" && !model.default && (
            <Button
              look={sure ? "primary" : "quiet"}
              onClick={() => (sure ? onAct({ kind: "remove", model: m }) : setSure(true))}
              disabled={busy}
              aria-label={t(sure ? "models.removeSureOf" : "models.removeOf", { name: model.name })}
            >
              {t(sure ? "models.removeSure" : "models.remove")}
            </Button>
          )}
        </div>
      </div>
      <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2 text-ink-2 [&_dt]:text-meta [&_dt]:text-ink-3">
        <Fact name={t("models.licence")}>{model.licence}</Fact>
        <Fact name={t("models.size")}>{bytes(model.bytes)}</Fact>
        <Fact name={t("models.memory")}>
          {t("models.memoryOf", { needs: bytes(m.ram_bytes), has: bytes(m.memory_bytes) })}
          {!m.fits && <span className="ml-2 font-medium text-danger">{t("models.notEnough")}</span>}
        </Fact>
        <Fact name={t("models.used")}>{m.runs === 0 ? t("models.unused") : t("models.usedIn", { count: m.runs })}</Fact>
      </dl>
    </li>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function State({ state }: { state: string }) {
  if (state === "present") {
    return (
      <Chip tone="good" icon={<CircleCheck aria-hidden />}>
        {t("models.present")}
      </Chip>
    );
  }
  if (state === "damaged") {
    return (
      <Chip tone="danger" icon={<TriangleAlert aria-hidden />}>
        {t("models.damaged")}
      </Chip>
    );
  }
  return (
    <Chip tone="outline" icon={<CircleDashed aria-hidden />}>
      {t("models.missing")}
    </Chip>
  );
}
