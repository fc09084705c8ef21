import type { ReactNode } from "react";
import { IpcError } from "@/ipc/errors";
import { t } from "@/lib/i18n";
import { Notice } from "./Notice";

/** An error of a command in plain words, by its code. */
export function ErrorNotice({ error, action }: { error: unknown; action?: ReactNode }) {
  const { code, params, incident } = IpcError.from(error);
  // What exactly was wrong, where Rust names a file or a fault: shown below our wording, not instead of it.
  const said = [params["file"], params["fault"]].filter((part) => part !== undefined && part !== "").join(": ");
  return (
    <Notice tone={code === "cancelled" ? "info" : "danger"} title={t(`errors.${code}.title`, params)} action={action} urgent>
      <p>{t(`errors.${code}.body`, params)}</p>
      {said !== "" && <p className="selectable mt-1 text-meta whitespace-pre-line">{said}</p>}
      {incident !== null && <p className="selectable mt-1 text-meta text-ink-3">{t("errors.incident", { incident })}</p>}
    </Notice>
  );
}
