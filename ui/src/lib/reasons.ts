import { label } from "@/lib/format";
import { tIfAny } from "@/lib/i18n";

/** The rules that decided about a finding, in words. */
export const rules = (codes: readonly string[]): string => codes.map(words).join(", ");

/**
 * Why an answer is not whole: `CODE POINTER; CODE POINTER`, a JSON Pointer of `/` being all of it. What has no such
 * form is an engine's own words and stays as it is.
 */
export function whatWasLost(error: string): string {
  return error
    .split("; ")
    .map((part) => {
      const [code = "", pointer = "/", ...more] = part.split(" ");
      if (more.length > 0 || !pointer.startsWith("/")) return part;
      const field = label(pointer.split("/").filter((name) => name !== "" && !/^\d+$/.test(name)).join(" "));
      return field === "" ? words(code) : `${field}: ${words(code)}`;
    })
    .join("; ");
}

const words = (code: string): string => tIfAny(`reasons.${code}`) ?? code;
