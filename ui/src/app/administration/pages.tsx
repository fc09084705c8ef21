import { ClipboardCheck, Cpu, DatabaseBackup, Hourglass, SlidersHorizontal, UsersRound } from "lucide-react";
import type { ComponentType, ReactNode } from "react";
import { Backups } from "@/features/backups/Backups";
import { Models } from "@/features/models/Models";
import { People } from "@/features/people/People";
import { PolicyPage } from "@/features/policy/PolicyPage";
import { AccessReview } from "@/features/review/AccessReview";
import { Retention } from "@/features/retention/Retention";
import { t } from "@/lib/i18n";
import { useSession } from "../session";

export type AdministrationPage = {
  /** Its place in the address: /administration/NAME. */
  name: string;
  words: () => string;
  /** What it is for, in the command palette. */
  hint: () => string;
  icon: ReactNode;
  /** Whose it is; Rust denies the others as well. */
  roles: readonly string[];
  Page: ComponentType;
};

/**
 * The pages of Administration, in the order of their tabs. To add one: build it in features/NAME as a component that
 * fills the height it is given (`<div className="scroll-quiet h-full">`), add its `words` and `hint` to
 * locales/en.administration.json, and its entry here. Route, tab and palette follow from it.
 */
export const PAGES: readonly AdministrationPage[] = [
  {
    name: "people",
    words: () => t("administration.people"),
    hint: () => t("administration.peopleHint"),
    icon: <UsersRound aria-hidden />,
    roles: ["administrator"],
    Page: function PeoplePage() {
      const { session, onKeysRotated } = useSession();
      return <People me={session.user_id} onKeysRotated={onKeysRotated} />;
    },
  },
  {
    name: "review",
    words: () => t("administration.review"),
    hint: () => t("administration.reviewHint"),
    icon: <ClipboardCheck aria-hidden />,
    roles: ["administrator", "auditor"],
    Page: AccessReview,
  },
  {
    name: "policy",
    words: () => t("administration.policy"),
    hint: () => t("administration.policyHint"),
    icon: <SlidersHorizontal aria-hidden />,
    roles: ["administrator"],
    Page: PolicyPage,
  },
  {
    name: "retention",
    words: () => t("administration.retention"),
    hint: () => t("administration.retentionHint"),
    icon: <Hourglass aria-hidden />,
    roles: ["administrator"],
    Page: Retention,
  },
  {
    name: "backups",
    words: () => t("administration.backups"),
    hint: () => t("administration.backupsHint"),
    icon: <DatabaseBackup aria-hidden />,
    roles: ["administrator"],
    Page: Backups,
  },
  {
    name: "models",
    words: () => t("administration.models"),
    hint: () => t("administration.modelsHint"),
    icon: <Cpu aria-hidden />,
    roles: ["administrator"],
    Page: Models,
  },
];

export const pagesOf = (role: string): AdministrationPage[] => PAGES.filter((page) => page.roles.includes(role));
