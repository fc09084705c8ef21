import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { pieces } from "@/features/batches/Marked";
import { fieldsOf, withField } from "@/features/batches/fields";
import type { FakeOptions } from "@/ipc/fake";
import { IpcError } from "@/ipc/errors";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

// jsdom gives nothing a height; a virtual list needs one.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(480);
  vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(900);
});

async function openBatches(options: FakeOptions = {}) {
  const opened = openWindow({ vault: "open", ...options });
  await opened.user.click(await screen.findByRole("link", { name: "Batches" }));
  await screen.findByRole("heading", { name: "Batches" });
  return opened;
}

async function openRun(tab?: string) {
  const opened = await openBatches();
  await opened.user.click(await screen.findByRole("link", { name: "Open the results of chest reports · chest@1" }));
  await screen.findByRole("heading", { name: /chest@1/ });
  if (tab !== undefined) await opened.user.click(screen.getByRole("tab", { name: tab }));
  return opened;
}

describe("a viewer", () => {
  it("reads results, and is offered nothing that Rust would deny", async () => {
    const { user } = await openBatches({ role: "viewer" });
    const run = await screen.findByRole("article", { name: "chest reports · chest@2" });
    expect(within(run).queryAllByRole("button")).toEqual([]);
    expect(screen.queryByRole("form", { name: "New run" })).toBeNull();
    expect(screen.queryByRole("tab")).toBeNull();
    await user.click(within(run).getByRole("link"));
    await screen.findByRole("heading", { name: /chest@2/ });
    expect(screen.getAllByRole("tab").map((tab) => tab.textContent)).toEqual(["Results", "Evaluation"]);
  });

  it("is told where results come from while there are none", async () => {
    await openBatches({ role: "viewer", datasets: "none" });
    expect(await screen.findByText(/When a researcher gives you a dataset/)).toBeTruthy();
  });
});

describe("runs over nothing", () => {
  it("begin with the reports, and lead there", async () => {
    const { user } = await openBatches({ datasets: "none" });
    expect(screen.queryByRole("form", { name: "New run" })).toBeNull();
    expect(await seriousFaults()).toEqual([]);
    await user.click(await screen.findByRole("button", { name: "Bring in reports" }));
    expect(await screen.findByRole("heading", { name: "No dataset yet" })).toBeTruthy();
  });
});

describe("datasets", () => {
  it("shows how a file would be read, and imports nothing while ids are not unique", async () => {
    const { user, fake } = await openBatches({ datasets: "none" });
    await user.click(screen.getByRole("tab", { name: "Datasets" }));
    await user.click(await screen.findByRole("button", { name: "Import a file" }));
    const wizard = await screen.findByRole("region", { name: "Import chest-reports.csv" });
    expect(within(wizard).getByText("Row 40: its text is empty")).toBeTruthy();
    expect(wizard.textContent).toContain("242 rows: 240 reports, 2 left out");
    expect(await seriousFaults()).toEqual([]);

    await user.selectOptions(within(wizard).getByRole("combobox", { name: "Id" }), "patient");
    expect(await within(wizard).findByText(/122 rows have an id/)).toBeTruthy();
    expect(within(wizard).getByRole<HTMLButtonElement>("button", { name: "Import" }).disabled).toBe(true);
    await user.selectOptions(within(wizard).getByRole("combobox", { name: "Id" }), "accession");
    await user.click(within(wizard).getByRole("checkbox", { name: "finding" }));
    const button = within(wizard).getByRole<HTMLButtonElement>("button", { name: "Import" });
    await waitFor(() => expect(button.disabled).toBe(false));
    await user.click(button);
    expect(await screen.findByText("chest-reports: 240 reports imported")).toBeTruthy();
    const kept = fake.calls.find((c) => c.name === "import_dataset")?.payload;
    expect(kept).toMatchObject({ previewed: true, columns: { id: "accession", gold: { finding: "finding" } } });
  });

  it("says what cannot be read", async () => {
    const fail = { preview_dataset: new IpcError("input_unreadable", { file: "a.xlsx", fault: "it is damaged" }) };
    const { user } = await openBatches({ fail });
    await user.click(screen.getByRole("tab", { name: "Datasets" }));
    await user.click(await screen.findByRole("button", { name: "Import a file" }));
    expect((await screen.findByRole("alert")).textContent).toContain("a.xlsx: it is damaged");
  });
});

