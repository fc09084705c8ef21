import axe from "axe-core";

/**
 * What axe finds serious or worse, as readable lines. Contrast is measured elsewhere (contrast.test.ts): jsdom has
 * no colours.
 */
export async function seriousFaults(container: Element = document.body): Promise<string[]> {
  const { violations } = await axe.run(container, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    rules: { "color-contrast": { enabled: false } },
  });
  return violations
    .filter((v) => v.impact === "serious" || v.impact === "critical")
    .flatMap((v) => v.nodes.map((node) => `${v.id}: ${node.html}`));
}
