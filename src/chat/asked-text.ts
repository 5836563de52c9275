import type { Command } from "../command/command.ts";
import type { Job } from "../job/job.ts";

/** What was asked for, in the person's words where there are any. */
export function askedText(job: Job, commands: readonly Command[]): string {
  const command = commands.find(({ name }) => name === job.command);
  for (const [name, option] of Object.entries(command?.options ?? {})) {
    const said = job.args[name];
    if (option.type === "string" && option.isText && typeof said === "string") return said;
  }
  return command?.description ?? "";
}
