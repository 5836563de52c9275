import type { RichTextElement } from "@slack/web-api";
import type { AtelierError } from "#core";
import type { SlackMessage } from "../render.ts";
import type { SlackTarget } from "../target.ts";
import type { Look } from "./draft.ts";
import { elsewhereRemark, unsureRemark } from "./remarks.ts";
import { isOwnPlace, type ShownMessage, type Surfaces } from "./surfaces.ts";

/** One way to show an answer. */
export interface Route<M = SlackMessage> {
  name: string;
  /** How it may look there, best first. */
  looks: readonly Look[];
  /**
   * Others see it too, so that what may have arrived must not go out on another such route.
   * `changed`: it shows the same message however often it is taken.
   */
  forEveryone?: "new" | "changed";
  /** Only the person and the bot are there. */
  isOwnPlace?: boolean;
  /** Why it is there; `why`: what kept it from where it was asked for, as far as that is known. */
  remark?(why: AtelierError | null): RichTextElement[];
  /** Null where the message cannot be changed afterwards. */
  show(message: M): Promise<ShownMessage | null>;
}

const BOTH: readonly Look[] = ["pictures", "links"];

/**
 * For an answer that everyone where it was asked for may see: its message, a new one, the
 * response_url, a direct message. `isPrivate`: it is for everyone only where that is the person
 * and the bot, of which a response_url knows nothing.
 */
export function openRoutes(
  target: SlackTarget,
  shown: ShownMessage | null,
  surfaces: Surfaces,
  { isPrivate }: { isPrivate: boolean },
): Route[] {
  const isOwn = isOwnPlace(target);
  const forEveryone = (how: "new" | "changed") => (isOwn ? {} : { forEveryone: how });
  const update: Route[] =
    shown === null
      ? []
      : [
          {
            name: "update",
            // A new message may show what a changed one does not (python-slack-sdk issue 1511).
            looks: ["pictures"],
            isOwnPlace: isOwn,
            ...forEveryone("changed"),
            async show(message) {
              await surfaces.update(shown, message);
              return shown;
            },
          },
        ];
  const post: Route = {
    name: "post",
    looks: BOTH,
    isOwnPlace: isOwn,
    ...forEveryone("new"),
    show: (message) => surfaces.post(target, message),
  };
  const respond = surfaces.canRespond(target)
    ? [responding(target, isPrivate ? "person" : "everyone", BOTH, surfaces)]
    : [];
  const direct = isOwn ? [] : [directly(target, surfaces)];
  return [...update, post, ...respond, ...direct];
}

/** For an answer that nobody but the person may see. */
export function privateRoutes(target: SlackTarget, surfaces: Surfaces): Route[] {
  const canRespond = surfaces.canRespond(target);
  const respond = (looks: readonly Look[]) =>
    canRespond ? [responding(target, "person", looks, surfaces)] : [];
  return [
    // It is not known to take files that are shared nowhere (java-slack-sdk issue 1349).
    ...respond(["pictures"]),
    {
      name: "ephemeral",
      looks: BOTH,
      isOwnPlace: isOwnPlace(target),
      async show(message) {
        await surfaces.postEphemeral(target, message);
        return null;
      },
    },
    ...respond(["links"]),
    directly(target, surfaces),
  ];
}

/** For an answer of which it is not known whether everyone sees it already. */
export function unsureRoutes(target: SlackTarget, surfaces: Surfaces): Route[] {
  return privateRoutes(target, surfaces).map((route) => ({ ...route, remark: unsureRemark }));
}

function responding(
  target: SlackTarget,
  to: "everyone" | "person",
  looks: readonly Look[],
  surfaces: Surfaces,
): Route {
  const isOwn = isOwnPlace(target);
  return {
    name: "response_url",
    looks,
    isOwnPlace: isOwn,
    ...(to === "everyone" && !isOwn ? { forEveryone: "new" as const } : {}),
    async show(message) {
      await surfaces.respond(target, message, to);
      return null;
    },
  };
}

function directly(target: SlackTarget, surfaces: Surfaces): Route {
  return {
    name: "direct",
    looks: BOTH,
    isOwnPlace: true,
    remark: (why) => elsewhereRemark(target, why),
    show: (message) => surfaces.postDirect(target, message),
  };
}
