import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

describe("compliance", () => {
  it("lists what is asked by source, and shows what is open on its own", async () => {
    const { user } = openWindow({ vault: "open" });
    await user.click(await screen.findByRole("link", { name: "Administration" }));
    await user.click(await screen.findByRole("link", { name: "Compliance" }));
    await screen.findByRole("heading", { name: "Compliance", level: 1 });
    expect(await screen.findAllByRole("table")).toHaveLength(2);
    expect(screen.getByText("4 requirements")).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.selectOptions(screen.getByLabelText("Show"), "Later");
    expect(within(screen.getByRole("table")).getAllByRole("row")).toHaveLength(2);
    expect(screen.getByText("Changes of the configuration need a second person")).toBeTruthy();
  });
});
