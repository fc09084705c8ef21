import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleSlash } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/Button";
import { Chip } from "@/components/Chip";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Moment } from "@/components/Moment";
import { Page } from "@/components/Page";
import type { GivenDto, ReviewedPersonDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { date, timeOfDay, withZone } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";
import { Emergencies } from "./Emergencies";

/** The list to go through from time to time: who is there, when they were last in, and what each may see. */
export function AccessReview() {
  const ipc = useIpc();
  const review = useQuery({ queryKey: ["access-review"], queryFn: () => ipc.call("review_access", {}) });
  const data = review.data;
  return (
    <Page
      title={t("review.title")}
      lead={t("review.lead")}
      note={data === undefined ? undefined : t("review.made", { time: withZone(new Date(data.made)) })}
    >
      {review.isError && (
        <ErrorNotice error={review.error} action={<Button onClick={() => void review.refetch()}>{t("app.retry")}</Button>} />
      )}
      {data !== undefined && (
        <>
          <People people={data.people} />
          <Emergencies />
          <Given title={t("review.visits")} none={t("review.noVisits")} list={data.visits} />
          <Given title={t("review.datasets")} none={t("review.noDatasets")} list={data.datasets} />
        </>
      )}
    </Page>
  );
}

function People({ people }: { people: ReviewedPersonDto[] }) {
  const keyed = people.some((p) => p.visits !== null);
  return (
    <section aria-label={t("review.people")} className="overflow-x-auto rounded-xl border border-line bg-surface">
      <table className="w-full text-left tabular-nums">
        <thead className="bg-sunken text-meta font-medium text-ink-2">
          <tr className="[&>th]:h-10 [&>th]:px-3 max-xl:[&>th]:px-2 [&>th]:font-medium [&>th]:whitespace-nowrap [&>th:first-child]:pl-4">
            <th scope="col">{t("people.name")}</th>
            <th scope="col">{t("people.role")}</th>
            <th scope="col">{t("people.lastSignIn")}</th>
            <th scope="col">{t("people.factor")}</th>
            {keyed && (
              <>
                <th scope="col" className="text-right">{t("review.visitsColumn")}</th>
                <th scope="col" className="text-right">{t("review.datasetsColumn")}</th>
              </>
            )}
            <th scope="col" className="text-right">{t("review.emergenciesColumn")}</th>
            <th scope="col">{t("people.state")}</th>
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <tr key={person.account.id} className="border-t border-line [&>td]:h-12 [&>td]:px-3 max-xl:[&>td]:px-2 [&>td]:whitespace-nowrap [&>td:first-child]:pl-4">
              <td className="max-w-56 truncate font-medium">{person.account.name}</td>
              <td className="text-ink-2">{tIfAny(`roles.${person.account.role}`) ?? person.account.role}</td>
              <td className="text-ink-2 max-xl:whitespace-normal!">
                {person.account.last_sign_in === null ? (
                  t("people.never")
                ) : (
                  <Moment at={new Date(person.account.last_sign_in)} format={(at) => `${date(at)}, ${timeOfDay(at)}`} />
                )}
              </td>
              <td className="text-ink-2">{tIfAny(`review.factor.${person.account.second_factor ?? "none"}`) ?? person.account.second_factor}</td>
              {keyed && (
                <>
                  <Owned own={person.visits} given={person.shared_visits} />
                  <Owned own={person.datasets} given={person.given_datasets} />
                </>
              )}
              <td className={`text-right ${person.emergencies > 0 ? "font-semibold text-danger" : "text-ink-3"}`}>{person.emergencies}</td>
              <td>
                {person.account.disabled ? (
                  <Chip tone="outline" icon={<CircleSlash aria-hidden />}>{t("people.disabled")}</Chip>
                ) : (
                  <Chip tone="good" icon={<CircleCheck aria-hidden />}>{t("people.active")}</Chip>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Owned({ own, given }: { own: number | null; given: number | null }) {
  const nothing = (own ?? 0) + (given ?? 0) === 0;
  return (
    <td className={`text-right ${nothing ? "text-ink-3" : "text-ink-2"}`}>
      {given !== null && given > 0 ? t("review.ownAndGiven", { own: own ?? 0, given }) : (own ?? "")}
    </td>
  );
}

function Given({ title, none, list }: { title: string; none: string; list: GivenDto[] | null }) {
  let body: ReactNode = <p className="text-ink-3">{t("review.noKey")}</p>;
  if (list !== null) {
    body =
      list.length === 0 ? (
        <p className="text-ink-3">{none}</p>
      ) : (
        <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
          {list.map((one) => (
            <li key={one.id} className="flex min-h-12 flex-wrap items-center gap-x-4 px-4 py-2">
              <span className="min-w-48 font-medium">{one.name}</span>
              <span className="text-ink-3">{t("share.of", { name: one.owner })}</span>
              <span className="ml-auto text-ink-2">{t("review.with", { names: one.with.join(", ") })}</span>
            </li>
          ))}
        </ul>
      );
  }
  return (
    <section aria-label={title} className="space-y-3">
      <h2 className="text-title font-semibold">{title}</h2>
      {body}
    </section>
  );
}
