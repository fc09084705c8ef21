import { Activity, BadgeCheck, ClipboardCheck, Cpu, DatabaseBackup, Hourglass, Network, SlidersHorizontal, UsersRound } from "lucide-react";
import { type ComponentType, lazy, type ReactNode } from "react";
import { t } from "@/lib/i18n";

export type AdministrationPage = {
  /** Its place in the address: /administration/NAME. */
  name: string;
  words: () => string;
  /** What it is for, in the command palette. */
  hint: () => string;
  icon: ReactNode;
  /** Whose it is; Rust denies the others as well. */
  roles: readonly string[];
  /** Fetches it: it is no part of what the window begins with. */
  fetch: () => Promise<ComponentType>;
};

/**
 * The pages of Administration, in the order of their tabs. To add one: build it in features/NAME as a component that
 * fills the height it is given (`<div className="scroll-quiet h-full">`), add its `words` and `hint` to
 * locales/en.administration.json, and its entry here, with an `import()` of the component. Route, tab and palette follow
 * from it. A page that needs to know who is signed in asks `useSession()`; PeoplePage.tsx is an example.
 */
export const PAGES: readonly AdministrationPage[] = [
  {
    name: "people",
    words: () => t("administration.people"),
    hint: () => t("administration.peopleHint"),
    icon: <UsersRound aria-hidden />,
    roles: ["administrator"],
    fetch: () => import("./PeoplePage").then((module) => module.PeoplePage),
  },
  {
    name: "review",
    words: () => t("administration.review"),
    hint: () => t("administration.reviewHint"),
    icon: <ClipboardCheck aria-hidden />,
    roles: ["administrator", "auditor"],
    fetch: () => import("@/features/review/AccessReview").then((module) => module.AccessReview),
  },
  {
    name: "policy",
    words: () => t("administration.policy"),
    hint: () => t("administration.policyHint"),
    icon: <SlidersHorizontal aria-hidden />,
    roles: ["administrator"],
    fetch: () => import("@/features/policy/PolicyPage").then((module) => module.PolicyPage),
  },
  {
    name: "directory",
    words: () => t("administration.directory"),
    hint: () => t("administration.directoryHint"),
    icon: <Network aria-hidden />,
    roles: ["administrator"],
    fetch: () => import("@/features/directory/DirectoryPage").then((module) => module.DirectoryPage),
  },
  {
    name: "retention",
    words: () => t("administration.retention"),
    hint: () => t("administration.retentionHint"),
    icon: <Hourglass aria-hidden />,
    roles: ["administrator"],
    fetch: () => import("@/features/retention/Retention").then((module) => module.Retention),
  },
  {
    name: "backups",
    words: () => t("administration.backups"),
    hint: () => t("administration.backupsHint"),
    icon: <DatabaseBackup aria-hidden />,
    roles: ["administrator"],
    fetch: () => import("@/features/backups/Backups").then((module) => module.Backups),
  },
  {
    name: "models",
    words: () => t("administration.models"),
    hint: () => t("administration.modelsHint"),
    icon: <Cpu aria-hidden />,
    roles: ["administrator"],
    fetch: () => import("@/features/models/Models").then((module) => module.Models),
  },
  {
    name: "compliance",
    words: () => t("administration.compliance"),
    hint: () => t("administration.complianceHint"),
    icon: <BadgeCheck aria-hidden />,
    roles: ["administrator", "auditor"],
    fetch: () => import("@/features/compliance/Compliance").then((module) => module.CompliancePage),
  },
  {
    name: "health",
    words: () => t("administration.health"),
    hint: () => t("administration.healthHint"),
    icon: <Activity aria-hidden />,
    roles: ["administrator"],
    fetch: () => import("@/features/health/Health").then((module) => module.Health),
  },
];

export const pagesOf = (role: string): AdministrationPage[] => PAGES.filter((page) => page.roles.includes(role));

const fetched = new Map<string, ComponentType>();

const fetchPage = async (page: AdministrationPage): Promise<ComponentType> => {
  const component = await page.fetch();
  fetched.set(page.name, component);
  return component;
};

const lazies = new Map(PAGES.map((page) => [page.name, lazy(() => fetchPage(page).then((Page) => ({ default: Page })))]));

/**
 * The component of a page, fetched when it is first drawn. One that is here already is drawn at once: what suspends, however
 * briefly, React shows a third of a second later.
 */
export const componentOf = (page: AdministrationPage): ComponentType => fetched.get(page.name) ?? lazies.get(page.name)!;

/** Fetches all of them, so that going there takes no time. */
export function preloadPages(): void {
  for (const page of PAGES) void fetchPage(page);
}
