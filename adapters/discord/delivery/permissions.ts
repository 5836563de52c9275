import { PermissionFlagsBits } from "discord-api-types/v10";
import { AtelierError } from "#core";
import type { DiscordTarget } from "../target.ts";

/** As Discord's settings name them. */
const viewing = { name: "View Channel", bit: PermissionFlagsBits.ViewChannel };
const sending = { name: "Send Messages", bit: PermissionFlagsBits.SendMessages };
const sendingInThreads = {
  name: "Send Messages in Threads",
  bit: PermissionFlagsBits.SendMessagesInThreads,
};
const attaching = { name: "Attach Files", bit: PermissionFlagsBits.AttachFiles };

const names = new Intl.ListFormat("en");

/**
 * Throws `not_allowed` with what is missing for an answer with pictures. Where Discord says
 * nothing of permissions (direct messages), nothing is missing.
 */
export function checkPermissions({
  appPermissions,
  response,
  isThread = false,
}: Pick<DiscordTarget, "appPermissions" | "response" | "isThread">): void {
  if (appPermissions === undefined) return;
  const held = BigInt(appPermissions);
  if ((held & PermissionFlagsBits.Administrator) !== 0n) return;
  const toPost = [viewing, isThread ? sendingInThreads : sending];
  const needed = [...(response === "public" ? toPost : []), attaching];
  const missing = needed.filter(({ bit }) => (held & bit) === 0n);
  if (missing.length === 0) return;
  const list = names.format(missing.map(({ name }) => name));
  const what = missing.length === 1 ? "the permission" : "the permissions";
  const [place, manager] = isThread ? ["thread", "its channel"] : ["channel", "the channel"];
  const message = `I lack ${what} ${list} in this ${place}. Someone who manages ${manager} gives it to my role under Edit Channel, Permissions.`;
  throw new AtelierError("not_allowed", message);
}
