import { z } from "zod";
import {
  AtelierError,
  type Attachment,
  type Command,
  decodeAction,
  type Inbound,
  jobIdFrom,
  parseCommandLine,
} from "#core";
import { isVideoId } from "./uploads.ts";

/** The first part of its identities and places. */
export const PLATFORM = "playground";
const WORKSPACE = "local";

const user = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,31}$/u,
    "must be 1 to 32 letters, digits, spaces, or - _ .",
  );
const channel = z.string().regex(/^[a-z0-9-]{1,40}$/u, "must be 1 to 40 of a-z, 0-9 and -");
const attachmentId = z
  .string()
  .refine(
    (id) => /^[0-9a-f]{64}$/u.test(id) || isVideoId(id),
    "must be an id that /api/attachments gave",
  );

const commandSchema = z.object({
  text: z.string(),
  user: user.default("guest"),
  channel: channel.default("general"),
  attachments: z.array(attachmentId).max(4, "must be at most 4").default([]),
});
const actionSchema = z.object({
  action: z.string(),
  user: user.default("guest"),
  channel: channel.default("general"),
});
const targetSchema = z.object({ text: z.string() });
const personSchema = z.object({ user: user.default("guest") });
const viewerSchema = z.object({ user: user.default("guest"), channel });
/** As `sortKey` writes it. */
const cursorSchema = z.object({
  before: z
    .string()
    .regex(/^[\dTZ:.-]{20,30}#[a-z0-9]{1,40}$/u, "must be a cursor of the page before")
    .optional(),
});

/** Who looks at which channel. */
export interface Viewer {
  identity: string;
  place: string;
}

export interface InboundCommand {
  command: Command;
  inbound: Inbound;
}

export interface InboundAction {
  action: string;
  inbound: Omit<Inbound, "args">;
}

/** Reads the body of `POST /api/commands`; rejects with `invalid_input`. */
export function readCommand(
  body: unknown,
  deliveryId: string,
  commands: readonly Command[],
): InboundCommand {
  const { text, attachments, ...from } = check(commandSchema, body);
  const given = attachments.map(
    (attachment): Attachment => ({ attachment, kind: isVideoId(attachment) ? "video" : "image" }),
  );
  const { command, args } = parseCommandLine(text, commands, given);
  return { command, inbound: { ...inboundFrom(from, deliveryId, text), args } };
}

/** Reads the body of `POST /api/actions`; rejects with `invalid_input`. */
export function readAction(
  body: unknown,
  deliveryId: string,
  commands: readonly Command[],
): InboundAction {
  const { action, ...from } = check(actionSchema, body);
  const { command } = decodeAction(action);
  const what = commands.find(({ name }) => name === command)?.description ?? "";
  return { action, inbound: inboundFrom(from, deliveryId, what) };
}

/** Reads whose view of a channel is asked for; rejects with `invalid_input`. */
export function readViewer(channelName: string, userName: string | undefined): Viewer {
  const viewer = check(viewerSchema, { channel: channelName, user: userName });
  return { identity: identityOf(viewer.user), place: placeOf(viewer.channel) };
}

/** Reads who asks; rejects with `invalid_input`. */
export function readIdentity(userName: string | undefined): string {
  return identityOf(check(personSchema, { user: userName }).user);
}

/** Reads where a page of a channel ends; rejects with `invalid_input`. */
export function readCursor(before: string | undefined): string | undefined {
  return check(cursorSchema, { before }).before;
}

function inboundFrom(
  from: { user: string; channel: string },
  deliveryId: string,
  text: string,
): Omit<Inbound, "args"> {
  return {
    id: jobIdFrom(`${PLATFORM}:${from.user}:${deliveryId}`),
    user: identityOf(from.user),
    platform: PLATFORM,
    place: placeOf(from.channel),
    target: { text },
  };
}

const identityOf = (name: string) => `${PLATFORM}:${WORKSPACE}:${name.trim()}`;
const placeOf = (name: string) => `${PLATFORM}:${WORKSPACE}:${name}`;

/** What was typed, as the adapter put it into the job's target. */
export function typedText(target: unknown): string {
  const parsed = targetSchema.safeParse(target);
  return parsed.success ? parsed.data.text : "";
}

function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".");
  throw new AtelierError(
    "invalid_input",
    where ? `“${where}” ${issue?.message}.` : 'Send a JSON object such as {"text": "/help"}.',
    { cause: parsed.error },
  );
}
