import { createCard, defineButton, getPictures, getVisibleJob, signBlob } from "#core";

/** The New link button: links that work from now on. */
export const link = defineButton({
  name: "link",
  description: "Fresh links to a job's pictures.",
  async run({ args, user, services }) {
    const pictures = getPictures(await getVisibleJob(services.jobs, args.job, user));
    const links = await Promise.all(pictures.map(({ blob }) => signBlob(services, blob)));
    const minutes = Math.round(services.linkTtlSeconds / 60);
    return createCard({
      text: `${links.length === 1 ? "This link works" : "These links work"} for ${minutes} ${minutes === 1 ? "minute" : "minutes"}:`,
      code: links.join("\n"),
    });
  },
});
