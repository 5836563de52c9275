import type { HomeView, RichTextElement } from "@slack/web-api";
import {
  type Card,
  type CardImage,
  decodeAction,
  type Services,
  type SignedCard,
  signBlob,
  signCard,
} from "#core";
import type { SlackFiles } from "../api/slack-files.ts";
import { renderHome } from "../blocks/app-home.ts";
import { paragraph, present } from "../blocks/card-blocks.ts";
import type { SlackImageSource } from "../blocks/image-blocks.ts";
import { SLACK_CARD_LIMITS } from "../blocks/limits.ts";
import { renderCard, renderFailure, type SlackMessage } from "../render.ts";

/** With pictures, or with links in their place. */
export type Look = "pictures" | "links";

/** What depends on where it is shown. */
interface DraftPlace {
  /** Said above everything else. */
  remark?: readonly RichTextElement[];
  /** Nobody but the person is there, so there is nobody to share it with. */
  isOwnPlace?: boolean;
}

/** An answer that is about to be shown, here or there. */
export interface Draft<M = SlackMessage> {
  hasPictures: boolean;
  message(look: Look, place?: DraftPlace): M;
  /** Uploads pictures again that somebody deleted in Slack; says whether there were any. */
  refresh(): Promise<boolean>;
}

type ImageSource = (image: CardImage) => SlackImageSource | null;

export interface DraftParts {
  files: SlackFiles;
  services: Pick<Services, "stores" | "linkTtlSeconds" | "commands">;
}

/** A card whose links are signed and whose pictures are uploaded. */
async function readyCard(
  card: Card,
  { files, services }: DraftParts,
): Promise<{ card: SignedCard; source: ImageSource }> {
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

async function draftOf<M>(
  card: Card,
  parts: DraftParts,
  render: (card: SignedCard, source: ImageSource, place: DraftPlace) => M,
): Promise<Draft<M>> {
  let ready = await readyCard(card, parts);
  return {
    hasPictures: card.images.some((image) => ready.source(image) !== null),
    message: (look, place = {}) =>
      render(ready.card, look === "pictures" ? ready.source : () => null, place),
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

export function draftCard(card: Card, parts: DraftParts): Promise<Draft> {
  const publishing = parts.services.commands.filter(({ publishes }) => publishes);
  const isSharing = ({ action }: { action: string }) =>
    action !== "" && publishing.some(({ name }) => name === decodeAction(action).command);

  return draftOf(card, parts, (ready, source, { isOwnPlace = false, remark }) => {
    const buttons = ready.buttons.filter((each) => !(isOwnPlace && isSharing(each)));
    return remarked(renderCard({ ...ready, buttons }, source), remark);
  });
}

/** The card of what a person had made, as their App Home. */
export function draftHome(card: Card, help: string, parts: DraftParts): Promise<Draft<HomeView>> {
  return draftOf(card, parts, (ready, imageSource) =>
    renderHome({ card: ready, help, imageSource }),
  );
}

/** A sentence that says why there is no answer. */
export function draftFailure(sentence: string): Draft {
  return draftMessage(renderFailure(sentence));
}

/** A message that is rendered already. */
export function draftMessage(message: SlackMessage): Draft {
  return {
    hasPictures: false,
    message: (_look, place) => remarked(message, place?.remark),
    refresh: async () => false,
  };
}

function remarked({ text, blocks }: SlackMessage, remark: DraftPlace["remark"]): SlackMessage {
  return { text, blocks: present([paragraph(remark ?? []), ...blocks]) };
}
