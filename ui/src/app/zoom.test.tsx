import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

describe("the size of text", () => {
  it("grows and shrinks by keys before the sign-in, and goes no further than 200 %", async () => {
    const { user, fake } = openWindow({ vault: "locked" });
    await screen.findByRole("heading", { name: "Sign in" });
    const asked = () => fake.calls.filter((c) => c.name === "zoom").map((c) => (c.payload as { percent: number }).percent);
    for (let i = 0; i < 7; i += 1) await user.keyboard("{Control>}+{/Control}");
    await waitFor(() => expect(asked().at(-1)).toBe(200));
    await user.keyboard("{Control>}-{/Control}");
    await waitFor(() => expect(asked().at(-1)).toBe(175));
    await user.keyboard("{Control>}0{/Control}");
    await waitFor(() => expect(asked().at(-1)).toBe(100));
  });

  it("stands in the account's menu, which stays open while it is changed", async () => {
    const { user } = openWindow({ vault: "open" });
    await user.click(await screen.findByTitle("Account and appearance"));
    await user.click(await screen.findByRole("menuitem", { name: /^Larger text/ }));
    await user.click(screen.getByRole("menuitem", { name: /^Larger text/ }));
    expect(screen.getByText("125 %")).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
  });
});
