import { type Card, type CardImage, type Services, signBlob, signCard } from "#core";
import type { PictureFile, PictureFiles } from "../api/picture-files.ts";
import { DISCORD_CARD_LIMITS } from "../components/limits.ts";
import { type DiscordMessage, renderCard, renderFailure } from "../render.ts";
import type { Outgoing } from "./surfaces.ts";

/** What a message says beyond its card, and how large its files may be: 0 shows links instead. */
interface DraftOptions {
  /** Said first among the notices. */
  remarks: readonly string[];
  fileMaxBytes: number;
}

/** An answer that is about to be shown, here or there. */
export interface Draft {
  hasPictures: boolean;
  message(options: DraftOptions): Promise<Outgoing>;
}

export interface DraftParts {
  pictureFiles: PictureFiles;
  services: Pick<Services, "stores" | "linkTtlSeconds">;
}

const FIT_REMARKS = {
  whole: null,
  reduced:
    "Discord takes no larger files here, so this is smaller than it was made. The link has it whole.",
  too_large: "Discord takes no files this large here, so there is a link instead.",
  gone: "A picture is not kept any more.",
} as const satisfies Record<PictureFile["fit"], string | null>;

const REFUSED = "Discord does not take the pictures here, so there are links instead.";

export async function draftCard(
  card: Card,
  { pictureFiles, services }: DraftParts,
  { isSpoiler = false }: { isSpoiler?: boolean } = {},
): Promise<Draft> {
  const signed = await signCard(card, (blob) => signBlob(services, blob));
  const images = oneOfEach(card.images.slice(0, DISCORD_CARD_LIMITS.imagesMax));
  const made = new Map<number, Promise<PictureFile[]>>();

  function filesWithin(maxBytes: number): Promise<PictureFile[]> {
    const known = made.get(maxBytes) ?? pictureFiles.prepare(images, maxBytes);
    made.set(maxBytes, known);
    return known;
  }

  return {
    hasPictures: images.length > 0,
    async message({ remarks, fileMaxBytes }) {
      const prepared = fileMaxBytes === 0 ? [] : await filesWithin(fileMaxBytes);
      const names = new Map(
        images.map(({ blob }, index) => [blob.key, prepared[index]?.file?.name ?? null]),
      );
      const isRefused = fileMaxBytes === 0 && images.length > 0;
      const ofFiles = isRefused ? [REFUSED] : prepared.flatMap(({ fit }) => FIT_REMARKS[fit] ?? []);
      const notices = [...remarks, ...new Set(ofFiles), ...signed.notices];
      const rendered = renderCard(
        { ...signed, notices },
        ({ blob }) => names.get(blob.key) ?? null,
        { isSpoiler },
      );
      const files = prepared.flatMap(({ file }) => file ?? []);
      return { ...outgoing(rendered, files), files };
    },
  };
}

/** A sentence that says why there is no answer. */
export function draftFailure(sentence: string): Draft {
  return {
    hasPictures: false,
    message: async ({ remarks }) => outgoing(renderFailure([sentence, ...remarks].join(" "))),
  };
}

/** A message that is rendered already. */
export function draftMessage(message: DiscordMessage): Draft {
  return { hasPictures: false, message: async () => outgoing(message) };
}

/** The list of attachments says it all: what is not on it goes from the message. */
export function outgoing(
  message: DiscordMessage,
  files: readonly { name: string; description: string }[] = [],
): Outgoing {
  const attachments = files.map(({ name, description }, id) => ({
    id,
    filename: name,
    description,
  }));
  return { body: { ...message, attachments } };
}

function oneOfEach(images: readonly CardImage[]): CardImage[] {
  return [...new Map(images.map((image) => [image.blob.key, image])).values()];
}
