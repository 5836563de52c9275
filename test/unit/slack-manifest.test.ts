import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { commands } from "#commands";
import type { Command } from "#core";
import { slackManifest, slackScopes } from "../../adapters/slack/register.ts";
import { renderManifest } from "../../infra/render-manifest.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const typed = commands.filter(({ reach }) => reach === "typed");
const url = "https://atelier.example.com/slack/events";

/** Every text of the manifest with the least and the most that Slack takes (slackapi/manifest-schema). */
function lengths(manifest: ReturnType<typeof slackManifest>): [string, number, number][] {
  const { display_information: shown, features } = manifest;
  return [
    [shown.name, 1, 35],
    [shown.description, 1, 140],
    [shown.long_description, 175, 4_000],
    [features.bot_user.display_name, 1, 80],
    ...features.shortcuts.flatMap(({ name, callback_id, description }) => [
      [name, 1, 24] satisfies [string, number, number],
      [callback_id, 1, 255] satisfies [string, number, number],
      [description, 1, 150] satisfies [string, number, number],
    ]),
    ...features.slash_commands.flatMap(({ command, description, usage_hint: hint }) => [
      [command, 2, 32] satisfies [string, number, number],
      [description, 1, 2_000] satisfies [string, number, number],
      [hint ?? "none", 1, 1_000] satisfies [string, number, number],
    ]),
  ];
}

const outsideLimits = (manifest: ReturnType<typeof slackManifest>) =>
  lengths(manifest).filter(([text, min, max]) => text.length < min || text.length > max);

describe("the Slack app's manifest", () => {
  it("in manifest.yml is what the commands' declarations say", () => {
    const written = read("manifest.yml");
    expect(written, "run npm run manifest").toBe(renderManifest());
    expect(parse(written)).toEqual(slackManifest(commands));
  });

  it("has every command that people type, and none that is behind a button", () => {
    const { slash_commands: listed } = slackManifest(commands).features;
    expect(listed.map(({ command }) => command)).toEqual(typed.map(({ name }) => `/${name}`));
    expect(listed.length).toBeLessThanOrEqual(50);
    expect(listed.map(({ description }) => description)).toEqual(
      typed.map(({ description }) => description),
    );
  });

  it("names no command like one of Slack's own, for which Slack refuses the whole manifest", () => {
    // slack.com/help/articles/201259356-Slash-commands-in-Slack; /help, which is no more than a
    // link there, is taken.
    const builtIn =
      "apps archive away call collapse dm dnd expand feed feedback invite join leave me msg mute open prefs pro remind remove rename search shortcuts shrug star status topic who";
    const names = typed.map(({ name }) => name);
    expect(names.filter((name) => builtIn.split(" ").includes(name))).toEqual([]);
    expect(names.filter((name) => !/^[a-z0-9_-]{1,31}$/u.test(name))).toEqual([]);
  });

  it("shows how a command is written, but no picture to attach, which no slash command takes", () => {
    const hintOf = (name: string) =>
      slackManifest(commands).features.slash_commands.find(({ command }) => command === name)
        ?.usage_hint;
    expect(hintOf("/imagine")).toMatch(/^prompt \[--ar\].* \[--private\]$/u);
    expect(hintOf("/restyle")).toMatch(/^\[prompt\] \[--from\]/u);
    expect(hintOf("/restyle")).not.toContain("image");
    expect(hintOf("/history")).toBeUndefined();
  });

  it("keeps within every length that Slack allows, also for a command that does not", () => {
    expect(outsideLimits(slackManifest(commands))).toEqual([]);
    const [first] = typed;
    if (first === undefined) throw new Error("There is no command.");
    const options = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [
        `option${index}`,
        { type: "flag" as const, description: "An option" },
      ]),
    );
    const long: Command = { ...first, description: "Long. ".repeat(500), options };
    expect(outsideLimits(slackManifest([long]))).toEqual([]);
  });

  it("asks for Socket Mode and no address, or for HTTP and one address everywhere", () => {
    expect(JSON.stringify(slackManifest(commands))).not.toContain("http");
    expect(slackManifest(commands).settings.socket_mode_enabled).toBe(true);

    const http = slackManifest(commands, { requestUrl: url });
    expect(http.settings).toMatchObject({
      socket_mode_enabled: false,
      event_subscriptions: { request_url: url },
      interactivity: { is_enabled: true, request_url: url },
    });
    expect(new Set(http.features.slash_commands.map((command) => command.url))).toEqual(
      new Set([url]),
    );
    expect(parse(renderManifest("https://atelier.example.com/"))).toEqual(http);
  });

  it("asks for the scopes of what is done here and of the events it hears, and for no more", () => {
    const { oauth_config: oauth, settings } = slackManifest(commands);
    expect(oauth.scopes.bot).toEqual([
      "app_mentions:read",
      "chat:write",
      "commands",
      "files:read",
      "files:write",
      "im:history",
      "im:write",
    ]);
    expect(settings.event_subscriptions.bot_events).toEqual([
      "app_home_opened",
      "app_mention",
      "message.im",
    ]);
  });

  it("has each of its scopes explained in the README", () => {
    const readme = read("README.md");
    for (const scope of Object.keys(slackScopes)) expect(readme).toContain(`| \`${scope}\` |`);
  });
});
