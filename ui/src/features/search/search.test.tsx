import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { spokenText, wordsLike } from "@/lib/spoken";
import { TRANSCRIPT } from "@/ipc/fake-visit";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

async function openSearch(role = "administrator", left?: number) {
  const opened = openWindow({ vault: "open", role, ...(left === undefined ? {} : { unread: left }) });
  await screen.findAllByRole("link");
  await opened.user.keyboard("{Control>}k{/Control}");
  await opened.user.type(await screen.findByRole("combobox", { name: "What to do" }), "ramipril");
  await opened.user.click(await screen.findByRole("option", { name: /Look for “ramipril”/ }));
  return opened;
}

describe("search", () => {
  it("shows where the words stand, and opens the visit with them lit", async () => {
    const { user } = await openSearch();
    const visits = await screen.findByRole("region", { name: "Visits" });
    const hit = await within(visits).findByRole("button", { name: /Cough for two weeks.*transcript/ });
    expect(hit.querySelector("mark")!.textContent).toMatch(/^ramipril/i);
    expect(screen.getByRole("region", { name: "Reports" })).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.click(hit);
    await screen.findByRole("heading", { name: "Findings" });
    await waitFor(() => expect(document.querySelectorAll("[data-lit=true]").length).toBeGreaterThan(0));
  });

  it("says that nothing has the words, and what one may look through", async () => {
    const { user } = await openSearch("clinician");
    const field = screen.getByRole("searchbox", { name: "Words to look for" });
    await user.clear(field);
    await user.type(field, "xylophone");
    expect(await screen.findByText("Nothing has these words.")).toBeTruthy();
    expect(screen.queryByRole("region", { name: "Reports" })).toBeNull();
  });

  it("goes on by itself while texts are taken up", async () => {
    const { fake } = await openSearch("clinician", 2);
    expect(await screen.findByText(/2 texts are still being taken up/)).toBeTruthy();
    await waitFor(() => expect(screen.queryByText(/being taken up/)).toBeNull(), { timeout: 5_000 });
    expect(fake.calls.filter((c) => c.name === "search_visits").length).toBeGreaterThanOrEqual(3);
  });
});

describe("words like those looked for", () => {
  it("are found by their beginning, whatever case and accents", () => {
    const spoken = spokenText(TRANSCRIPT);
    const texts = (sought: string) => wordsLike(spoken, sought).map(({ from }) => spoken.words[from]!.text);
    expect(texts("RAMI").every((word) => /^ramipril/i.test(word))).toBe(true);
    expect(texts("RAMI").length).toBeGreaterThan(0);
    expect(texts("  ")).toEqual([]);
  });
});
