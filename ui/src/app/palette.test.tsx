import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openVisit, openWindow } from "@/testing/window";

describe("the command palette", () => {
  it("opens on Ctrl-K, finds a visit by its name and goes there", async () => {
    const { user } = openWindow({ vault: "open" });
    await screen.findByRole("heading", { name: "Visits" });
    await user.keyboard("{Control>}k{/Control}");
    const field = await screen.findByRole("combobox", { name: "What to do" });
    expect(await seriousFaults()).toEqual([]);
    await user.type(field, "cough two");
    const options = await screen.findAllByRole("option");
    expect(options.map((o) => o.textContent)).toEqual([
      "Cough for two weeks, blood pressure · visit",
      "Look for “cough two” in what was said and written",
    ]);
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("heading", { name: "Findings" })).toBeTruthy();
    expect(screen.queryByRole("combobox", { name: "What to do" })).toBeNull();
  });

  it("walks with the arrows, and says when nothing is called that", async () => {
    const { user } = openWindow({ vault: "open", role: "auditor" });
    await user.click(await screen.findByRole("button", { name: "Search and commands" }));
    const field = await screen.findByRole("combobox", { name: "What to do" });
    const chosen = () => screen.getAllByRole("option").find((o) => o.getAttribute("aria-selected") === "true")!;
    const first = chosen().textContent;
    await user.keyboard("{ArrowDown}");
    expect(chosen().textContent).not.toBe(first);
    expect(field.getAttribute("aria-activedescendant")).toBe(chosen().id);
    await user.keyboard("{ArrowUp}{ArrowUp}");
    expect(chosen().textContent).toBe("Sign out");
    await user.type(field, "zzz");
    expect(screen.getByText("Nothing is called that. Try fewer letters.")).toBeTruthy();
    await user.keyboard("{Enter}{Escape}");
    await waitFor(() => expect(screen.queryByRole("combobox", { name: "What to do" })).toBeNull());
  });

  it.each([
    ["clinician", ["Visits", "Log"]],
    ["researcher", ["Batches", "Log"]],
    ["viewer", ["Batches"]],
    // An auditor reviews who may see what: a page of Administration.
    ["auditor", ["Log", "Administration"]],
  ])("leads only to what is theirs: %s", async (role, places) => {
    const { user } = openWindow({ vault: "open", role });
    const links = (await screen.findAllByRole("link")).map((l) => l.textContent ?? "");
    // The log's link counts its open alerts as well.
    const all = ["Visits", "Batches", "Log", "Administration"];
    expect(links.flatMap((l) => all.filter((place) => l.startsWith(place)))).toEqual(places);
    await user.keyboard("{Control>}k{/Control}");
    const options = (await screen.findAllByRole("option")).map((o) => o.textContent);
    for (const place of ["Visits", "Batches", "Log", "New visit"]) {
      const theirs = places.includes(place) || (place === "New visit" && role === "clinician");
      expect(options.includes(place)).toBe(theirs);
    }
  });
});

describe("the shortcuts", () => {
  it("stand on one page, on a question mark, and not while one types", async () => {
    const { user } = openWindow({ vault: "open" });
    await screen.findByRole("heading", { name: "Visits" });
    await user.keyboard("?");
    expect(await screen.findByRole("dialog", { name: "Keyboard shortcuts" })).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("combobox", { name: "What to do" }), "?");
    expect(screen.queryByRole("dialog", { name: "Keyboard shortcuts" })).toBeNull();
  });
});

describe("undo", () => {
  it("takes the last decision back, one after the other", async () => {
    const { user } = await openVisit();
    await user.keyboard("j");
    await user.keyboard("a");
    await screen.findByLabelText("Accepted");
    await user.keyboard("r");
    await screen.findByLabelText("Rejected");
    await user.keyboard("{Control>}z{/Control}");
    await waitFor(() => expect(screen.queryByLabelText("Rejected")).toBeNull());
    expect(screen.getByLabelText("Accepted")).toBeTruthy();
    await user.keyboard("{Control>}z{/Control}");
    await waitFor(() => expect(screen.queryByLabelText("Accepted")).toBeNull());
  });
});
