import { describe, expect, it } from "vitest";
import { commands } from "#commands";
import type { Command, Options } from "#core";
import { changeLines, diffCommands } from "../../adapters/discord/command-changes.ts";
import { discordCommands } from "../../adapters/discord/register.ts";
import { bodyProblems } from "../servers/discord-body-rules.ts";
import { createDiscordCommands } from "../servers/discord-commands.ts";
import { createDiscordSnowflakes } from "../servers/discord-snowflakes.ts";
import { recordsOf } from "../servers/json-record.ts";

const plain: Command = {
  name: "plain",
  description: "Plain",
  examples: [],
  pace: "quick",
  audience: "person",
  reach: "typed",
  options: {},
  run: () => Promise.reject(new Error("It is not run.")),
};
const withOptions = (options: Options): Command => ({ ...plain, options });

const all = discordCommands(commands);
const named = (name: string) => all.find((command) => command.name === name);
const optionOf = (options: Options, name: string) => {
  const [command] = discordCommands([withOptions(options)]);
  const found = command !== undefined && "options" in command ? command.options : [];
  return recordsOf(found).find((option) => option.name === name);
};

describe("the registered commands", () => {
  it("are what Discord takes", () => {
    expect(bodyProblems("commands", all)).toEqual([]);
  });

  it("are all that people type, and the entries whose command exists", () => {
    const typed = commands.filter(({ reach }) => reach === "typed").map(({ name }) => name);
    expect(all.filter(({ type }) => type === 1).map(({ name }) => name)).toEqual(typed);
    expect(all.filter(({ type }) => type === 3).map(({ name }) => name)).toEqual([
      "Restyle this picture",
      "Find this in our videos",
      "Add this video",
      "Info",
    ]);
    expect(discordCommands([plain]).map(({ name }) => name)).toEqual(["plain"]);
    const messageEntry = { name: "Look at this", description: "Look", takes: "image" } as const;
    const withEntry = discordCommands([{ ...plain, messageEntry }]);
    expect(withEntry.map(({ name }) => name)).toEqual(["plain", "Look at this"]);
  });

  it("work in servers and all direct messages, for everyone whom no administrator keeps out", () => {
    for (const command of all) {
      expect(command).toMatchObject({
        contexts: [0, 1, 2],
        integration_types: [0, 1],
        default_member_permissions: null,
      });
    }
  });

  it("have each option as its declaration says", () => {
    expect(named("imagine")).toMatchObject({
      type: 1,
      description: "Draw a picture from a sentence.",
      options: expect.arrayContaining([
        expect.objectContaining({ name: "prompt", type: 3, required: true, max_length: 6000 }),
        expect.objectContaining({
          name: "ratio",
          type: 3,
          choices: expect.arrayContaining([{ name: "16:9", value: "16:9" }]),
        }),
        expect.objectContaining({ name: "style", type: 3, autocomplete: true, max_length: 40 }),
        expect.objectContaining({ name: "count", type: 4, min_value: 1, max_value: 4 }),
        expect.objectContaining({ name: "private", type: 5 }),
      ]),
    });
    expect(named("restyle")).toMatchObject({
      options: expect.arrayContaining([
        expect.objectContaining({ name: "image", type: 11, file_types: ["image"] }),
      ]),
    });
    const part = { type: "number", description: "p", min: 0, max: 1 } as const;
    expect(optionOf({ part }, "part")).toMatchObject({ type: 10, min_value: 0, max_value: 1 });
  });

  it("have the required options first, else in the declared order", () => {
    const flag = { type: "flag", description: "f" } as const;
    const options = {
      a: flag,
      b: { ...flag, required: true },
      c: flag,
      d: { ...flag, required: true },
    };
    const [command] = discordCommands([withOptions(options)]);
    expect(bodyProblems("commands", [command])).toEqual([]);
    const names = recordsOf(command !== undefined && "options" in command ? command.options : []);
    expect(names.map(({ name }) => name)).toEqual(["b", "d", "a", "c"]);
  });

  it("keep within Discord's lengths, and complete by themselves what has too many choices", () => {
    const long = "very ".repeat(60);
    const choices = Array.from({ length: 26 }, (_, index) => ({ name: long, value: `v${index}` }));
    const few = { type: "choice", description: long, choices: choices.slice(0, 25) } as const;
    const many = { type: "choice", description: long, choices } as const;
    const text = { type: "string", description: long, maxLength: 10_000 } as const;
    const wide = { ...withOptions({ few, many, text }), description: long };
    expect(bodyProblems("commands", discordCommands([wide]))).toEqual([]);
    expect(optionOf({ many }, "many")).toMatchObject({ autocomplete: true });
    expect(optionOf({ many }, "many")).not.toHaveProperty("choices");
    expect(recordsOf(optionOf({ few }, "few")?.choices)).toHaveLength(25);
  });

  it("speak other languages where somebody translates, and none by default", () => {
    expect(JSON.stringify(all)).not.toContain("localizations");
    const paths: string[] = [];
    const german = discordCommands(commands, {
      localize(path) {
        paths.push(path);
        return { names: { de: "wort" }, descriptions: { de: `Beschreibung von ${path}` } };
      },
    });
    expect(bodyProblems("commands", german)).toEqual([]);
    expect(paths).toEqual(
      expect.arrayContaining(["imagine", "imagine.ratio", "imagine.ratio.16:9", "Info"]),
    );
    expect(german[0]).toMatchObject({
      name_localizations: { de: "wort" },
      description_localizations: { de: "Beschreibung von imagine" },
    });
    expect(german.at(-1)).not.toHaveProperty("description_localizations");
  });
});

