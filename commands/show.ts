import { assertVisibleCard, createCard, defineCommand, getVisibleJob } from "#core";

/** `/show`: an earlier job's answer again, with links that work now. */
export const show = defineCommand({
  name: "show",
  description: "Show an earlier job again, with fresh links.",
  examples: ["/show k3v9x2m4p7q1"],
  pace: "quick",
  audience: "person",
  reach: "typed",
  options: {
    job: {
      type: "string",
      description: "The job's id, as /history lists it",
      required: true,
      isText: true,
      maxLength: 40,
    },
  },
  async run({ args, user, services, keep }) {
    const record = await getVisibleJob(services.jobs, args.job.toLowerCase(), user);
    if (record.card !== null) await assertVisibleCard(record.card, user, services);
    keep(record.pictures);
    if (record.card !== null) return record.card;
    const message = record.failure?.message ?? `Job ${record.id} is ${record.status}.`;
    return createCard({ text: message });
  },
});
