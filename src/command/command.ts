import type { Card } from "../card.ts";
import type { AtelierError } from "../errors.ts";
import type { Job } from "../job/job.ts";
import type { MadePicture } from "../recipe/recipe.ts";
import type { Services } from "../services.ts";

export interface Choice {
  /** What people read, and may type too. */
  name: string;
  value: string;
}

interface OptionBase {
  description: string;
  required?: boolean;
  /** A shorter name for typing, e.g. `ar` for `ratio`. */
  alias?: string;
}

/** One typed option. From its declaration come slash options, `--flags`, help and registration. */
export type Option =
  | (OptionBase & {
      type: "string";
      maxLength: number;
      /** Takes the free text that is not behind a flag. At most one option of a command. */
      isText?: boolean;
      /** Names a picture, in the place of one for the command's image option. */
      namesMedia?: true;
      /** Values to propose; whether others are right is the command's business. */
      suggest?: (services: Services) => readonly Choice[];
      /** The same where they must be looked up, and differ from person to person; see `withProposals`. */
      propose?: (services: Services, user: string) => Promise<readonly Choice[]>;
    })
  | (OptionBase & { type: "integer" | "number"; min: number; max: number })
  | (OptionBase & { type: "choice"; choices: readonly Choice[] })
  | (OptionBase & { type: "flag" })
  | (OptionBase & { type: "image" | "video" });

export type Options = Readonly<Record<string, Option>>;

/** A picture or a video that someone sent along, not yet looked at; the adapter that named it can load it. */
export interface Attachment {
  attachment: string;
  /** What it is, where the platform knows; else the command's options decide. */
  kind?: MediaKind;
}

/** What options take that is attached instead of written. */
export type MediaKind = "image" | "video";

type ArgOf<O extends Option> = O extends { type: "integer" | "number" }
  ? number
  : O extends { type: "flag" }
    ? boolean
    : O extends { type: "image" | "video" }
      ? Attachment
      : O extends { type: "choice"; choices: readonly { value: infer V }[] }
        ? V
        : string;

/** The arguments that a command with these options is run with. */
export type ArgsOf<O extends Options> = {
  readonly [K in keyof O]: O[K] extends { required: true } ? ArgOf<O[K]> : ArgOf<O[K]> | undefined;
};

export type ArgValue = string | number | boolean | Attachment;
export type Args = Readonly<Record<string, ArgValue | undefined>>;

export interface Progress {
  done: number;
  total: number;
  /** What is being done, where counting does not say it, e.g. “Decoding 40 % · 312 frames”. */
  text?: string;
}

/** All that a command gets to work with. */
export interface CommandContext<A> {
  args: A;
  /** The identity of who asked, e.g. `{platform}:{workspace}:{person}`. */
  user: string;
  job: Job;
  services: Services;
  /** Aborts when the job is cancelled, runs out of time or the process stops. */
  signal: AbortSignal;
  progress(progress: Progress): void;
  /** Tells the operator what went wrong although the command goes on. */
  warn(error: AtelierError): void;
  /** Puts pictures into the job's record, where its buttons find them. */
  keep(pictures: readonly MadePicture[]): void;
}

/** An entry in the menu of a message, which gives a command what the message shows. */
export interface MessageEntry {
  name: string;
  description: string;
  takes: MediaKind;
  /** Opens the command's form; else it runs at once, unless there are several to choose from. */
  opensForm?: true;
}

export interface Command<A = Args> {
  /** Lower-case letters; what people type after the slash. */
  name: string;
  description: string;
  options: Options;
  /** How to write it, e.g. `/imagine a red fox in the snow --ar 16:9`. */
  examples: readonly string[];
  /** `quick` answers from stored state at once, past a person's limits; `queued` waits its turn. */
  pace: "quick" | "queued";
  /** Who sees the answer: everyone in the place, or only the person who asked. */
  audience: "place" | "person";
  /** What it is doing, for whoever waits, e.g. `Searching`; `Drawing` unless told. */
  doing?: string;
  /** The entry in the menu of messages that hands it their picture or video. */
  messageEntry?: MessageEntry;
  /** Answers for everyone although what its button belongs to is private. */
  publishes?: true;
  /** `button`: reached from a card, not listed for typing. */
  reach: "typed" | "button";
  /** Examples that fit what is set up here, in the place of `examples`; null where there are none. */
  examplesHere?(services: Services): Promise<readonly string[] | null>;
  /** What the options cannot say alone; rejects with `invalid_input` before the job is accepted. */
  check?(args: A): void;
  run(context: CommandContext<A>): Promise<Card>;
}

/** Declares a command; the types of `args` follow from its options. */
export function defineCommand<const O extends Options>(
  command: Omit<Command<ArgsOf<O>>, "options"> & { options: O },
): Command {
  // Arguments are checked against `options` by readArgs before run sees them.
  return command as Command;
}
