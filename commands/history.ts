import {
  askedText,
  type Command,
  createCard,
  defineCommand,
  encodeAction,
  type JobRecord,
  readHistory,
  shorten,
} from "#core";

const SHOWN = 10;
const SHOWN_PICTURES = 4;

/** `/history`: what one asked for lately. */
export const history = defineCommand({
  name: "history",
  description: "Your latest jobs and how to get at what they made.",
  examples: ["/history"],
  pace: "quick",
  audience: "person",
  reach: "typed",
  options: {},
  async run({ user, services }) {
    const { records, running, waiting } = await readHistory(user, SHOWN, services);
    const { personLimits: limits } = services;
    const notices = [
      `Running ${running} of ${limits.running}, waiting ${waiting} of ${limits.waiting}.`,
    ];
    if (records.length === 0) {
      const text = "Nothing yet. Try /imagine a red fox in the snow --ar 16:9";
      return createCard({ text, notices });
    }
    const withPictures = records.filter(
      (record) => record.card !== null && record.pictures.length > 0,
    );
    return createCard({
      text: records.length === 1 ? "Your latest job" : `Your latest ${records.length} jobs`,
      images: withPictures
        .slice(0, SHOWN_PICTURES)
        .flatMap((record) => record.card?.images.slice(0, 1) ?? []),
      fields: records.map((record) => ({
        label: record.id,
        value: summaryOf(record, services.commands),
      })),
      buttons: withPictures.slice(0, SHOWN_PICTURES).map((record) => ({
        label: `Show “${shorten(record.card?.text ?? record.id, 24)}”`,
        action: encodeAction({ command: "show", jobId: record.id, index: 0 }),
      })),
      notices,
    });
  },
});

/** What was asked for, and how it ended where that was not well. */
function summaryOf(record: JobRecord, commands: readonly Command[]): string {
  const { status, failure } = record;
  const asked = askedText(record, commands);
  if (status === "delivered") return record.card?.text ?? asked;
  return `${asked} (${failure === null ? status : failure.message})`;
}
