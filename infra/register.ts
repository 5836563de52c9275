import { commands } from "#commands";
import { asAtelierError } from "#core";
import { changeLines } from "../adapters/discord/command-changes.ts";
import { createRegistration } from "../adapters/discord/registration.ts";
import { loadSettings } from "./settings.ts";

/**
 * `npm run register`: makes Discord's commands ours, in the server `DISCORD_GUILD_ID` or
 * everywhere, and says what changes. With `-- --dry-run` it only says it.
 */
async function register(isDryRun: boolean): Promise<string[]> {
  const { settings } = loadSettings();
  const { DISCORD_TOKEN: token, DISCORD_APPLICATION_ID: applicationId } = settings;
  if (token === undefined || applicationId === undefined) {
    throw new Error(
      'Set DISCORD_TOKEN and DISCORD_APPLICATION_ID first; the README says where they are under "Discord in five minutes".',
    );
  }
  const guild = settings.DISCORD_GUILD_ID;
  const apiUrl = settings.DISCORD_API_URL;
  const registration = createRegistration({ token, applicationId, guild, apiUrl, commands });
  const where = guild === undefined ? "everywhere" : `in the server ${guild}`;
  const changes = await registration.compare();
  if (changes.length === 0) return [`Discord has all commands ${where} as they are.`];
  if (!isDryRun) await registration.write();
  const what = isDryRun ? "To change" : "Changed";
  return [`${what} ${where}:`, ...changeLines(changes)];
}

try {
  const lines = await register(process.argv.includes("--dry-run"));
  process.stdout.write(`${lines.join("\n")}\n`);
} catch (thrown) {
  process.stderr.write(`${asAtelierError(thrown).message}\n`);
  process.exitCode = 1;
}