describe("the difference between two lists of commands", () => {
  /** As Discord gives them back, with all that it fills in. */
  function registered(list: readonly object[], guild = "") {
    const store = createDiscordCommands(createDiscordSnowflakes());
    store.overwrite(guild, JSON.parse(JSON.stringify(list)));
    return store.list(guild, true);
  }
  const linesBetween = (before: readonly object[], after: Parameters<typeof diffCommands>[1]) =>
    changeLines(diffCommands(registered(before), after));

  it("is nothing when Discord has them already, whatever it fills in", () => {
    expect(diffCommands(registered(all), all)).toEqual([]);
    const ofServer = all.map(({ contexts: _c, integration_types: _i, ...rest }) => rest);
    expect(diffCommands(registered(ofServer, "1"), ofServer)).toEqual([]);
  });

  it("names what is new and what is gone", () => {
    const old = [
      ...all.slice(1),
      { name: "paint", description: "Paint" },
      { name: "Paint", type: 3 },
    ];
    expect(linesBetween(old, all)).toEqual(["+ /imagine", "- /paint", "- Paint"]);
  });

  it("says what is another, option by option", () => {
    const count = { type: "integer", description: "How many", min: 1, max: 4 } as const;
    const shape = {
      type: "choice",
      description: "Shape",
      choices: [
        { name: "Wide", value: "w" },
        { name: "Tall", value: "t" },
      ],
    } as const;
    const before = discordCommands([withOptions({ count, shape })]);
    const changed = { ...count, max: 8, required: true };
    const wider = { ...shape, choices: [{ name: "Wide", value: "wide" }] };
    const flag = { type: "flag", description: "Secretly" } as const;
    const after = discordCommands([withOptions({ count: changed, shape: wider, private: flag })]);
    expect(linesBetween(before, after)).toEqual([
      "~ /plain",
      "    options: count, shape → count, shape, private",
      "    options.count.max_value: 4 → 8",
      "    options.shape.choices: Wide, Tall → Wide",
      '    options.shape.choices.Wide.value: "w" → "wide"',
      '    options.shape.choices.Tall.value: "t" → none',
      "    options.count.required: none → true",
      '    options.private.description: none → "Secretly"',
      "    options.private.type: none → 5",
    ]);
  });

  it("sees another order of options, other contexts and other languages", () => {
    const flag = { type: "flag", description: "f" } as const;
    const before = discordCommands([withOptions({ a: flag, b: flag })]);
    expect(linesBetween(before, discordCommands([withOptions({ b: flag, a: flag })]))).toEqual([
      "~ /plain",
      "    options: a, b → b, a",
    ]);
    const inServers = before.map((command) => ({ ...command, contexts: [0] }));
    expect(linesBetween(inServers, before)).toEqual(["~ /plain", "    contexts: 0 → 0, 1, 2"]);
    const translated = before.map((one) => ({ ...one, name_localizations: { de: "schlicht" } }));
    expect(linesBetween(translated, before)).toEqual([
      "~ /plain",
      '    name_localizations.de: "schlicht" → none',
    ]);
  });
});
