import { request as httpRequest } from "node:http";
import { beforeAll, describe, expect, it } from "vitest";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";

const processes = atelierProcesses();
const KEY = "a-key-of-16-characters";

/** By hand, since fetch sends no Host of one's choice. */
function withHeaders(
  url: string,
  headers: Record<string, string>,
  method = "GET",
): Promise<{ status: number; body: string; location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        body += chunk;
      });
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, body, location: answer.headers.location });
      });
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

describe("while no key is needed", () => {
  let atelier: AtelierProcess;
  beforeAll(async () => {
    atelier = await processes.start({
      environment: { LINK_TTL_SECONDS: "1", CORS_ORIGINS: "https://app.example" },
    });
  }, START_TIMEOUT_MS);

  it.each([
    ["another site's script", { Origin: "https://evil.example" }],
    ["a sandboxed page", { Origin: "null" }],
    [
      "another site's picture or form",
      { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" },
    ],
    ["another port's picture", { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors" }],
    ["a name that points here", { Host: "evil.example" }],
    ["a name that looks like this one", { Host: "127.0.0.1.evil.example" }],
    ["a site that may call the API only", { Origin: "https://app.example" }],
  ])("%s is turned away from the page's interface", async (_name, headers) => {
    for (const [path, method] of [
      ["/", "GET"],
      ["/api/commands", "GET"],
      ["/api/commands", "POST"],
      ["/api/channels/general/jobs?user=ana", "GET"],
    ] as const) {
      const { status, body } = await withHeaders(atelier.url + path, headers, method);
      expect([path, status]).toEqual([path, 403]);
      expect(JSON.parse(body)).toEqual({
        error: "not_allowed",
        message: expect.stringContaining("other sites"),
      });
    }
  });

  it("the page itself and programs are let in", async () => {
    const port = new URL(atelier.url).port;
    for (const headers of [
      {},
      { Origin: atelier.url },
      { "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors" },
      { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" },
      { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate" },
      // A tunnel's end: leading from there to this machine's port would lead nowhere.
      { Host: "localhost:1" },
    ] as Record<string, string>[]) {
      expect((await withHeaders(`${atelier.url}/`, headers)).status).toBe(200);
    }
    const byName = { Host: `localhost:${port}`, Origin: `http://localhost:${port}` };
    expect((await withHeaders(`${atelier.url}/api/commands`, byName)).status).toBe(200);
  });

  it("the page is shown where the links to its pictures begin", async () => {
    const port = new URL(atelier.url).port;
    const byName = await withHeaders(`${atelier.url}/?channel=fox%20den`, {
      Host: `localhost:${port}`,
    });
    expect([byName.status, byName.location]).toEqual([302, `${atelier.url}/?channel=fox%20den`]);
  });

  it("other sites cannot have a picture drawn, be it by a frame, a link or a picture", async () => {
    for (const site of ["cross-site", "same-site"]) {
      for (const mode of ["navigate", "no-cors"]) {
        for (const path of ["/generate", "/%67enerate"]) {
          const headers = { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode };
          const { status } = await withHeaders(`${atelier.url}${path}?prompt=paid`, headers);
          expect([site, mode, path, status]).toEqual([site, mode, path, 403]);
        }
      }
    }
    // Whoever types the address gets the picture.
    const typed = { "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate" };
    expect((await withHeaders(`${atelier.url}/generate?prompt=typed`, typed)).status).toBe(200);
  });

  it("a link works, until it is altered or too old", async () => {
    const view = await atelier.command("/imagine a link");
    const [url = ""] = view.card?.images.map((image) => image.url) ?? [];
    const link = new URL(url);
    const fetched = await fetch(link);
    expect([200, 403]).toContain(fetched.status); // A slow machine may take a second to get here.
    for (const [name, value] of [
      ["signature", "AAAA"],
      ["expires", String(Number(link.searchParams.get("expires")) + 3_600)],
    ] as const) {
      const tampered = new URL(link);
      tampered.searchParams.set(name, value);
      const refused = await fetch(tampered);
      expect([name, refused.status]).toEqual([name, 403]);
      expect(await refused.json()).toMatchObject({ error: "AccessDenied" });
    }
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const late = await fetch(link);
    expect(late.status).toBe(403);
    expect(await late.json()).toEqual({
      error: "AccessDenied",
      message: expect.stringContaining("New link"),
    });
    // The card of the same job has a fresh one.
    const again = (await atelier.job(view.job_id)).card?.images[0]?.url ?? "";
    expect(again).not.toBe(url);
  });

  it("a second process on the same folder says who has it, and ends", async () => {
    const { code, output } = await processes.startInVain({ dataDir: atelier.dataDir });
    expect(code).toBe(1);
    expect(output.trim()).toBe(
      `Another Atelier (process ${atelier.pid}) is using ${atelier.dataDir}. Stop it, or set DATA_DIR to another folder.`,
    );
  });
});

describe("beyond this machine", () => {
  it("it does not start without keys", async () => {
    const { code, output } = await processes.startInVain({ environment: { HOST: "0.0.0.0" } });
    expect(code).toBe(1);
    expect(output).toContain("API_KEYS: is needed while HOST is 0.0.0.0");
    expect(output).toContain(
      "PUBLIC_URL: is needed while HOST is 0.0.0.0: links to pictures begin with it",
    );
    expect(output).not.toContain("    at ");
  });

  it("every wrong setting is named at once", async () => {
    const { code, output } = await processes.startInVain({
      environment: { PORT: "http", IMAGE_MODEL: "paint", STORAGE: "aws", API_KEYS: "short" },
    });
    expect(code).toBe(1);
    for (const name of ["PORT", "IMAGE_MODEL", "API_KEYS"]) expect(output).toContain(`- ${name}: `);
  });

  it("a port that is taken is named", async () => {
    const { port } = new URL((await processes.start()).url);
    const { code, output } = await processes.startInVain({ environment: { PORT: port } });
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port} on 127.0.0.1 is taken.`);
  });

  it("the page asks for a key as a password", async () => {
    const PUBLIC_URL = "https://atelier.example.com";
    const environment = { HOST: "0.0.0.0", API_KEYS: KEY, PUBLIC_URL };
    const atelier = await processes.start({ environment });
    const url = atelier.url.replace("0.0.0.0", "127.0.0.1");
    const page = await fetch(url);
    expect(page.status).toBe(401);
    expect(page.headers.get("WWW-Authenticate")).toContain("Basic");
    expect((await fetch(`${url}/api/channels/general/jobs`)).status).toBe(401);
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const basic = (password: string) => ({
      Authorization: `Basic ${Buffer.from(`ana:${password}`).toString("base64")}`,
    });
    expect((await fetch(url, { headers: basic("a-wrong-key-of-16-") })).status).toBe(401);
    expect((await fetch(url, { headers: basic(KEY) })).status).toBe(200);
    // A browser sends the password wherever a link leads, so it draws nothing there.
    const byLink = await fetch(`${url}/generate?prompt=paid`, { headers: basic(KEY) });
    expect(byLink.status).toBe(401);
    const command = await fetch(`${url}/api/commands`, {
      method: "POST",
      headers: { ...basic(KEY), "Content-Type": "application/json" },
      body: JSON.stringify({ text: "/imagine with a key" }),
    });
    expect(command.status).toBe(202);
    const metrics = await fetch(`${url}/metrics`, { headers: { "x-api-key": KEY } });
    expect([metrics.status, await metrics.text()]).toEqual([
      200,
      expect.stringContaining("# TYPE"),
    ]);
  });

  it("behind a proxy it does not start without keys either", async () => {
    const { code, output } = await processes.startInVain({
      environment: { PUBLIC_URL: "https://atelier.example.com" },
    });
    expect(code).toBe(1);
    expect(output).toContain("API_KEYS: is needed while PUBLIC_URL is https://atelier.example.com");
  });
});
