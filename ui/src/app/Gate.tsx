import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { CreateVault } from "@/features/first-start/CreateVault";
import { Paper } from "@/features/first-start/Paper";
import { Restore } from "@/features/first-start/Restore";
import { BehindTheLock } from "@/features/recording/BehindTheLock";
import { SignIn, type SignInReason } from "@/features/sign-in/SignIn";
import type { VaultCreatedDto } from "@/ipc/bindings.gen";
import { t } from "@/lib/i18n";
import { EnrolFirst } from "./EnrolFirst";
import { FirstSteps } from "./FirstSteps";
import { STATUS, useStatus } from "./status";

const shell = () => import("./Shell");
const Shell = lazy(() => shell().then((module) => ({ default: module.Shell })));

/** What is shown depends on the vault: absent, locked or open. On lock everything is unmounted and forgotten. */
export function Gate() {
  const status = useStatus();
  const client = useQueryClient();
  const [paper, setPaper] = useState<VaultCreatedDto | null>(null);
  /** Whether the rest of a first start is still to come. */
  const [first, setFirst] = useState(false);
  const [reason, setReason] = useState<SignInReason>("start");
  const [wasOpen, setWasOpen] = useState(false);
  const [restoring, setRestoring] = useState(false);
  const vault = status.data?.vault;

  if (vault === "open" && !wasOpen) {
    setWasOpen(true);
    setReason("locked");
  }
  if (vault === "locked" && wasOpen) {
    setWasOpen(false);
    setFirst(false);
    if (paper !== null) {
      setPaper(null);
      setReason("paper_lost");
    }
  }

  useEffect(() => {
    if (vault === "open") return;
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== STATUS[0] });
    client.getMutationCache().clear();
  }, [vault, client]);

  // What comes after the sign-in is fetched while somebody types.
  useEffect(() => void shell(), []);

  // What "how soon does it stand" is measured by (tests/desktop/crowd.mjs).
  const stands = status.data !== undefined;
  useEffect(() => {
    if (stands) requestAnimationFrame(() => performance.mark("stands"));
  }, [stands]);

  const refresh = () => client.invalidateQueries({ queryKey: STATUS });

  if (status.data === undefined) {
    return (
      <main className="grid h-full place-items-center p-8">
        {status.isError ? (
          <div className="w-full max-w-md">
            <ErrorNotice error={status.error} action={<Button onClick={() => void status.refetch()}>{t("app.retry")}</Button>} />
          </div>
        ) : (
          <p className="text-ink-3">{t("app.opening")}</p>
        )}
      </main>
    );
  }
  if (paper !== null && vault !== "locked") {
    return <Paper created={paper} onDone={() => setPaper(null)} />;
  }
  // What came of it is read before one signs in.
  if (restoring) {
    return (
      <Restore
        onRestored={() => {
          setRestoring(false);
          void refresh();
        }}
        onBack={() => setRestoring(false)}
      />
    );
  }
  if (vault === "absent") {
    return (
      <CreateVault
        onCreated={(created) => {
          setPaper(created);
          setFirst(true);
          void refresh();
        }}
        onRestore={() => setRestoring(true)}
      />
    );
  }
  if (first && vault === "open" && status.data.session !== null) {
    return <FirstSteps user={status.data.session.user_id} onDone={() => setFirst(false)} />;
  }
  const signedOut = () => {
    setReason("signed_out");
    return refresh();
  };
  if (vault === "open" && status.data.session?.must_enrol === true) {
    return <EnrolFirst user={status.data.session.user_id} onSignedOut={signedOut} />;
  }
  if (vault === "open" && status.data.session !== null) {
    return (
      <Suspense fallback={<p className="grid h-full place-items-center text-ink-3">{t("app.opening")}</p>}>
      <Shell
        key={status.data.session.user_id}
        status={status.data}
        session={status.data.session}
        checkedAt={status.dataUpdatedAt}
        onSignedOut={signedOut}
        onKeysRotated={() => {
          setReason("keys_rotated");
          return refresh();
        }}
      />
      </Suspense>
    );
  }
  return <SignIn reason={reason} onSignedIn={refresh} recording={<BehindTheLock />} />;
}