describe("runs", () => {
  it("shows how far each run is and lets it be paused and gone on with", async () => {
    const { user } = await openBatches();
    const card = await screen.findByRole("article", { name: "chest reports · chest@2" });
    expect(card.textContent).toContain("176 of 240 done");
    expect(card.textContent).toContain("412 an hour");
    expect(await seriousFaults()).toEqual([]);
    await user.click(within(card).getByRole("button", { name: "Pause" }));
    await user.click(await within(card).findByRole("button", { name: "Retry failed" }));
    await waitFor(() => expect(card.textContent).toContain("174 of 240 done"));
    await user.click(within(card).getByRole("button", { name: "Resume" }));
    expect(await within(card).findByRole("button", { name: "Pause" })).toBeTruthy();
  });

  it("says that one was interrupted, in the list alone, and lets it go on", async () => {
    const { user } = await openBatches({ interrupted: true });
    const card = await screen.findByRole("article", { name: "chest reports · chest@2" });
    expect(card.textContent).toContain("Interrupted");
    expect(within(card).queryByRole("button", { name: "Pause" })).toBeNull();
    expect(within(card).getByRole("button", { name: "Cancel run" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: /Extracting/ })).toBeNull();
    await user.click(within(card).getByRole("button", { name: "Resume" }));
    expect(await within(card).findByRole("button", { name: "Pause" })).toBeTruthy();
    expect(await screen.findByRole("button", { name: /Extracting/ })).toBeTruthy();
  });

  it("starts one only with a purpose", async () => {
    const { user, fake } = await openBatches();
    const form = await screen.findByRole("form", { name: "New run" });
    const start = within(form).getByRole<HTMLButtonElement>("button", { name: "Start" });
    expect(start.disabled).toBe(true);
    await user.type(within(form).getByRole("textbox", { name: "What is the run for?" }), "audit");
    await waitFor(() => expect(start.disabled).toBe(false));
    await user.click(start);
    expect(fake.calls.find((c) => c.name === "run_batch")?.payload).toMatchObject({ purpose: "audit" });
  });
});

describe("results", () => {
  it("lists reports, and opens one with its evidence marked", async () => {
    const { user } = await openRun();
    expect(await screen.findByText("240 rows")).toBeTruthy();
    const rows = await screen.findAllByRole("row");
    expect(rows.length).toBeLessThan(60);
    await user.click(await screen.findByRole("button", { name: "Open A-1003" }));
    const panel = await screen.findByRole("complementary", { name: "A-1003" });
    await user.click(await within(panel).findByRole("button", { name: /^finding/ }));
    const lit = panel.querySelectorAll('mark[data-lit="true"]');
    expect([...lit].map((m) => m.textContent)).toEqual(["pleural effusion"]);
    expect(await seriousFaults()).toEqual([]);
  });

  it("are reviewed by keyboard alone", async () => {
    const { user, fake } = await openRun("Review");
    await user.click(await screen.findByRole("button", { name: /A-1004/ }));
    const panel = await screen.findByRole("complementary", { name: "A-1004" });
    await within(panel).findByRole("button", { name: /^finding/ });
    await user.keyboard("a");
    expect(await within(panel).findByText("Accepted")).toBeTruthy();
    await user.keyboard("e");
    const field = await screen.findByRole("textbox", { name: "What is right instead" });
    await user.clear(field);
    await user.type(field, "both{Enter}");
    expect(await within(panel).findByText("Changed to both")).toBeTruthy();
    const said = fake.calls.filter((c) => c.name === "decide_result").map((c) => c.payload);
    expect(said).toMatchObject([{ path: "/finding", verdict: "accept" }, { path: "/side", verdict: "edit", value: "both" }]);
    expect(await seriousFaults()).toEqual([]);
  });

  it("are scored, and an error leads to its report", async () => {
    const { user } = await openRun("Evaluation");
    const table = await screen.findByRole("table", { name: "Scores by field" });
    expect(within(table).getAllByRole("row")[1]?.textContent).toContain("0.826");
    expect(screen.getByRole("heading", { name: "Confusion of finding" })).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: /A-1004.*Right: mass.*Found: nodule/ }));
    expect(await screen.findByRole("complementary", { name: "A-1004" })).toBeTruthy();
  });

  it("leave the vault in the form that was asked for", async () => {
    const { user, fake } = await openRun("Export");
    await user.selectOptions(screen.getByRole("combobox", { name: "Format" }), "xlsx");
    await user.click(screen.getByRole("checkbox", { name: "Columns with evidence and state" }));
    await user.click(screen.getByRole("button", { name: "Choose a place and export" }));
    expect(await screen.findByText("238 reports written to /home/ada/chest.xlsx")).toBeTruthy();
    expect(fake.calls.at(-1)?.payload).toMatchObject({ format: "xlsx", evidence: true, text: false });
  });
});

