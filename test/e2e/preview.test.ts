import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { PreviewView } from "../../adapters/playground/job-view.ts";
import { chromiumIsInstalled } from "../servers/chromium.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { draw, inChromium, PHONE } from "./browser.ts";
import { chromiumTabs } from "./chromium-tabs.ts";
import { auditPage } from "./page-audit.ts";

const processes = atelierProcesses();
const HOSTILE = "<!channel> *x* <script>alert(1)</script> &amp; <https://evil.example|bank>";

/** Opens a job's preview and waits until it has answered. */
async function openPreview(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator(".preview:not([data-state=loading])").waitFor();
}

const article = (page: Page) => page.getByRole("article", { name: "The message in Slack" });
const body = (page: Page) => article(page).locator(".slack-body");
const notification = (page: Page) => page.locator("[data-notification]");

/** Every text that Slack shows of blocks, in its order. */
function textsOf(part: unknown, names: PreviewView["names"]): string[] {
  if (Array.isArray(part)) return part.flatMap((each) => textsOf(each, names));
  if (part === null || typeof part !== "object") return [];
  if ("user_id" in part) return [`@${names[String(part.user_id)]}`];
  if ("text" in part)
    return [typeof part.text === "string" ? part.text : String(textIn(part.text))];
  return "elements" in part ? textsOf(part.elements, names) : [];
}

function textIn(object: unknown): unknown {
  return object !== null && typeof object === "object" && "text" in object ? object.text : "";
}

/** All values of one name in the blocks, in their order. */
function valuesOf(part: unknown, name: string): unknown[] {
  if (part === null || typeof part !== "object") return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === name ? [value] : valuesOf(value, name),
  );
}

