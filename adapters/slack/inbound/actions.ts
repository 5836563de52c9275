import { z } from "zod";
import { pressIds } from "#core";
import { responseUrlOf } from "../api/response-url.ts";
import type { InboundParts } from "../inbound.ts";
import { isDirect, type SlackTarget } from "../target.ts";
import { check, checkTeam, slackId, slackTs, threadOf, triggerId } from "./body.ts";

export interface ActionInbound {
  /** The button's value. */
  action: string;
  /** The same for each press of one button by one person within the same two seconds. */
  deliveryId: string;
  /** That of the two seconds before: its job is this press's too when it is as young as that. */
  earlierDeliveryId: string;
  triggerId: string;
  /** `pressed` is the button's message, absent for the App Home. */
  origin: SlackTarget;
}

const seconds = z.string().regex(/^\d{1,16}(\.\d{1,16})?$/u);

/** docs.slack.dev/reference/interaction-payloads/block_actions-payload */
const actionSchema = z.object({
  type: z.literal("block_actions"),
  team: z.object({ id: slackId }),
  user: z.object({ id: slackId, team_id: slackId.nullish() }),
  trigger_id: triggerId,
  response_url: z.string().nullish(),
  container: z.discriminatedUnion("type", [
    z.object({
      type: z.literal("message"),
      channel_id: slackId,
      message_ts: slackTs,
      thread_ts: slackTs.nullish(),
      is_ephemeral: z.boolean().default(false),
    }),
    z.object({ type: z.literal("view"), view_id: slackId }),
  ]),
  message: z.object({ thread_ts: slackTs.nullish() }).nullish(),
  actions: z.tuple([z.object({ value: z.string().min(1), action_ts: seconds })]).rest(z.unknown()),
});

/** What tells a button that does something here from a link, or from a form's field. */
const buttonSchema = z.object({
  actions: z
    .tuple([z.object({ type: z.literal("button"), value: z.string().min(1) })])
    .rest(z.unknown()),
});

export function createActionReader({ self, clock, isExpectedUrl }: InboundParts) {
  return {
    /** Null for what does nothing here, such as a button that is a link. */
    readAction(body: unknown): ActionInbound | null {
      if (!buttonSchema.safeParse(body).success) return null;
      const { team, user, container, message, ...press } = check(actionSchema, body);
      checkTeam(self(), team.id, user.team_id);
      const [{ value: action, action_ts: actionTs }] = press.actions;
      const where =
        container.type === "view"
          ? container.view_id
          : `${container.channel_id}:${container.message_ts}`;
      const base: SlackTarget = {
        surface: "channel",
        team: team.id,
        user: user.id,
        // From the App Home the answer is a direct message, which the person's id stands for.
        channel: container.type === "view" ? user.id : container.channel_id,
        ...(press.response_url && responseUrlOf(press.response_url, { clock, isExpectedUrl })),
      };
      const origin: SlackTarget =
        container.type === "view"
          ? base
          : {
              ...base,
              ...threadOf({
                ts: container.message_ts,
                thread_ts: message?.thread_ts ?? container.thread_ts,
              }),
              pressed: { ts: container.message_ts, isEphemeral: container.is_ephemeral },
              // What everyone there sees, the bot posted as one of them.
              ...(isDirect(base) && !container.is_ephemeral ? { isWithBot: true as const } : {}),
            };
      return {
        action,
        ...pressIds(`action:${user.id}:${where}:${action}`, Number(actionTs) * 1000),
        triggerId: press.trigger_id,
        origin,
      };
    },
  };
}
