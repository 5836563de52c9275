import {
  type Card,
  type CardImage,
  type Services,
  type SignedCard,
  signBlob,
  signCard,
} from "#core";
import type { SlackFiles } from "../api/slack-files.ts";
import { contextLine, present } from "../blocks/card-blocks.ts";
import type { SlackImageSource } from "../blocks/image-blocks.ts";
import { SLACK_CARD_LIMITS } from "../blocks/limits.ts";
import { renderCard, renderFailure, type SlackMessage } from "../render.ts";

/** With pictures, or with links in their place. */
export type Look = "pictures" | "links";

/** An answer that is about to be shown, here or there. */
export interface Draft {
  hasPictures: boolean;
  /** `remarks` are said first among the notices. */
  message(look: Look, remarks: readonly string[]): SlackMessage;
  /** Uploads pictures again that somebody deleted in Slack; says whether there were any. */
  refresh(): Promise<boolean>;
}

/** A card whose links are signed and whose pictures are uploaded. */
export interface ReadyCard {
  card: SignedCard;
  source(image: CardImage): SlackImageSource | null;
}

export interface DraftParts {
  files: SlackFiles;
  services: Pick<Services, "stores" | "linkTtlSeconds">;
}

export async function readyCard(card: Card, { files, services }: DraftParts): Promise<ReadyCard> {
  const images = card.images.slice(0, SLACK_CARD_LIMITS.imagesMax);
  const [signed, ensured] = await Promise.all([
    signCard(card, (blob) => signBlob(services, blob)),
    Promise.all(images.map(async (image) => ({ image, file: await files.ensure(image) }))),
  ]);
  const ids = new Map(ensured.map(({ image, file }) => [image.blob.key, file.id]));
  const problems = ensured.flatMap(({ file }) =>
    file.id === null && file.problem !== null
      ? [`The pictures could not be put into Slack. ${file.problem}`]
      : [],
  );
  return {
    card: { ...signed, notices: [...new Set(problems), ...signed.notices] },
    source({ blob }) {
      const id = ids.get(blob.key) ?? null;
      return id === null ? null : { slack_file: { id } };
    },
  };
}

export async function draftCard(card: Card, parts: DraftParts): Promise<Draft> {
  let ready = await readyCard(card, parts);
  return {
    hasPictures: card.images.some((image) => ready.source(image) !== null),
    message: (look, remarks) =>
      renderCard({ ...ready.card, notices: [...remarks, ...ready.card.notices] }, (image) =>
        look === "pictures" ? ready.source(image) : null,
      ),
    async refresh() {
      const gone = await Promise.all(
        card.images.map(({ blob }) => parts.files.forgetIfGone(blob.key)),
      );
      if (!gone.includes(true)) return false;
      ready = await readyCard(card, parts);
      return true;
    },
  };
}

/** A sentence that says why there is no answer. */
export function draftFailure(sentence: string): Draft {
  return {
    hasPictures: false,
    message: (_look, remarks) => renderFailure([sentence, ...remarks].join(" ")),
    refresh: async () => false,
  };
}

/** A message that is rendered already. */
export function draftMessage({ text, blocks }: SlackMessage): Draft {
  return {
    hasPictures: false,
    message: (_look, remarks) => ({ text, blocks: present([...blocks, contextLine(remarks)]) }),
    refresh: async () => false,
  };
}
