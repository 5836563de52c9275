import {
  type APIApplicationCommandBasicOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type LocalizationMap,
  type RESTPostAPIApplicationCommandsJSONBody,
} from "discord-api-types/v10";
import { type Choice, type Command, type MessageEntry, type Option, shorten } from "#core";
import { DISCORD_CHOICE_MAX, DISCORD_CHOICES_MAX } from "./components/limits.ts";

/** docs.discord.com/developers/interactions/application-commands: message commands of one app. */
const DISCORD_MESSAGE_COMMANDS_MAX = 15;

/** An entry in the menu of a message, and the command behind it. */
export interface MessageCommand {
  name: string;
  command: Command;
  /** What it takes from the message; absent where it is about the job that the message shows. */
  entry?: MessageEntry;
}

/** The entries in the menu of a message: those that commands declare, and the one of our own results. */
export function messageCommands(commands: readonly Command[]): MessageCommand[] {
  const declared = commands.flatMap((command): MessageCommand[] => {
    const { messageEntry: entry } = command;
    return entry === undefined ? [] : [{ name: entry.name, command, entry }];
  });
  const info = commands.filter(({ name }) => name === "info");
  const ofResults = info.map((command) => ({ name: "Info", command }));
  return [...declared, ...ofResults].slice(0, DISCORD_MESSAGE_COMMANDS_MAX);
}

/** docs.discord.com/developers/interactions/application-commands#application-command-object */
const DISCORD_DESCRIPTION_MAX = 100;
/** The most that an option's `max_length` can say. */
const DISCORD_OPTION_TEXT_MAX = 6_000;

/** A name and a description in other languages. */
interface Localization {
  names?: LocalizationMap;
  descriptions?: LocalizationMap;
}

/** The other languages of what stands at a path such as `imagine`, `imagine.ratio` or `Info`. */
export type Localize = (path: string) => Localization;

/**
 * Every application command, from the commands' declarations: what people type, and the entries in
 * the menu of a message. Administrators decide who may use them; nobody is kept out from here.
 */
export function discordCommands(
  commands: readonly Command[],
  { localize = () => ({}) }: { localize?: Localize } = {},
): RESTPostAPIApplicationCommandsJSONBody[] {
  const everywhere = {
    default_member_permissions: null,
    contexts: [
      InteractionContextType.Guild,
      InteractionContextType.BotDM,
      InteractionContextType.PrivateChannel,
    ],
    integration_types: [
      ApplicationIntegrationType.GuildInstall,
      ApplicationIntegrationType.UserInstall,
    ],
  };
  const typed = commands
    .filter(({ reach }) => reach === "typed")
    .map((command) => ({
      type: ApplicationCommandType.ChatInput as const,
      name: command.name,
      description: shorten(command.description, DISCORD_DESCRIPTION_MAX),
      ...localized(localize(command.name)),
      options: optionsOf(command, localize),
      ...everywhere,
    }));
  const inMenus = messageCommands(commands).map(({ name }) => ({
    type: ApplicationCommandType.Message as const,
    name,
    ...localizedName(localize(name)),
    ...everywhere,
  }));
  return [...typed, ...inMenus];
}

/** Required ones first, as Discord demands; else in the order of the declaration. */
function optionsOf(command: Command, localize: Localize): APIApplicationCommandBasicOption[] {
  const options = Object.entries(command.options);
  const isRequired = ([, option]: [string, Option]) => option.required === true;
  return [...options.filter(isRequired), ...options.filter((each) => !isRequired(each))].map(
    ([name, option]) => discordOption(name, option, `${command.name}.${name}`, localize),
  );
}

function discordOption(
  name: string,
  option: Option,
  path: string,
  localize: Localize,
): APIApplicationCommandBasicOption {
  const base = {
    name,
    description: shorten(option.description, DISCORD_DESCRIPTION_MAX),
    required: option.required === true,
    ...localized(localize(path)),
  };
  switch (option.type) {
    case "string":
      return {
        ...base,
        type: ApplicationCommandOptionType.String,
        max_length: Math.min(option.maxLength, DISCORD_OPTION_TEXT_MAX),
        ...(option.suggest === undefined && option.propose === undefined
          ? {}
          : { autocomplete: true }),
      };
    case "choice":
      return option.choices.length > DISCORD_CHOICES_MAX
        ? { ...base, type: ApplicationCommandOptionType.String, autocomplete: true }
        : {
            ...base,
            type: ApplicationCommandOptionType.String,
            choices: option.choices.map((choice) => discordChoice(choice, path, localize)),
          };
    case "integer":
      return { ...base, type: ApplicationCommandOptionType.Integer, ...rangeOf(option) };
    case "number":
      return { ...base, type: ApplicationCommandOptionType.Number, ...rangeOf(option) };
    case "flag":
      return { ...base, type: ApplicationCommandOptionType.Boolean };
    case "image":
    case "video":
      return { ...base, type: ApplicationCommandOptionType.Attachment, file_types: [option.type] };
  }
}

function rangeOf({ min, max }: { min: number; max: number }) {
  return { min_value: min, max_value: max };
}

function discordChoice({ name, value }: Choice, path: string, localize: Localize) {
  const label = shorten(name, DISCORD_CHOICE_MAX);
  return { name: label, value, ...localizedName(localize(`${path}.${value}`)) };
}

function localizedName({ names }: Localization) {
  return names === undefined ? {} : { name_localizations: names };
}

function localized({ names, descriptions }: Localization) {
  return {
    ...localizedName({ ...(names && { names }) }),
    ...(descriptions === undefined ? {} : { description_localizations: descriptions }),
  };
}
