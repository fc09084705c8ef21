import type { ModelTriedDto } from "@/ipc/bindings.gen";
import { count } from "@/lib/format";
import { t } from "@/lib/i18n";

const seconds = (s: number): string => s.toFixed(1);

/** What a try showed, in words. */
export function tried(found: ModelTriedDto): string {
  const loading = seconds(found.loading_s);
  const working = seconds(found.working_s);
  if (found.audio_s !== null && found.words !== null) {
    return t("models.triedSpeech", {
      loading,
      working,
      audio: seconds(found.audio_s),
      times: found.working_s > 0 ? (found.audio_s / found.working_s).toFixed(1) : "–",
      words: count(found.words),
    });
  }
  return t("models.triedLanguage", {
    loading,
    working,
    tokens: count(found.tokens ?? 0),
    rate: found.working_s > 0 ? count(Math.round((found.tokens ?? 0) / found.working_s)) : "–",
    status: found.status ?? "–",
  });
}
