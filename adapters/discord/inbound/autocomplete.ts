import { z } from "zod";
import { type Choice, type Command, getCommand, type Services, shorten } from "#core";
import { DISCORD_CHOICE_MAX, DISCORD_CHOICES_MAX } from "../components/limits.ts";
import type { InboundParts } from "../inbound.ts";
import type { DiscordTarget } from "../target.ts";
import { check, readOrigin } from "./body.ts";

/** Someone types into an option that proposes values. */
export interface AutocompleteInbound {
  kind: "autocomplete";
  deliveryId: string;
  command: Command;
  option: string;
  typed: string;
  /** What to propose. */
  choices: readonly Choice[];
  origin: DiscordTarget;
}

const autocompleteSchema = z.object({
  data: z.object({
    name: z.string().min(1).max(32),
    options: z.array(
      z.object({
        name: z.string(),
        value: z.union([z.string(), z.number(), z.boolean()]).nullish(),
        focused: z.boolean().nullish(),
      }),
    ),
  }),
});

export function readAutocomplete(interaction: unknown, parts: InboundParts): AutocompleteInbound {
  const { data } = check(autocompleteSchema, interaction);
  const command = getCommand(data.name, parts.commands);
  const focused = data.options.find((option) => option.focused === true);
  const { id, origin } = readOrigin(interaction, parts, "ephemeral");
  const option = focused?.name ?? "";
  const typed = String(focused?.value ?? "");
  return {
    kind: "autocomplete",
    deliveryId: id,
    command,
    option,
    typed,
    choices: proposals(command, option, typed, parts.services),
    origin,
  };
}

/** What an option proposes for what was typed so far: what begins with it, then what has it in it. */
function proposals(
  { options }: Command,
  name: string,
  typed: string,
  services: Services,
): Choice[] {
  const option = options[name];
  const all =
    option?.type === "choice"
      ? option.choices
      : option?.type === "string"
        ? (option.suggest?.(services) ?? [])
        : [];
  const wanted = typed.trim().toLowerCase();
  const texts = (choice: Choice) => [choice.name.toLowerCase(), choice.value.toLowerCase()];
  const begins = (choice: Choice) => texts(choice).some((text) => text.startsWith(wanted));
  const has = (choice: Choice) => texts(choice).some((text) => text.includes(wanted));
  return [...all.filter(begins), ...all.filter((choice) => has(choice) && !begins(choice))]
    .filter(({ value }) => value !== "" && value.length <= DISCORD_CHOICE_MAX)
    .slice(0, DISCORD_CHOICES_MAX)
    .map(({ name: label, value }) => ({ name: shorten(label, DISCORD_CHOICE_MAX), value }));
}
