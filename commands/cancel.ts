import { cancelJob, createCard, defineCommand } from "#core";

/** `/cancel`: takes back a job that waits or runs. */
export const cancel = defineCommand({
  name: "cancel",
  description: "Take back your newest waiting or running job, or the one you name.",
  examples: ["/cancel", "/cancel k3v9x2m4p7q1"],
  pace: "quick",
  audience: "person",
  reach: "typed",
  options: {
    job: {
      type: "string",
      description: "The job's id; your newest one unless told",
      isText: true,
      maxLength: 40,
    },
  },
  async run({ args, user, services }) {
    const cancelled = await cancelJob(args.job?.toLowerCase(), user, services);
    return createCard({ text: `Job ${cancelled.id} (/${cancelled.command}) is being cancelled.` });
  },
});