describe("schemas", () => {
  it("are the same as fields and as JSON", async () => {
    const { user } = await openBatches();
    await user.click(screen.getByRole("tab", { name: "Schemas" }));
    await user.click(await screen.findByRole("button", { name: "Add a field" }));
    const raw = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "JSON Schema" });
    expect(JSON.parse(raw.value)).toMatchObject({ properties: { field_1: { type: ["string", "null"] } } });
    await user.clear(raw);
    await user.click(raw);
    await user.paste('{"type":"object","properties":{"side":{"enum":["left","right"]}}}');
    expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Field name" }).value).toBe("side");
    expect(screen.getByRole<HTMLSelectElement>("combobox", { name: "Kind" }).value).toBe("choice");
    await user.click(screen.getByRole("button", { name: "Try on one report" }));
    expect(await screen.findByText(/This report took 7.4 s. All 240 would take about 29 min/)).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
  });

  it("keep what the builder does not show", () => {
    const definition = { type: "object", required: ["a"], properties: { a: { type: "string", maxLength: 9, "x-match": "skip" }, b: { type: "object" } } };
    const fields = fieldsOf(definition);
    expect(fields.map((f) => f.kind)).toEqual(["text", "other"]);
    const renamed = withField(definition, 0, { ...fields[0]!, name: "c", description: "d" });
    expect(renamed).toEqual({
      type: "object",
      required: ["c"],
      properties: { c: { type: "string", maxLength: 9, "x-match": "skip", description: "d" }, b: { type: "object" } },
    });
    expect(withField(renamed, 0, null)).toEqual({ type: "object", required: [], properties: { b: { type: "object" } } });
  });
});

describe("marked words", () => {
  it("count scalars, not UTF-16 units", () => {
    const found = { path: "/a", field: "a", value: "x", assertion: "present", support: "verbatim", reasons: [] };
    const cut = pieces("🫁 clear lungs", [{ ...found, evidence: [{ start: 2, end: 7, quote: "clear" }] }], 0);
    expect(cut.map((p) => [p.text, p.lit])).toEqual([["🫁 ", false], ["clear", true], [" lungs", false]]);
  });
});

describe("beside the command line", () => {
  it("says who may use a dataset, gives it and takes it away", async () => {
    const { user, fake } = await openBatches();
    await user.click(screen.getByRole("tab", { name: "Datasets" }));
    await user.click(await screen.findByRole("button", { name: "Who may use chest reports" }));
    await user.click(await screen.findByRole("button", { name: "Take it from ben" }));
    expect(await screen.findByText("Its owner and the administrators, and nobody else.")).toBeTruthy();
    await user.type(screen.getByRole("textbox", { name: "Sign-in name of a researcher or viewer" }), "nobody");
    await user.click(screen.getByRole("button", { name: "Let them use it" }));
    expect(await screen.findByText("No researcher or viewer has this name.")).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    expect(fake.calls.filter((c) => c.name === "share_dataset").map((c) => c.payload)).toContainEqual(
      expect.objectContaining({ user: "ben", give: false }),
    );
  });

  it("begins with a bundled schema, and shows what changed between versions", async () => {
    const { user } = await openBatches();
    await user.click(screen.getByRole("tab", { name: "Schemas" }));
    const choice = await screen.findByRole("combobox", { name: "Schema" });
    await waitFor(() => expect(within(choice).getByRole("option", { name: "Bundled: Radiology findings" })).toBeTruthy());
    await user.selectOptions(choice, "Bundled: Radiology findings");
    expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Name in the library" }).value).toBe("radiology");
    expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "JSON Schema" }).value).toContain("findings");
    const [own] = within(choice).getAllByRole("option").filter((o) => o.textContent?.includes("@"));
    await user.selectOptions(choice, own!.textContent!);
    const changes = await screen.findByRole("region", { name: "Changes between versions" });
    expect(await within(changes).findByText("/properties/laterality")).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
  });

  it("runs the same reports again with another schema", async () => {
    const { user, fake } = await openBatches();
    const card = await screen.findByRole("article", { name: "chest reports · chest@1" });
    await user.click(within(card).getByRole("button", { name: "Run again" }));
    await user.click(await within(card).findByRole("button", { name: "Start as a new run" }));
    await waitFor(() => expect(fake.calls.some((c) => c.name === "clone_batch")).toBe(true));
  });

  it("sets two runs side by side", async () => {
    const { user } = await openRun("Evaluation");
    const section = await screen.findByRole("region", { name: "Two runs side by side" });
    const choice = within(section).getByRole("combobox");
    await user.selectOptions(choice, within(choice).getAllByRole("option")[1]!);
    expect((await within(section).findByRole("status")).textContent).toContain("+0.034");
    expect(within(section).getByRole("table").textContent).toContain("0.846");
    expect(await seriousFaults()).toEqual([]);
  });
});
