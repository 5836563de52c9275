import type { CDPSession, Page } from "playwright-core";

/** Roles that say nothing without a name; lists and paragraphs do. */
const NAMED_ROLES =
  "button link textbox combobox listbox option progressbar dialog image log form article".split(
    " ",
  );
/** WCAG 2.2 AA, 1.4.3, for text of any size. */
const CONTRAST_MIN = 4.5;
const WHITE = [255, 255, 255];

/**
 * What is wrong with the page as assistive technology and the eye get it: elements without a
 * name, pictures without a text, text too pale for its background. By Chromium's own
 * accessibility tree and computed styles.
 */
export async function auditPage(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  try {
    return [...(await findUnnamed(session)), ...(await findPale(session))];
  } finally {
    await session.detach();
  }
}

async function findUnnamed(session: CDPSession): Promise<string[]> {
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  return nodes.flatMap((node) => {
    const role = String(node.role?.value);
    const isFocusable = node.properties?.some(
      ({ name, value }) => name === "focusable" && value.value === true,
    );
    const isNamed = String(node.name?.value ?? "").trim() !== "";
    if (node.ignored || isNamed || role === "RootWebArea") return [];
    if (!NAMED_ROLES.includes(role) && !isFocusable) return [];
    return [`a ${role} without a name (node ${node.backendDOMNodeId})`];
  });
}

/** Backgrounds are colours here, never pictures, so that they can be blended from the styles. */
async function findPale(session: CDPSession): Promise<string[]> {
  const { documents, strings } = await session.send("DOMSnapshot.captureSnapshot", {
    computedStyles: ["color", "background-color", "opacity", "visibility"],
  });
  const found = new Set<string>();
  for (const { layout, nodes } of documents) {
    const boxOf = new Map(layout.nodeIndex.map((node, index) => [node, index]));
    const styleOf = (node: number, property: number): string =>
      strings[layout.styles[boxOf.get(node) ?? -1]?.[property] ?? -1] ?? "";
    /** The text's element, then those around it. */
    const elementsAround = (textNode: number): number[] => {
      const around: number[] = [];
      for (let at = nodes.parentIndex?.[textNode] ?? -1; at > 0; at = nodes.parentIndex?.[at] ?? -1)
        around.push(at);
      return around;
    };
    const isDisabled = (node: number) =>
      (nodes.attributes?.[node] ?? []).some(
        (each, at) => at % 2 === 0 && strings[each] === "disabled",
      );

    for (const [index, textIndex] of layout.text.entries()) {
      const text = (strings[textIndex] ?? "").trim();
      const [element = -1, ...others] = elementsAround(layout.nodeIndex[index] ?? -1);
      const elements = [element, ...others];
      if (text === "" || styleOf(element, 3) === "hidden" || elements.some(isDisabled)) continue;
      const paper = elements
        .map((each) => readColor(styleOf(each, 1)))
        .reduceRight((below, { rgb, alpha }) => blend(rgb, below, alpha), WHITE);
      const ink = readColor(styleOf(element, 0));
      const opacity = elements.reduce(
        (all, each) => all * Number(styleOf(each, 2) || 1),
        ink.alpha,
      );
      const contrast = contrastOf(blend(ink.rgb, paper, opacity), paper);
      if (contrast < CONTRAST_MIN) found.add(`contrast ${contrast.toFixed(2)} of “${text}”`);
    }
  }
  return [...found];
}

function readColor(text: string): { rgb: readonly number[]; alpha: number } {
  const [red, green, blue, alpha = 1] =
    /^rgba?\(([^)]+)\)$/u
      .exec(text)?.[1]
      ?.split(/[,\s/]+/u)
      .map(Number) ?? [];
  if (red === undefined || green === undefined || blue === undefined) return { rgb: [], alpha: 0 };
  return { rgb: [red, green, blue], alpha };
}

function blend(above: readonly number[], below: readonly number[], alpha: number): number[] {
  return below.map((part, at) => (above[at] ?? part) * alpha + part * (1 - alpha));
}

/** As WCAG 2.2 defines relative luminance and contrast ratio. */
function contrastOf(one: readonly number[], other: readonly number[]): number {
  const luminance = (color: readonly number[]) => {
    const [red = 0, green = 0, blue = 0] = color.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
