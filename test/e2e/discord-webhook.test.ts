import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { commands } from "#commands";
import { discordCommands } from "../../adapters/discord/register.ts";
import { type DiscordSignature, discordSignature } from "../servers/discord-signature.ts";
import { DISCORD_APP, DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import type { JsonRecord } from "../servers/json-record.ts";
import { type AtelierProcess, atelierProcesses } from "./atelier-process.ts";
import { type DiscordWorld, discordWorlds } from "./discord-world.ts";

const processes = atelierProcesses();
const worlds = discordWorlds();
const { studio } = DISCORD_CHANNELS;
const { ana } = DISCORD_USERS;
const PATH = "/discord/interactions";
const BODY_MAX_BYTES = 1_048_576;
const SIX_MINUTES_SECONDS = 360;
const API_KEY = "a-key-that-is-long-enough";
const STRANGER = generateKeyPairSync("ed25519").privateKey;

describe("POST /discord/interactions", { timeout: 60_000 }, () => {
  let discord: DiscordWorld;
  let atelier: AtelierProcess;
  /** A command that Discord sent before, for others like it. */
  let earlier: JsonRecord;

  beforeAll(async () => {
    discord = await worlds.start({ transport: "http" });
    await discord.register(discordCommands(commands));
    // Discord knows no key of ours: its signature lets it in.
    atelier = await processes.start({ environment: { ...discord.environment, API_KEYS: API_KEY } });
    earlier = (await discord.command(ana, studio, "/imagine a first knock")).payload;
    await discord.waitForMessage(studio, ({ pictureIds }) => pictureIds.length > 0);
  });

  /** As Discord would send it, but for the prompt. */
  function commandBody(prompt: string): string {
    const base = discord.proxy.payloads.base(ana, studio);
    const text = JSON.stringify({ ...earlier, id: base.id, token: base.token });
    return text.replace("a first knock", prompt);
  }

  interface Tampering {
    ageSeconds?: number;
    signedBody?: string;
    key?: typeof STRANGER;
    without?: keyof DiscordSignature;
    signature?: string;
  }

  async function post(body: string, tampering: Tampering = {}): Promise<Response> {
    const { ageSeconds = 0, signedBody = body, key, without, signature } = tampering;
    const timestampSeconds = Math.floor(Date.now() / 1000) - ageSeconds;
    const signed = { body: signedBody, timestampSeconds, ...(key === undefined ? {} : { key }) };
    const headers = new Headers({
      "Content-Type": "application/json",
      ...discordSignature(signed),
    });
    if (without !== undefined) headers.delete(without);
    if (signature !== undefined) headers.set("X-Signature-Ed25519", signature);
    return atelier.request(PATH, { method: "POST", body, headers });
  }

  /** What Ana's /history says now: all that she ever asked for. */
  async function history(): Promise<string> {
    const { id } = await discord.command(ana, studio, "/history");
    const { shown } = await discord.waitForEphemeral(
      ana,
      studio,
      ({ raw, isThinking }) => !isThinking && JSON.stringify(raw).includes(id),
    );
    return shown;
  }

  const ping = () => JSON.stringify(discord.proxy.payloads.ping());

  it("answers Discord's check of the address, and refuses its wrong ones", async () => {
    const answer = await post(ping());
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ type: 1 });
    const { right, ...wrong } = await discord.proxy.examine();
    expect(right).toBe(200);
    expect(Object.entries(wrong).filter(([, status]) => status !== 401)).toEqual([]);
    expect(Object.keys(wrong).length).toBeGreaterThan(5);
  });

  const refused: [string, Tampering][] = [
    ["another key", { key: STRANGER }],
    ["another body", { signedBody: "{}" }],
    ["a time six minutes ago", { ageSeconds: SIX_MINUTES_SECONDS }],
    ["a time six minutes ahead", { ageSeconds: -SIX_MINUTES_SECONDS }],
    ["no signature", { without: "X-Signature-Ed25519" }],
    ["no time", { without: "X-Signature-Timestamp" }],
    ["a signature of zeros", { signature: "0".repeat(128) }],
    ["a signature that is too long", { signature: "0".repeat(130) }],
  ];
  it.each(refused)("refuses %s with 401 and does nothing", async (what, tampering) => {
    const body = commandBody(`refused for ${what}`);
    const answer = await post(body, tampering);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toBe("");
    expect(await history()).not.toContain("refused for");
  });

  it("takes the same request when nothing is wrong with it", async () => {
    const answer = await post(commandBody("a right knock"));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ type: 5 });
    await discord.waitFor("its job", async () =>
      (await history()).includes("a right knock") ? true : null,
    );
  });

  it("refuses a body of which one byte is another", async () => {
    const body = commandBody("refused for a byte");
    const altered = body.replace("refused for a byte", "refused for a bite");
    expect((await post(altered, { signedBody: body })).status).toBe(401);
  });

  it("refuses a body over 1 MB with 413, and reads one of exactly 1 MB", async () => {
    const atMost = "x".repeat(BODY_MAX_BYTES);
    // Signed, but nothing that Discord sends.
    expect((await post(atMost)).status).toBe(400);
    expect((await post(`${atMost}x`)).status).toBe(413);
    expect((await post(`${atMost}x`, { key: STRANGER })).status).toBe(413);
    // In pieces, without a length.
    const pieces = new ReadableStream({
      start(controller) {
        const piece = new TextEncoder().encode("x".repeat(65_536));
        for (let sent = 0; sent <= BODY_MAX_BYTES; sent += piece.length) controller.enqueue(piece);
        controller.close();
      },
    });
    const init = { method: "POST", body: pieces, duplex: "half" as const };
    expect((await atelier.request(PATH, init)).status).toBe(413);
  });

  it("answers nothing but POST", async () => {
    expect((await atelier.request(PATH)).status).toBe(405);
    expect((await atelier.request(PATH, { method: "PUT", body: ping() })).status).toBe(405);
  });

  it("and wrong ones leave no trace of what they carried in the log", () => {
    const log = atelier.output();
    expect(log).not.toContain("refused for");
    expect(log).not.toContain("knock");
    expect(log).not.toContain(DISCORD_APP.botToken);
    expect(log).not.toContain(API_KEY);
    for (const { token } of discord.proxy.interactions.all()) expect(log).not.toContain(token);
  });
});
