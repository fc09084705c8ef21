import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

describe("health", () => {
  it("says what the workstation can do, what asks for something first, and tries every way out on request", async () => {
    const { user, fake } = openWindow({ vault: "open" });
    await user.click(await screen.findByRole("link", { name: "Administration" }));
    await user.click(await screen.findByRole("link", { name: "Health" }));
    await screen.findByRole("heading", { name: "Health", level: 1 });
    expect((await screen.findByText("One thing is worth a look")).textContent).toBeTruthy();
    const names = () => screen.getAllByRole("heading", { level: 2 }).map((heading) => heading.textContent);
    expect(names()[0]).toBe("Swap");
    expect(names()).not.toContain("Ways out");
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Try every way out" }));
    const ways = (await screen.findByRole("heading", { name: "Ways out" })).closest("li")!;
    expect(within(ways).getByText("41 ways out tried, none open")).toBeTruthy();
    expect(fake.calls.filter((call) => call.name === "doctor").map((call) => call.payload)).toEqual([{ probe: false }, { probe: true }]);
  });

  it("is an administrator's alone", async () => {
    const { user } = openWindow({ vault: "open", role: "auditor" });
    await user.click(await screen.findByRole("link", { name: "Administration" }));
    await screen.findByRole("heading", { name: "Access review" });
    expect(screen.queryByRole("link", { name: "Health" })).toBeNull();
  });
});
