import { z } from "zod";
import { decodeAction, pressIds } from "#core";
import type { InboundParts } from "../inbound.ts";
import type { DiscordTarget } from "../target.ts";
import { check, messageHead, pressedOf, readOrigin } from "./body.ts";
import { isOpeningAgain } from "./modal-metadata.ts";

/** A pressed button. */
export interface ActionInbound {
  kind: "action";
  /** The button's action. */
  action: string;
  /** The same for each press of one button by one person within the same two seconds. */
  deliveryId: string;
  /** That of the two seconds before: its job is this press's too when it is as young as that. */
  earlierDeliveryId: string;
  /** Not `public` where the command answers its person alone; `pressed` is the button's message. */
  origin: DiscordTarget & Required<Pick<DiscordTarget, "pressed">>;
}

/** The button that opens a form again. */
export interface AgainInbound {
  kind: "again";
  /** As `createModalMetadata` wrote it. */
  customId: string;
  origin: DiscordTarget;
}

/** docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-message-component-data-structure */
const actionSchema = z.object({
  data: z.object({ custom_id: z.string().min(1).max(100) }),
  message: messageHead,
});

export function readAction(
  interaction: unknown,
  parts: InboundParts,
): ActionInbound | AgainInbound {
  const { data, message } = check(actionSchema, interaction);
  if (isOpeningAgain(data.custom_id)) {
    const { origin } = readOrigin(interaction, parts, "ephemeral");
    return { kind: "again", customId: data.custom_id, origin };
  }
  const pressed = pressedOf(message);
  const { atMs, origin } = readOrigin(
    interaction,
    parts,
    responseTo(data.custom_id, pressed, parts),
  );
  return {
    kind: "action",
    action: data.custom_id,
    ...pressIds(`action:${origin.user}:${pressed.id}:${data.custom_id}`, atMs),
    origin: { ...origin, pressed },
  };
}

/**
 * On what only one person sees, only that person sees the answer, unless it is to be published.
 * What answers at once leaves that message to be changed: nothing but the token of a press that is
 * answered so changes it once it is 15 minutes old (github.com/discordjs/discord.js/issues/9397).
 */
function responseTo(
  action: string,
  { isEphemeral }: { isEphemeral: boolean },
  { commands }: Pick<InboundParts, "commands">,
): DiscordTarget["response"] {
  const { command: name } = decodeAction(action);
  const command = commands.find((each) => each.name === name);
  if (command?.audience === "place" && (command.publishes === true || !isEphemeral))
    return "public";
  return isEphemeral && command?.pace === "quick" ? "update" : "ephemeral";
}
