import {
  AtelierError,
  assertVisibleCard,
  type Card,
  type CardField,
  createCard,
  defineButton,
  getPictures,
  getVisibleJob,
  type Services,
  signBlob,
} from "#core";

/** The New link button: links that work from now on. */
export const link = defineButton({
  name: "link",
  description: "Fresh links to a job's pictures, or to the videos that it shows.",
  async run({ args, user, services }) {
    const record = await getVisibleJob(services.jobs, args.job, user);
    const { card } = record;
    if (card?.fields.some(hasMoment)) {
      await assertVisibleCard(card, user, services);
      return momentLinks(card, services);
    }
    const pictures = getPictures(record);
    const links = await Promise.all(pictures.map(({ blob }) => signBlob(services, blob)));
    return createCard({ text: lead(links.length, services), code: links.join("\n") });
  },
});

/** Whoever shows the card signs its links. */
async function momentLinks({ fields }: Card, services: Services): Promise<Card> {
  const isThere = await Promise.all(
    fields.map(({ moment }) => moment && services.stores[moment.blob.store].has(moment.blob.key)),
  );
  const there = fields.filter((_, index) => isThere[index]);
  if (there.length === 0) {
    throw new AtelierError("not_found", "That is not there any more. /videos lists what there is.");
  }
  return createCard({ text: lead(there.length, services), fields: there });
}

function hasMoment({ moment }: CardField): boolean {
  return moment !== undefined;
}

function lead(links: number, { linkTtlSeconds }: Services): string {
  const minutes = Math.round(linkTtlSeconds / 60);
  return `${links === 1 ? "This link works" : "These links work"} for ${minutes} ${minutes === 1 ? "minute" : "minutes"}:`;
}
