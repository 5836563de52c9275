import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PermissionsBitField } from "discord.js";
import { describe, expect, it } from "vitest";
import { checkPermissions } from "../../adapters/discord/delivery/permissions.ts";

const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
const [link = ""] = /https:\/\/discord\.com\/oauth2\/authorize\?[^`\s]*/u.exec(readme) ?? [];
const query = new URL(link).searchParams;
const asked = new PermissionsBitField(BigInt(query.get("permissions") ?? 0));

describe("the invitation in the README", () => {
  it("adds the bot and its commands", () => {
    expect(query.get("scope")?.split(" ").toSorted()).toEqual(["applications.commands", "bot"]);
    expect(query.get("client_id")).toBe("APPLICATION_ID");
  });

  it("asks for what the bot needs, and for nothing else", () => {
    const isEnough = (permissions: PermissionsBitField) =>
      [true, false].every((isThread) => {
        const appPermissions = String(permissions.bitfield);
        try {
          checkPermissions({ appPermissions, response: "public", isThread });
          return true;
        } catch {
          return false;
        }
      });
    expect(isEnough(asked)).toBe(true);
    for (const name of asked.toArray()) {
      expect([name, isEnough(new PermissionsBitField(asked).remove(name))]).toEqual([name, false]);
    }
  });

  it("has each of its permissions explained", () => {
    const words = (name: string) => name.replace(/([a-z])(?=[A-Z])/gu, "$1 ");
    const rows = readme.split("\n").filter((line) => line.startsWith("| "));
    for (const name of asked.toArray().map(words)) {
      expect(rows.join("\n").toLowerCase()).toContain(name.toLowerCase());
    }
  });
});
