import {
  commandHelp,
  commandList,
  createCard,
  defineCommand,
  getCommand,
  withProposals,
} from "#core";

/** `/help`: what there is, or how one command is written. */
export const help = defineCommand({
  name: "help",
  description: "What I can do, or how to write one command.",
  examples: ["/help", "/help imagine"],
  pace: "quick",
  audience: "person",
  reach: "typed",
  options: {
    command: { type: "string", description: "The command", isText: true, maxLength: 40 },
  },
  async run({ args, user, services }) {
    if (args.command === undefined) {
      return createCard({
        text: "I draw pictures from words, change pictures you give me, and find moments in your videos.",
        code: commandList(services.commands),
        notices: ["/help and a command's name shows its options and examples."],
      });
    }
    const declared = getCommand(args.command.replace(/^\//u, ""), services.commands);
    const command = await withProposals(declared, services, user);
    return createCard({ text: `How to write /${command.name}`, code: commandHelp(command) });
  },
});
