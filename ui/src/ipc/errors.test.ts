import { describe, expect, it } from "vitest";
import en from "@/locales/en.json";
import { ERROR_CODES, IpcError } from "./errors";

describe("errors of commands", () => {
  it("have a wording for every code, and no wording without a code", () => {
    const worded = Object.entries(en.errors).flatMap(([code, words]) => (typeof words === "string" ? [] : [code]));
    expect(worded.sort()).toEqual([...ERROR_CODES].sort());
  });

  it("keep code, parameters and incident", () => {
    const error = IpcError.from({ code: "locked_out", params: { minutes: "15" }, incident: "inc-1" });
    expect([error.code, error.params, error.incident]).toEqual(["locked_out", { minutes: "15" }, "inc-1"]);
  });

  it.each([[undefined], ["a string"], [new Error("secret words")], [{ code: "of_tomorrow", params: {}, incident: null }]])(
    "make %s an internal error without its words",
    (thrown) => {
      const error = IpcError.from(thrown);
      expect([error.code, error.message]).toEqual(["internal", "internal"]);
    },
  );
});
