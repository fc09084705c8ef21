import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App } from "@/app/App";
import { Fake, type FakeOptions } from "@/ipc/fake";
// Fetched beforehand: a test waits for what is shown, not for a busy machine to read files.
import "@/app/Shell";
import "@/app/AccountScreen";
import "@/app/BatchesScreen";
import "@/app/GuidesScreen";
import "@/app/LogScreen";
import "@/app/NewVisitScreen";
import "@/app/RecordingScreen";
import "@/app/RunScreen";
import "@/app/SearchScreen";
import "@/app/administration/AdministrationScreen";
import { preloadPages } from "@/app/administration/pages";
import "@/features/templates/Templates";

preloadPages();

/** The whole window over a fake. Long work takes no time unless a test asks for it. */
export function openWindow(options: FakeOptions = {}) {
  const fake = new Fake({ step: 0, ...options });
  const user = userEvent.setup();
  const { container } = render(<App ipc={fake} />);
  return { fake, user, container };
}

/** The window with the full visit of the fake opened. */
export async function openVisit(options: FakeOptions = {}) {
  const opened = openWindow({ vault: "open", ...options });
  await opened.user.click(await screen.findByRole("button", { name: /Cough for two weeks/ }));
  await screen.findByRole("heading", { name: "Findings" });
  return opened;
}
