import { z } from "zod";
import type { Clock } from "#core";
import type { SlackImageSource } from "../blocks/image-blocks.ts";
import { isDoneWithin } from "../transport/is-done-within.ts";
import { isShown } from "./file-type.ts";
import type { SlackApi } from "./slack-api.ts";

/** A thumbnail is worth no more of the 3 s in which a form can open. */
const LOOK_WITHIN_MS = 700;

const shownSchema = z.object({
  mode: z.string().nullish(),
  filetype: z.string().nullish(),
});

/** Asks Slack whether a file can stand in a block: a view with one that cannot is refused whole. */
export function createThumbnails({ api, clock }: { api: SlackApi; clock: Clock }) {
  async function look(fileId: string): Promise<SlackImageSource | null> {
    try {
      const info = await api.call("files.info", (web) => web.files.info({ file: fileId }), {
        waitMaxMs: LOOK_WITHIN_MS,
        isOnce: true,
      });
      const { mode, filetype } = shownSchema.parse(info.file ?? {});
      return mode !== "tombstone" && isShown({ filetype }) ? { slack_file: { id: fileId } } : null;
    } catch {
      // Deleted, in a conversation that the bot is not in, or Slack is slow: the form can do without.
      return null;
    }
  }

  return {
    /** The file as a block shows it; null when it cannot, or when that is not known in time. */
    async find(fileId: string): Promise<SlackImageSource | null> {
      const looking = look(fileId);
      return (await isDoneWithin(LOOK_WITHIN_MS, looking, clock)) ? looking : null;
    },
  };
}
