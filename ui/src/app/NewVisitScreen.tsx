import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { NewVisit } from "@/features/recording/NewVisit";
import { t } from "@/lib/i18n";

/** A visit begins: then to the microphone, if the patient agreed. */
export function NewVisitScreen() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const opened = (id: string, mayRecord: boolean) => {
    void client.invalidateQueries({ queryKey: ["encounters"] });
    void navigate({ to: mayRecord ? "/visits/$id/record" : "/visits/$id", params: { id } });
  };
  return (
    <div className="scroll-quiet h-full">
      <div className="mx-auto max-w-3xl px-8 py-8 max-md:px-4 max-md:py-3">
        <Link
          to="/visits"
          className="-ml-1.5 inline-flex min-h-11 items-center gap-1 rounded-lg pr-3 pl-1.5 font-medium text-ink-2 hover:bg-sunken hover:text-ink"
        >
          <ChevronLeft aria-hidden className="size-5" />
          {t("newVisit.back")}
        </Link>
        <h1 className="text-hero font-semibold">{t("newVisit.title")}</h1>
        <p className="mt-1 mb-5 text-ink-2">{t("newVisit.lead")}</p>
        <NewVisit onOpened={opened} />
      </div>
    </div>
  );
}
