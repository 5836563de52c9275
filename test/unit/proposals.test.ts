import { describe, expect, it } from "vitest";
import { type Command, type Services, withProposals } from "#core";
import { readAutocomplete } from "../../adapters/discord/inbound/autocomplete.ts";
import { discordParts, interaction } from "../fixtures/discord-inbound.ts";

const titles: Readonly<Record<string, readonly string[]>> = {
  "discord:G1:ana": ["Harbour tour", "Old harbour", "Winter"],
};

/** A command with an option whose proposals are looked up for whoever asks. */
function commandWith(look: (user: string) => Promise<readonly string[]>): Command {
  return {
    name: "look",
    description: "Look",
    examples: ["/look at anything"],
    examplesHere: async () => ["/look at what is here"],
    pace: "quick",
    audience: "person",
    reach: "typed",
    options: {
      in: {
        type: "string",
        description: "In which video",
        maxLength: 120,
        propose: async (_services, user) =>
          (await look(user)).map((title) => ({ name: title, value: title })),
      },
      count: { type: "integer", description: "How many", min: 1, max: 10 },
    },
    run: () => Promise.reject(new Error("It is not run.")),
  };
}

const services = {} as Partial<Services> as Services;
const here = commandWith(async (user) => titles[user] ?? []);
const choicesOf = (command: Command) => {
  const option = command.options.in;
  return option?.type === "string" ? (option.suggest?.(services) ?? []) : null;
};

describe("what an option proposes", () => {
  it("is looked up for the person, beside the examples that fit what is there", async () => {
    const forAna = await withProposals(here, services, "discord:G1:ana");
    expect(choicesOf(forAna)?.map(({ value }) => value)).toEqual(titles["discord:G1:ana"]);
    expect(choicesOf(await withProposals(here, services, "discord:G2:ben"))).toEqual([]);
    expect(forAna.examples).toEqual(["/look at what is here"]);
    expect(forAna.options.count).toEqual(here.options.count);
  });

  it("is nothing where it cannot be looked up: one types without", async () => {
    const failing = commandWith(() => Promise.reject(new Error("The store is away.")));
    expect(choicesOf(await withProposals(failing, services, "discord:G1:ana"))).toEqual([]);
  });

  it("comes up in Discord for what was typed so far", async () => {
    const options = [{ name: "in", type: 3, value: "harb", focused: true }];
    const body = interaction(4, { id: "1", type: 1, name: "look", options });
    const asked: string[] = [];
    const command = commandWith(async (user) => {
      asked.push(user);
      return ["Winter", "Old harbour", "Harbour tour"];
    });
    const { lookUp, choices } = readAutocomplete(body, { ...discordParts, commands: [command] });
    expect(choices).toEqual([]);
    const found = (await lookUp?.()) ?? [];
    expect(found.map(({ value }) => value)).toEqual(["Harbour tour", "Old harbour"]);
    expect(asked).toEqual([expect.stringMatching(/^discord:/u)]);
  });
});
