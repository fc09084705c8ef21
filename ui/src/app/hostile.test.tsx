import { act, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IpcError } from "@/ipc/errors";
import { EXTRACTION, TRANSCRIPT } from "@/ipc/fake-visit";
import { openWindow } from "@/testing/window";

const HEBREW = "רות כהן‎";

/** As a browser that sees nothing but what is forced into sight. */
class NothingInSight {
  observe() {}
  unobserve() {}
  disconnect() {}
}

beforeEach(() => {
  vi.stubGlobal("IntersectionObserver", NothingInSight);
  // Rows have a height, or no number of them would fill the window.
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockImplementation(function (this: HTMLElement) {
    return this.dataset["index"] === undefined ? 800 : 72;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("bad input", () => {
  it("a transcript of 100,000 words and 5,000 findings: only what is in sight is in the page", async () => {
    const segment = TRANSCRIPT.segments[0]!;
    const words = Array.from({ length: 20 }, (_, i) => ({ start_s: i, end_s: i + 1, text: `word${i}`, probability: 0.9 }));
    const segments = Array.from({ length: 5_000 }, (_, i) => ({ ...segment, start_s: i * 20, end_s: i * 20 + 20, words, text: words.map((w) => w.text).join(" ") }));
    const finding = EXTRACTION.findings[0]!;
    const findings = Array.from({ length: 5_000 }, (_, i) => ({ ...finding, path: `/symptoms/${i}`, field: "symptoms", value: `symptom ${i}` }));
    const { user } = openWindow({ vault: "open", transcript: { ...TRANSCRIPT, segments }, findings });
    await user.click(await screen.findByRole("button", { name: /Cough for two weeks/ }));
    await screen.findByRole("heading", { name: "Findings" }, { timeout: 20_000 });
    expect(document.querySelectorAll("[data-segment]").length).toBeLessThan(60);
    expect(document.querySelectorAll("[data-finding]").length).toBeLessThan(60);
    // The keyboard reaches what is not drawn yet.
    await user.keyboard("k");
    await waitFor(() => expect(document.querySelector("[data-chosen=true]")?.getAttribute("data-finding")).toBe("/symptoms/4999"));
    expect(document.querySelectorAll("[data-finding]").length).toBeLessThan(60);
  }, 60_000);

  it("names in any script, right to left and with control characters, stand in their own direction", async () => {
    const { user } = openWindow({ vault: "open", names: [HEBREW, "مريم العلي", "A\u202eB\u0000C <b>x</b> {{name}}", "𝔄".repeat(300)] });
    const row = await screen.findByText(HEBREW);
    expect(row.closest("[dir=auto]")).not.toBeNull();
    expect(screen.getByText("مريم العلي")).toBeTruthy();
    expect(document.querySelector("b")).toBeNull();
    await user.click(row);
    expect((await screen.findByRole("heading", { name: HEBREW })).getAttribute("dir")).toBe("auto");
  });

  it("pasted rich text is text: no markup, no lines that a sentence cannot have", async () => {
    const { user } = openWindow({ vault: "open" });
    await user.click(await screen.findByRole("button", { name: /Cough for two weeks/ }));
    await user.click(await screen.findByRole("button", { name: "Note" }));
    await user.click(await screen.findByRole("button", { name: "Begin the note" }));
    await user.click((await screen.findAllByRole("button", { name: /^Add a sentence to/ }))[0]!);
    const clipboard = new DataTransferLike({ "text/html": "<b>Seen</b> <script>alert(1)</script>", "text/plain": "Seen with her son." });
    await user.click(screen.getByLabelText(/^Add a sentence to/, { selector: "textarea" }));
    await user.paste(clipboard as unknown as DataTransfer);
    await user.keyboard("{Enter}");
    expect(await screen.findByText("Seen with her son.")).toBeTruthy();
    expect(document.querySelector("[data-sentence] b, [data-sentence] script")).toBeNull();
  });

  it("a full disk says what was kept, and the window goes on", async () => {
    const { user } = openWindow({ vault: "open", fail: { save_note: new IpcError("disk_full") } });
    await user.click(await screen.findByRole("button", { name: /Cough for two weeks/ }));
    await user.click(await screen.findByRole("button", { name: "Note" }));
    await user.click(await screen.findByRole("button", { name: "Begin the note" }));
    await user.click((await screen.findAllByRole("button", { name: /^Add a sentence to/ }))[0]!);
    await user.keyboard("Seen with her son.{Enter}");
    expect((await screen.findByRole("alert")).textContent).toMatch(/full/);
    await user.click(screen.getAllByRole("link", { name: "Visits" })[0]!);
    expect(await screen.findByRole("heading", { name: "Visits" })).toBeTruthy();
  });

  it("a clock that is set back says so once, counts the time to logoff on, and asks anew", async () => {
    const { fake } = openWindow({ vault: "open" });
    await screen.findByRole("heading", { name: "Visits" });
    const asked = () => fake.calls.filter((c) => c.name === "list_encounters").length;
    const before = asked();
    const now = Date.now.bind(Date);
    const clock = vi.spyOn(Date, "now").mockImplementation(() => now() - 3 * 3_600_000);
    expect(await screen.findByText(/clock went back by 3 h/, {}, { timeout: 5_000 })).toBeTruthy();
    await waitFor(() => expect(asked()).toBeGreaterThan(before));
    expect(screen.queryByText(/^Signing you off/)).toBeNull();
    act(() => screen.getByRole("button", { name: "Close" }).click());
    clock.mockRestore();
  });
});

class DataTransferLike {
  constructor(private readonly data: Record<string, string>) {}
  getData(type: string) {
    return this.data[type === "text" ? "text/plain" : type] ?? "";
  }
}
