import { describe, expect, it } from "vitest";
import { commands } from "#commands";
import { type Args, AtelierError, COMMAND_LINE_MAX, parseCommandLine } from "#core";

const argsOf = (text: string, attachments: string[] = []): Args =>
  parseCommandLine(
    text,
    commands,
    attachments.map((attachment) => ({ attachment })),
  ).args;

function complaintAbout(text: string, attachments: string[] = []): string {
  try {
    argsOf(text, attachments);
  } catch (thrown) {
    if (thrown instanceof AtelierError && thrown.kind === "invalid_input") return thrown.message;
    throw thrown;
  }
  throw new Error(`${text} was taken.`);
}

describe("a command line", () => {
  it.each([
    ["plain text", "/imagine a red fox", { prompt: "a red fox" }],
    ["capitals", "/IMAGINE A fox --SEED 7", { prompt: "A fox", seed: 7 }],
    [
      "space around everything",
      " \n/imagine \t a fox \n --seed   7 ",
      { prompt: "a fox", seed: 7 },
    ],
    ["a flag at the end", "/imagine a fox --ar 16:9", { prompt: "a fox", ratio: "16:9" }],
    ["a flag at the start", "/imagine --seed 7 a fox", { prompt: "a fox", seed: 7 }],
    [
      "flags all over",
      "/imagine a red --ar 1:1 fox --count 2 in snow --private",
      { prompt: "a red  fox  in snow", ratio: "1:1", count: 2, private: true },
    ],
    [
      "a text flag of several words",
      "/imagine a quay --no boats, people --seed 3",
      {
        prompt: "a quay",
        negative: "boats, people",
        seed: 3,
      },
    ],
    [
      "a quoted value before the text",
      '/imagine --no "boats -- people" a quay',
      {
        prompt: "a quay",
        negative: "boats -- people",
      },
    ],
    [
      "escapes in a quoted value",
      '/imagine --no "a \\"b\\" \\\\ c" x',
      {
        prompt: "x",
        negative: 'a "b" \\ c',
      },
    ],
    [
      "a quoted value over two lines",
      '/imagine --no "a\\\nb" x',
      { prompt: "x", negative: "a\nb" },
    ],
    [
      "a quote that never ends",
      '/imagine x --no "a b --seed 7',
      {
        prompt: "x",
        negative: '"a b',
        seed: 7,
      },
    ],
    ["quotes in the text", '/imagine a "red" fox', { prompt: 'a "red" fox' }],
    [
      "typographic quotes",
      "/imagine --no “big ears” a fox",
      {
        prompt: "a fox",
        negative: "big ears",
      },
    ],
    ["German quotes", "/imagine --no „big ears“ a fox", { prompt: "a fox", negative: "big ears" }],
    ["a flag with an em dash", "/imagine a fox —ar 16:9", { prompt: "a fox", ratio: "16:9" }],
    ["a flag with an en dash", "/imagine a fox –seed 7", { prompt: "a fox", seed: 7 }],
    [
      "dashes inside words",
      "/imagine a fox—red, low-key--ish",
      {
        prompt: "a fox—red, low-key--ish",
      },
    ],
    [
      "a lone dash in the text",
      "/imagine a fox — at night --seed 7",
      {
        prompt: "a fox — at night",
        seed: 7,
      },
    ],
    [
      "a lone typographic dash behind flags",
      "/restyle --from k3v9#2 — as ink",
      {
        from: "k3v9#2",
        prompt: "as ink",
      },
    ],
    [
      "two dashes that end the flags",
      "/imagine --seed 7 -- a --no b",
      {
        seed: 7,
        prompt: "a --no b",
      },
    ],
    [
      "an equals sign",
      "/imagine a fox --ar=16:9 --seed=7 --private=no",
      {
        prompt: "a fox",
        ratio: "16:9",
        seed: 7,
        private: false,
      },
    ],
    [
      "an equals sign and quotes",
      '/imagine --no="big ears" a fox --ar="4:5"',
      {
        prompt: "a fox",
        negative: "big ears",
        ratio: "4:5",
      },
    ],
    [
      "an equals sign and several words",
      "/imagine a quay --no=boats, people",
      {
        prompt: "a quay",
        negative: "boats, people",
      },
    ],
    [
      "the text behind its own name",
      "/imagine --prompt a fox --seed 7",
      { prompt: "a fox", seed: 7 },
    ],
    ["a choice by its name", "/imagine a fox --format PNG", { prompt: "a fox", format: "png" }],
    ["a command without anything", "/history", {}],
    ["an option that may be left out", "/help", {}],
    ["half a character", "/imagine a \ud83e fox", { prompt: "a \ufffd fox" }],
  ])("may have %s", (_what, text, args) => {
    expect(argsOf(text)).toEqual(args);
  });

  it.each(["/imagine help", "/imagine  HELP ", "/help imagine"])("as %s asks for help", (text) => {
    expect(parseCommandLine(text, commands)).toMatchObject({
      command: { name: "help" },
      args: { command: "imagine" },
    });
  });

  it("takes “help” for text where more is with it", () => {
    expect(argsOf("/imagine help me")).toEqual({ prompt: "help me" });
    expect(argsOf("/imagine -- help")).toEqual({ prompt: "help" });
  });

  it("gives what is attached to the option that takes a picture", () => {
    expect(argsOf("/restyle as ink", ["one"])).toEqual({
      prompt: "as ink",
      image: { attachment: "one" },
    });
  });

  it.each([
    ["no slash", "imagine a fox", "start with a slash"],
    ["nothing", "", "start with a slash"],
    ["a slash alone", "/", "/help lists"],
    ["a misspelt command", "/imagin a fox", "Did you mean /imagine?"],
    ["a command that is like no other", "/weather", "/help lists"],
    ["a button's command", "/reroll k3v9", "There is no command /reroll."],
    ["a misspelt option", "/imagine a fox --sede 7", "no option --sede. Did you mean --seed?"],
    ["an unknown option", "/imagine a fox --weather wet", "/help imagine lists its options"],
    ["no text", "/imagine", "Add what to draw, as in “/imagine a red fox"],
    ["no text beside flags", "/imagine --seed 7", "Add what to draw"],
    ["a text that is missing", "/show", "Add the job"],
    ["no value at the end", "/imagine a fox --seed", "--seed needs a value"],
    ["no value before a flag", "/imagine a fox --seed --count 2", "--seed needs a value"],
    ["no words before a flag", "/imagine a fox --no --seed 7", "--no needs a value"],
    ["no value behind an equals sign", "/imagine a fox --ar=", "--ar needs a value"],
    ["an empty quoted value", '/imagine a fox --no ""', "--no needs a value"],
    ["an option twice", "/imagine a fox --ar 1:1 --ratio 4:5", "--ratio is there twice"],
    ["a flag twice", "/imagine a fox --private --private", "--private is there twice"],
    ["the text twice", "/imagine a red --prompt fox", "Add the text"],
    ["a choice that is none", "/imagine a fox --ar 7:5", "--ratio is one of 1:1, 16:9"],
    ["a number that is too high", "/imagine a fox --count 5", "a whole number from 1 to 4"],
    ["a number that is too low", "/imagine a fox --count 0", "a whole number from 1 to 4"],
    ["a number below 0", "/imagine a fox --seed -1", "a whole number from 0 to 4294967294"],
    ["a broken number", "/imagine a fox --count 1.5", "a whole number"],
    ["a number in words", "/imagine a fox --count two", "a whole number"],
    ["a number in another notation", "/imagine a fox --seed 1e3", "a whole number"],
    ["a flag with a strange value", "/imagine a fox --private=maybe", "--private is yes or no"],
    ["a picture by its name", "/restyle --image fox.png", "Attach a picture"],
    ["text where none belongs", "/history of mine", "takes no text"],
    ["a value that is too long", `/imagine a fox --style ${"x".repeat(41)}`, "at most 40 char"],
    ["a text that is too long", `/imagine ${"x".repeat(10_001)}`, "at most 10,000 characters"],
    ["too much", `/imagine ${"x".repeat(COMMAND_LINE_MAX)}`, "at most 12,000"],
  ])("with %s is refused with a sentence that says so", (_what, text, complaint) => {
    expect(complaintAbout(text)).toContain(complaint);
  });

  it("with pictures that it does not take is refused", () => {
    expect(complaintAbout("/imagine a fox", ["one"])).toContain("takes no pictures");
    expect(complaintAbout("/restyle as ink", ["one", "two"])).toContain("one picture at a time");
    expect(complaintAbout("/addvideo", ["one", "two"])).toContain("one video at a time");
  });
});
