import { z } from "zod";
import {
  type Choice,
  type Command,
  getCommand,
  type Option,
  proposalsOf,
  type Services,
  shorten,
} from "#core";
import { DISCORD_CHOICE_MAX, DISCORD_CHOICES_MAX } from "../components/limits.ts";
import type { InboundParts } from "../inbound.ts";
import { type DiscordTarget, identityOf } from "../target.ts";
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
  /** What to propose where it must be looked up first. */
  lookUp?: () => Promise<readonly Choice[]>;
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
  const declared = command.options[option];
  const isLookedUp = declared?.type === "string" && declared.propose !== undefined;
  return {
    kind: "autocomplete",
    deliveryId: id,
    command,
    option,
    typed,
    choices: fitting(declaredChoices(declared, parts.services), typed),
    ...(isLookedUp && {
      lookUp: async () =>
        fitting(await proposalsOf(declared, parts.services, identityOf(origin)), typed),
    }),
    origin,
  };
}

function declaredChoices(option: Option | undefined, services: Services): readonly Choice[] {
  if (option?.type === "choice") return option.choices;
  return option?.type === "string" ? (option.suggest?.(services) ?? []) : [];
}

/** What there is for what was typed so far: what begins with it, then what has it in it. */
function fitting(all: readonly Choice[], typed: string): Choice[] {
  const wanted = typed.trim().toLowerCase();
  const texts = (choice: Choice) => [choice.name.toLowerCase(), choice.value.toLowerCase()];
  const begins = (choice: Choice) => texts(choice).some((text) => text.startsWith(wanted));
  const has = (choice: Choice) => texts(choice).some((text) => text.includes(wanted));
  return [...all.filter(begins), ...all.filter((choice) => has(choice) && !begins(choice))]
    .filter(({ value }) => value !== "" && value.length <= DISCORD_CHOICE_MAX)
    .slice(0, DISCORD_CHOICES_MAX)
    .map(({ name: label, value }) => ({ name: shorten(label, DISCORD_CHOICE_MAX), value }));
}
