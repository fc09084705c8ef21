import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

describe("guides", () => {
  it("are found under the account, and lead to each other", async () => {
    const { user } = openWindow({ vault: "open" });
    await user.click(await screen.findByTitle("Account and appearance"));
    await user.click(await screen.findByRole("menuitem", { name: "Guides" }));
    await screen.findByRole("heading", { name: "Guide for administrators", level: 1 });
    expect(await seriousFaults()).toEqual([]);
    const article = screen.getByRole("article");
    await user.click(within(article).getByRole("button", { name: "Hardening a workstation" }));
    await screen.findByRole("heading", { name: "Hardening a workstation", level: 1 });
    expect(within(screen.getByRole("article")).getByRole("table")).toBeTruthy();
    await user.click(screen.getByRole("link", { name: "For auditors" }));
    expect(await screen.findByRole("img", { name: "The log and its verdict" })).toBeTruthy();
  });
});
