import { act, screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { VerdictDto } from "@/ipc/bindings.gen";
import type { FakeOptions } from "@/ipc/fake";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

async function openLog(verdict?: Partial<VerdictDto>, options: FakeOptions = {}) {
  const opened = openWindow({ vault: "open", ...options });
  if (verdict !== undefined) {
    const answer = opened.fake.call.bind(opened.fake);
    vi.spyOn(opened.fake, "call").mockImplementation(async (name, payload, onProgress) => {
      const said = await answer(name, payload, onProgress);
      return name === "audit_verify" ? ({ ...(said as VerdictDto), ...verdict } as typeof said) : said;
    });
  }
  await opened.user.click(await screen.findByRole("link", { name: /^Log/ }));
  await screen.findByRole("table");
  await screen.findAllByRole("button", { name: /^Open line/ });
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
    expect(detail.textContent).toContain('"seq":637');
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Close the line" }));
    expect(screen.queryByRole("complementary")).toBeNull();
  });

  it("holds a million lines and shows those in sight, wherever one scrolls", async () => {
    const { fake } = await openLog(undefined, { logLength: 1_000_000 });
    const table = screen.getByRole("table");
    expect(table.getAttribute("aria-rowcount")).toBe("1000001");
    expect(within(table).getAllByRole("row").length).toBeLessThan(60);
    const scroller = table.querySelectorAll<HTMLElement>('[role="rowgroup"]')[1]!;
    // The end of the scroll bar is the log's first line.
    act(() => {
      scroller.scrollTop = 12_000_000 - 800;
      scroller.dispatchEvent(new Event("scroll"));
    });
    await screen.findByRole("button", { name: "Open line 1" });
    const pages = fake.calls.filter((call) => call.name === "audit_page").map((call) => call.payload as { offset: number });
    expect(Math.max(...pages.map((page) => page.offset))).toBe(999_800);
    expect(pages.length).toBeLessThan(6);
  });

  it("asks for lines by event, outcome and record, and everything again", async () => {
    const { user, fake } = await openLog();
    const filters = screen.getByRole("search", { name: "Which lines" });
    await user.selectOptions(within(filters).getByRole("combobox", { name: "Event" }), "sign_in");
    await user.selectOptions(within(filters).getByRole("combobox", { name: "Outcome" }), "failure");
    await user.type(within(filters).getByRole("textbox", { name: "Who looked at this patient?" }), "MRN 1043{Enter}");
    const asked = () => fake.calls.filter((call) => call.name === "audit_page").at(-1)?.payload;
    await vi.waitFor(() =>
      expect(asked()).toMatchObject({ filter: { event_type: "sign_in", outcome: "failure", record: "MRN 1043" } }),
    );
    expect(await screen.findByText("No line is like that.")).toBeTruthy();
    await user.click(within(filters).getByRole("button", { name: "Show everything" }));
    expect(await screen.findByRole("button", { name: "Open line 640" })).toBeTruthy();
  });

  it("goes from a bar of the chart to that day, and to failed sign-ins", async () => {
    const { user, fake } = await openLog();
    const days = await screen.findByRole("region", { name: "Lines by day" });
    await user.click(within(days).getAllByRole("button").at(-1)!);
    const asked = () => fake.calls.filter((call) => call.name === "audit_page").at(-1)?.payload as { filter: Record<string, string> };
    await vi.waitFor(() => expect(asked().filter["from"]).toBeDefined());
    expect(new Date(asked().filter["to"]!).getTime() - new Date(asked().filter["from"]!).getTime()).toBe(86_400_000);
    await user.click(await screen.findByRole("button", { name: "Show them" }));
    await vi.waitFor(() => expect(asked().filter["event_type"]).toBe("sign_in"));
  });

  it("shows alerts, open ones first, and takes what came of them", async () => {
    const { user, fake } = await openLog();
    await user.click(screen.getByRole("tab", { name: /Alerts/ }));
    const alert = await screen.findByRole("article", { name: "Repeated failed sign-ins" });
    expect(alert.textContent).toContain("6 sign-ins failed");
    expect(await seriousFaults()).toEqual([]);
    await user.click(within(alert).getByRole("button", { name: "Explained" }));
    await screen.findByText(/Explained: Ada Lindqvist \(you\)/);
    expect(fake.calls.find((call) => call.name === "audit_acknowledge")?.payload).toEqual({ seq: 631, reason: "explained" });
  });

  it("shows a month's report with the figures of the form, and saves it", async () => {
    const { user, fake } = await openLog();
    await user.click(screen.getByRole("tab", { name: "Report" }));
    const sheet = await screen.findByRole("region", { name: "Report" });
    for (const words of ["1,250", "15", "3 (2 open)", "Needs attention", "J. Okafor"]) {
      expect(sheet.textContent).toContain(words);
    }
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Save as PDF" }));
    await screen.findByText("The report is saved");
    expect(fake.calls.find((call) => call.name === "audit_export_report")?.payload).toMatchObject({ format: "pdf" });
  });

  it("takes lines along with a seal, and says which key to write down", async () => {
    const { user, fake } = await openLog();
    await user.click(screen.getByRole("button", { name: "Take along" }));
    await user.click(await screen.findByRole("menuitem", { name: "These lines as CSV, sealed" }));
    expect((await screen.findByText(/Write this key down/)).textContent).toContain("1f0a 77c2");
    expect(fake.calls.find((call) => call.name === "audit_export")?.payload).toEqual({ format: "csv", filter: {} });
  });

  it("compares with a checkpoint from elsewhere", async () => {
    const { user } = await openLog();
    await user.click(await screen.findByRole("button", { name: "Compare with a checkpoint…" }));
    expect(await screen.findByText("a checkpoint kept elsewhere, at line 120")).toBeTruthy();
  });

  it("gives a clinician their own lines and nothing of other people", async () => {
    const { fake } = await openLog(undefined, { role: "clinician" });
    expect(screen.getByRole("heading", { name: "Your lines of the log" })).toBeTruthy();
    expect(screen.queryByRole("tab")).toBeNull();
    expect(screen.queryByRole("button", { name: "Take along" })).toBeNull();
    expect(screen.queryByRole("textbox", { name: "Who looked at this patient?" })).toBeNull();
    const names = fake.calls.map((call) => call.name);
    expect(names).not.toContain("audit_alerts");
    expect(names).not.toContain("audit_people");
  });

  it("says when a store is broken, and shows the log all the same", async () => {
    await openLog(undefined, { storeFaults: ["the store visits.db cannot be opened"] });
    expect(screen.getByText("A store cannot be opened")).toBeTruthy();
    expect(await screen.findByRole("button", { name: "Open line 640" })).toBeTruthy();
  });

  it("is where an auditor begins, who has no visits to see", async () => {
    openWindow({ vault: "open", role: "auditor" });
    expect(await screen.findByRole("table", { name: "Newest lines" })).toBeTruthy();
    expect(screen.queryByRole("link", { name: "Visits" })).toBeNull();
  });

  it("can be checked by anybody, before signing in", async () => {
    const { user } = openWindow({ vault: "locked" });
    await user.click(await screen.findByRole("button", { name: "Check the log without signing in" }));
    expect(await screen.findByRole("region", { name: "The log is intact" })).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
  });
});
