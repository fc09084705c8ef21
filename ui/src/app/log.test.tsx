import { screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { VerdictDto } from "@/ipc/bindings.gen";
import { Fake } from "@/ipc/fake";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

async function openLog(verdict?: Partial<VerdictDto>) {
  const opened = openWindow({ vault: "open" });
  if (verdict !== undefined) {
    const answer = opened.fake.call.bind(opened.fake);
    vi.spyOn(opened.fake, "call").mockImplementation(async (name, payload, onProgress) => {
      const said = await answer(name, payload, onProgress);
      return name === "audit_verify" ? ({ ...(said as VerdictDto), ...verdict } as typeof said) : said;
    });
  }
  await opened.user.click(await screen.findByRole("link", { name: "Log" }));
  await screen.findByRole("table");
  return opened;
}

describe("the log", () => {
  it("says that the chain is intact, and what the verdict rests on", async () => {
    await openLog();
    const verdict = await screen.findByRole("region", { name: "The log is intact" });
    expect(within(verdict).getByText("640 lines")).toBeTruthy();
    expect(within(verdict).getByText("the signed head beside the lines")).toBeTruthy();
    expect(within(verdict).getByText("5e1f3c9a…d7590a")).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
  });

  it.each([
    ["tampered", "The log was changed"],
    ["truncated", "Lines are missing from the log"],
    ["unknown", "The log cannot be judged"],
  ])("does not dress up a verdict of %s", async (verdict, title) => {
    await openLog({ verdict, reason: "line 12 does not follow from line 11", rests_on: ["checkpoint:120"] });
    const region = await screen.findByRole("region", { name: title });
    expect(region.textContent).toContain("line 12 does not follow from line 11");
    expect(region.textContent).toContain("a checkpoint kept elsewhere, at line 120");
    expect(screen.queryByText("The log is intact")).toBeNull();
  });

  it("checks again when asked", async () => {
    const { user, fake } = await openLog();
    await user.click(await screen.findByRole("button", { name: "Check again" }));
    expect(fake.calls.filter((call) => call.name === "audit_verify")).toHaveLength(2);
  });

  it("lists the newest lines first and opens one in full", async () => {
    const { user } = await openLog();
    const rows = screen.getAllByRole("row");
    expect(rows[1]?.textContent).toContain("640");
    expect(rows[2]?.textContent).toContain("639");
    await user.click(screen.getByRole("button", { name: "Open line 637" }));
    const detail = screen.getByRole("complementary", { name: "Line 637" });
    expect(detail.textContent).toContain("Ada Lindqvist (you)");
    expect(detail.textContent).toContain('"unsupported": 3');
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Close the line" }));
    expect(screen.queryByRole("complementary")).toBeNull();
  });

  it("asks for older lines by the number where the page before ended", async () => {
    const fake = new Fake({ vault: "open" });
    const first = await fake.call("audit_list", { limit: 200 });
    const second = await fake.call("audit_list", { limit: 200, before_seq: first[199]!.seq });
    expect([first[0]!.seq, first[199]!.seq, second[0]!.seq]).toEqual([640, 441, 440]);
  });
});
