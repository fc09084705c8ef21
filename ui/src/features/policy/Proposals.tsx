import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Moment } from "@/components/Moment";
import type { PolicyProposalDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { date, timeOfDay } from "@/lib/format";
import { t } from "@/lib/i18n";
import { label, word } from "./words";

export const PROPOSALS = ["policy", "proposals"];

/** Changes that one administrator proposed, for another to decide about. */
export function Proposals() {
  const ipc = useIpc();
  const client = useQueryClient();
  const waiting = useQuery({ queryKey: PROPOSALS, queryFn: () => ipc.call("policy_proposals", {}) });
  const decide = useMutation({
    mutationFn: ({ proposal, approve }: { proposal: PolicyProposalDto; approve: boolean }) =>
      ipc.call("decide_policy_proposal", { key: proposal.key, value: proposal.new, approve }),
    // Somebody else may have decided first.
    onSettled: () => client.invalidateQueries({ queryKey: ["policy"] }),
  });
  if (waiting.isError) return <ErrorNotice error={waiting.error} />;
  if (waiting.data === undefined || waiting.data.length === 0) return decide.isError ? <ErrorNotice error={decide.error} /> : null;
  return (
    <section aria-label={t("policy.proposals")} className="space-y-3">
      <h2 className="text-title font-semibold">{t("policy.proposals")}</h2>
      {decide.isError && <ErrorNotice error={decide.error} />}
      <ul className="divide-y divide-line rounded-xl border border-accent bg-surface">
        {waiting.data.map((proposal) => (
          <li key={proposal.key} className="flex flex-wrap items-center gap-x-6 gap-y-2 px-5 py-4">
            <div className="min-w-64 flex-1">
              <p className="font-medium">{label(proposal.key)}</p>
              <p>{t("policy.from", { old: word(proposal.old), new: word(proposal.new) })}</p>
              <p className="dotted text-meta text-ink-3">
                <span>{t("policy.proposedBy", { name: proposal.by })}</span>
                <Moment at={new Date(proposal.at)} format={(at) => `${date(at)}, ${timeOfDay(at)}`} />
              </p>
            </div>
            {proposal.own ? (
              <p className="text-meta text-ink-2">{t("policy.ownProposal")}</p>
            ) : (
              <div className="flex gap-2">
                <Button
                  look="primary"
                  disabled={decide.isPending}
                  onClick={() => decide.mutate({ proposal, approve: true })}
                  aria-label={t("policy.approveFor", { key: label(proposal.key), value: word(proposal.new) })}
                  icon={<Check aria-hidden className="size-4.5" />}
                >
                  {t("policy.approve")}
                </Button>
                <Button
                  disabled={decide.isPending}
                  onClick={() => decide.mutate({ proposal, approve: false })}
                  aria-label={t("policy.rejectFor", { key: label(proposal.key), value: word(proposal.new) })}
                  icon={<X aria-hidden className="size-4.5" />}
                >
                  {t("policy.reject")}
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
