import {
  ApplicationCommandAutocompleteCallbackRequestSchema,
  ApplicationCommandCreateRequestSchema,
  ApplicationCommandPatchRequestPartialSchema,
  ApplicationCommandUpdateRequestSchema,
  CreateMessageInteractionCallbackRequestSchema,
  CreatePrivateChannelRequestSchema,
  IncomingWebhookRequestPartialSchema,
  IncomingWebhookUpdateRequestPartialSchema,
  MessageCreateRequestSchema,
  MessageEditRequestPartialSchema,
  ModalInteractionCallbackRequestSchema,
  PongInteractionCallbackRequestSchema,
  UpdateMessageInteractionCallbackRequestSchema,
} from "discord-api-spec/zod";
import { commandProblems, commandsProblems } from "./discord-command-rules.ts";
import { componentProblems } from "./discord-component-rules.ts";
import { autocompleteProblems, modalProblems } from "./discord-modal-rules.ts";
import type { BodyProblem } from "./discord-refusals.ts";
import { isRecord, type JsonRecord, recordOf, recordsOf } from "./json-record.ts";

/** Bodies that Discord describes, by what they are for. */
export type DiscordBodyKind =
  | "create_message"
  | "edit_message"
  | "follow_up"
  | "edit_response"
  | "callback"
  | "create_dm"
  | "command"
  | "command_change"
  | "commands";

interface SpecIssue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly errors?: readonly (readonly SpecIssue[])[];
}

const CALLBACKS: Readonly<Record<number, typeof PongInteractionCallbackRequestSchema>> = {
  1: PongInteractionCallbackRequestSchema,
  4: CreateMessageInteractionCallbackRequestSchema,
  5: CreateMessageInteractionCallbackRequestSchema,
  6: UpdateMessageInteractionCallbackRequestSchema,
  7: UpdateMessageInteractionCallbackRequestSchema,
  8: ApplicationCommandAutocompleteCallbackRequestSchema,
  9: ModalInteractionCallbackRequestSchema,
};

const MESSAGE_SCHEMAS = {
  create_message: MessageCreateRequestSchema,
  edit_message: MessageEditRequestPartialSchema,
  follow_up: IncomingWebhookRequestPartialSchema,
  edit_response: IncomingWebhookUpdateRequestPartialSchema,
} as const;

/**
 * What Discord would not take of a body: its own description, and the rules it has beside that.
 * An edit is judged by the flags that the message has before.
 */
export function bodyProblems(kind: DiscordBodyKind, body: unknown, flagsBefore = 0): BodyProblem[] {
  const given = normalized(body);
  const record = recordOf(given);
  switch (kind) {
    case "callback":
      return callbackProblems(record, flagsBefore);
    case "command":
      return [...against(ApplicationCommandCreateRequestSchema, given), ...commandProblems(record)];
    case "command_change":
      return against(ApplicationCommandPatchRequestPartialSchema, given);
    case "create_dm":
      return against(CreatePrivateChannelRequestSchema, given);
    case "commands":
      return [
        ...against(ApplicationCommandUpdateRequestSchema, given),
        ...commandsProblems(recordsOf(given)),
      ];
    default:
      return [...against(MESSAGE_SCHEMAS[kind], given), ...messageProblems(record, flagsBefore)];
  }
}

function messageProblems(body: JsonRecord, flagsBefore: number): BodyProblem[] {
  return componentProblems({ ...body, flags: Number(body.flags ?? 0) | flagsBefore });
}

function callbackProblems(body: JsonRecord, flagsBefore: number): BodyProblem[] {
  const schema = CALLBACKS[Number(body.type)];
  if (schema === undefined) {
    return [{ path: ["type"], code: "BASE_TYPE_CHOICES", message: "This is no callback type." }];
  }
  const data = recordOf(body.data);
  const own =
    body.type === 9
      ? modalProblems(data)
      : body.type === 8
        ? autocompleteProblems(data)
        : messageProblems(data, body.type === 7 ? flagsBefore : 0);
  return [...against(schema, body), ...own.map((problem) => below("data", problem))];
}

function against(schema: typeof MessageCreateRequestSchema, body: unknown): BodyProblem[] {
  if (Array.isArray(body)) {
    return body.flatMap((one, index) =>
      against(schema, one).map((problem) => below(String(index), problem)),
    );
  }
  const read = schema.safeParse(body);
  return read.success ? [] : read.error.issues.flatMap((issue) => problemsIn(issue, []));
}

/** Of a union, only what is wrong with the branch that was meant. */
function problemsIn(issue: SpecIssue, above: readonly string[]): BodyProblem[] {
  const path = [...above, ...issue.path.map(String)];
  const branches = issue.errors ?? [];
  const isMeant = (branch: readonly SpecIssue[]) =>
    branch.every(({ path: at }) => at.at(-1) !== "type");
  const meant = branches.find(isMeant) ?? branches[0];
  if (meant !== undefined) return meant.flatMap((inner) => problemsIn(inner, path));
  const { code = "invalid", message } = issue;
  return [{ path, code: code.toUpperCase(), message: `${message} (Discord's specification)` }];
}

function below(key: string, { path, ...rest }: BodyProblem): BodyProblem {
  return { ...rest, path: [key, ...path] };
}

/** Discord takes ids as numbers too, and permissions as texts; its specification has one of each. */
function normalized(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(normalized);
  if (!isRecord(body)) return body;
  const { default_member_permissions: permissions, attachments, data } = body;
  return {
    ...body,
    ...(typeof permissions === "string" && /^\d+$/u.test(permissions)
      ? { default_member_permissions: Number(permissions) }
      : {}),
    ...(Array.isArray(attachments)
      ? { attachments: recordsOf(attachments).map((one) => ({ ...one, id: idOf(one.id) })) }
      : {}),
    ...(isRecord(data) ? { data: normalized(data) } : {}),
  };
}

function idOf(id: unknown): unknown {
  return typeof id === "number" ? String(id) : id;
}