describe.skipIf(!chromiumIsInstalled())(inChromium("the preview of Slack in Chromium"), () => {
  const tabs = chromiumTabs();
  let atelier: AtelierProcess;
  beforeAll(async () => {
    atelier = await processes.start();
  }, START_TIMEOUT_MS);

  async function jsonOf(jobId: string, user = "guest"): Promise<PreviewView> {
    const response = await atelier.request(`/api/jobs/${jobId}/preview/slack?user=${user}`);
    expect(response.status).toBe(200);
    return (await response.json()) as PreviewView;
  }

  it("opens from a card and has the texts, pictures, links and buttons of the blocks", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "slack" });
    const message = await draw(page, "/imagine a lighthouse at night --count 4 --seed 3", 4);
    const jobId = (await message.getAttribute("data-job-id")) ?? "";
    const opening = page.context().waitForEvent("page");
    await message.getByRole("link", { name: "As in Slack" }).click();
    const preview = await opening;
    await article(preview).waitFor();
    expect(new URL(preview.url()).pathname).toBe(`/preview/${jobId}`);
    expect(await preview.title()).toBe("As in Slack · Atelier");

    const { blocks, names } = await jsonOf(jobId);
    expect(await body(preview).textContent()).toBe(textsOf(blocks, names).join(""));
    expect(textsOf(blocks, names).slice(0, 2)).toEqual(["@ana", ": a lighthouse at night"]);
    const pictures = body(preview).getByRole("img");
    expect(await pictures.evaluateAll((all) => all.map((each) => each.alt))).toEqual(
      valuesOf(blocks, "alt_text"),
    );
    await expect
      .poll(() => pictures.evaluateAll((all) => all.map((each) => each.naturalWidth > 0)))
      .toEqual([true, true, true, true]);
    const hrefs = body(preview)
      .getByRole("link")
      .evaluateAll((all) => all.map((each) => new URL(each.href).pathname));
    const linked = valuesOf(blocks, "url").map((url) => new URL(String(url)).pathname);
    expect([linked.length, await hrefs]).toEqual([4, linked]);
    const buttons = await body(preview).getByRole("button").allTextContents();
    expect(buttons).toEqual(["Re-roll", "Vary", "Restyle", "Edit", "New link", "Info", "Delete"]);
    expect(await article(preview).locator("header").textContent()).toMatch(/^AtelierAPP\d/u);
    expect(await notification(preview).textContent()).toBe("@ana: a lighthouse at night");
  });

  it("has buttons that say they work in Slack only, and do nothing", async () => {
    const { job_id } = await atelier.command("/imagine a button");
    const page = await tabs.open(atelier.url);
    await openPreview(page, `${atelier.url}/preview/${job_id}`);
    const sent: string[] = [];
    page.on("request", (request) => sent.push(`${request.method()} ${request.url()}`));
    for (const button of await body(page).getByRole("button").all()) {
      expect(await button.getAttribute("aria-disabled")).toBe("true");
      expect(await button.getAttribute("title")).toMatch(/^Works in Slack, not in this preview\./u);
      await button.click({ force: true });
    }
    expect(
      await body(page).getByRole("button", { name: "Delete" }).getAttribute("title"),
    ).toContain("asks first: “The pictures go, here too, and do not come back.”");
    expect(sent).toEqual([]);
    expect((await atelier.job(job_id)).card?.images).toHaveLength(1);
  });

  it("shows what a person wrote as it was written", async () => {
    const { job_id } = await atelier.command(`/imagine ${HOSTILE}`, { user: "ana" });
    const page = await tabs.open(atelier.url);
    await openPreview(page, `${atelier.url}/preview/${job_id}`);
    expect(await body(page).locator(".slack-text").first().textContent()).toBe(`@ana: ${HOSTILE}`);
    expect(await body(page).locator(".slack-mention").allTextContents()).toEqual(["@ana"]);
    expect(await body(page).locator("script, b, i, s, code").count()).toBe(0);
    const links = await body(page).getByRole("link").allTextContents();
    expect(links).toEqual(["Full resolution"]);
    expect(await notification(page).locator(".slack-mention").allTextContents()).toEqual(["@ana"]);
    expect(await notification(page).getByRole("link").count()).toBe(0);
    expect(await notification(page).textContent()).toContain("<!channel>");
  });

  it("gives the blocks to copy, as the Block Kit Builder takes them", async () => {
    const { job_id } = await atelier.command("/imagine a copy", { user: "ana" });
    const page = await tabs.open(atelier.url);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await openPreview(page, `${atelier.url}/preview/${job_id}`);
    await page.getByRole("button", { name: "Blocks" }).click();
    expect(await article(page).count()).toBe(0);
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const copied: unknown = JSON.parse(await page.evaluate("navigator.clipboard.readText()"));
    expect(await page.locator(".preview-source pre").textContent()).toBe(
      JSON.stringify(copied, null, 2),
    );
    const { blocks } = await jsonOf(job_id);
    // Links are signed anew each time.
    const unsigned = (value: unknown) => JSON.stringify(value).replace(/\?expires[^"]*/gu, "");
    expect(unsigned(copied)).toBe(unsigned({ blocks }));
  });

  it("shows a private job to its person only", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "secret" });
    const message = await draw(page, "/imagine a surprise cake --private");
    const jobId = (await message.getAttribute("data-job-id")) ?? "";
    const link = message.getByRole("link", { name: "As in Slack" });
    await openPreview(page, `${atelier.url}${await link.getAttribute("href")}`);
    await article(page).getByText("Only visible to you").waitFor();
    await body(page).getByRole("button", { name: "Share to channel" }).waitFor();

    tabs.expectProblem(/status of 404 .*\/preview\/slack/u);
    for (const who of ["", "?user=ben"]) {
      await openPreview(page, `${atelier.url}/preview/${jobId}${who}`);
      expect(await page.getByRole("status").textContent()).toBe(`There is no job ${jobId}.`);
      expect(await page.locator("body").textContent()).not.toContain("cake");
      const answer = await atelier.request(`/api/jobs/${jobId}/preview/slack${who}`);
      expect([answer.status, await answer.text()]).toEqual([
        404,
        expect.not.stringMatching("cake"),
      ]);
    }
  });

  it("has a sentence for a job and for a platform that do not exist", async () => {
    const page = await tabs.open(atelier.url);
    tabs.expectProblem(/status of 404 .*\/preview\/slack/u);
    await openPreview(page, `${atelier.url}/preview/nosuchjob000`);
    expect(await page.getByRole("status").textContent()).toBe("There is no job nosuchjob000.");
    const { job_id } = await atelier.command("/help");
    for (const platform of ["irc", "toString"]) {
      const answer = await atelier.request(`/api/jobs/${job_id}/preview/${platform}`);
      expect([answer.status, await answer.json()]).toEqual([
        404,
        { error: "not_found", message: "There are previews for: slack." },
      ]);
    }
  });

  it("draws other blocks too, and names what it cannot draw", async () => {
    const { job_id } = await atelier.command("/imagine a block", { user: "ana" });
    const view = await jsonOf(job_id);
    const mrkdwn = "<@U0PREVIEW> &lt;b&gt; <https://a.example/?x=1&amp;y|a &amp; b> <!here>";
    const blocks = [
      { type: "header", text: { type: "plain_text", text: "A header" } },
      { type: "divider" },
      { type: "section", text: { type: "mrkdwn", text: mrkdwn } },
      {
        type: "image",
        image_url: "/assets/icon.svg",
        alt_text: "an icon",
        title: { text: "Icon" },
      },
      { type: "video" },
      { type: "rich_text", elements: [{ type: "rich_text_list" }] },
      { type: "actions", elements: [{ type: "datepicker" }] },
    ];
    const page = await tabs.open(atelier.url);
    await page.route("**/preview/slack", (route) => route.fulfill({ json: { ...view, blocks } }));
    await openPreview(page, `${atelier.url}/preview/${job_id}`);
    expect(await body(page).locator(".slack-section").textContent()).toBe("@ana <b> a & b @here");
    const link = body(page).getByRole("link", { name: "a & b" });
    expect(await link.getAttribute("href")).toBe("https://a.example/?x=1&y");
    expect(await body(page).getByRole("separator").count()).toBe(1);
    expect(await body(page).getByRole("figure").textContent()).toBe("Icon");
    expect(await body(page).getByRole("img", { name: "an icon" }).count()).toBe(1);
    expect(await body(page).locator(".slack-unknown").allTextContents()).toEqual([
      "video",
      "rich_text_list",
      "datepicker",
    ]);
  });

  it.each(["light", "dark"] as const)(
    "fits into 380 px and passes the audit in %s",
    { timeout: 60_000 },
    async (colorScheme) => {
      const { job_id } = await atelier.command(
        `/imagine ${"extraordinarily".repeat(12)} --count 4`,
        { user: "ana" },
      );
      const page = await tabs.open(atelier.url, { colorScheme, viewport: PHONE });
      await openPreview(page, `${atelier.url}/preview/${job_id}`);
      const paper = await page.evaluate<string>(
        "getComputedStyle(document.querySelector('.slack-channel')).backgroundColor",
      );
      expect(paper).toBe(colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(26, 29, 33)");
      for (const part of ["Message", "Blocks"]) {
        await page.getByRole("button", { name: part }).click();
        expect(await auditPage(page)).toEqual([]);
        const tooWide = await page.evaluate<string[]>(`[...document.querySelectorAll("#page *")]
          .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 1
            || each.getBoundingClientRect().right > innerWidth)
          .map((each) => each.outerHTML.slice(0, 80))`);
        expect(tooWide).toEqual([]);
      }
    },
  );
});
