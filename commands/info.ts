import {
  createCard,
  defineButton,
  getPictures,
  getVisibleJob,
  personOf,
  recipeCommand,
} from "#core";

/** The Info button: the whole recipe of each picture as a command that brings it back. */
export const info = defineButton({
  name: "info",
  description: "The whole recipe of a job's pictures.",
  async run({ args, user, services }) {
    const record = await getVisibleJob(services.jobs, args.job, user);
    const pictures = getPictures(record);
    const [first] = pictures;
    const { isPrivate } = record;
    const lines = pictures.map(({ recipe, seed }) => recipeCommand(recipe, { seed, isPrivate }));
    return createCard({
      text:
        pictures.length === 1
          ? "Paste this and the same picture comes back:"
          : "Paste a line and the same picture comes back:",
      code: lines.join("\n"),
      fields: [
        { label: "Job", value: record.id },
        { label: "Asked by", value: personOf(record.user), person: record.user },
        { label: "Asked at", value: minuteOf(record.createdAtMs) },
        { label: "Model", value: first.recipe.model },
        { label: "Size", value: `${first.widthPx} × ${first.heightPx}` },
        { label: "Files", value: pictures.map(({ blob }) => blob.key).join(", ") },
      ],
    });
  },
});

function minuteOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
