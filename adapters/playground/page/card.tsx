import { CardButtons } from "./card-buttons.tsx";
import type { Message } from "./channel-state.ts";
import { CodeBlock } from "./code-block.tsx";
import { Moments } from "./moments.tsx";
import { PictureGrid } from "./picture-grid.tsx";
import { previewUrl } from "./preview/preview.tsx";

const LONG_VALUE = 48;

/** What the page lets a card do. */
export interface CardActions {
  refresh: (jobId: string) => Promise<boolean>;
  press: (action: string) => Promise<unknown>;
  onPrefill: (text: string) => void;
  onOpen: (message: Message, index: number) => void;
  /** Plays the moment that the card's field at that place names. */
  onPlay: (message: Message, index: number) => void;
  /** Takes a waiting or running job back; null where there is no command for it. */
  cancel: ((jobId: string) => Promise<unknown>) | null;
}

/** The answer: pictures first, then what they were made from, then what to do next. */
export function Card({ message, actions }: { message: Message; actions: CardActions }) {
  const { job } = message;
  const { card } = job;
  if (card === null) return null;
  // What was asked for stands below the pictures, as a title; other texts introduce them.
  const isCaption = card.images.length > 0 && card.asked_by !== undefined;
  // Each stands below its frame.
  const isGridOfMoments =
    card.images.length === card.fields.length && card.images.every((image) => image.is_thumbnail);
  const hasMoments =
    isGridOfMoments || card.fields.some(({ moment_url }) => moment_url !== undefined);
  return (
    <div class="card">
      {card.text !== "" && !isCaption && <p class="card-text">{card.text}</p>}
      {card.images.length > 0 && (
        <PictureGrid
          images={card.images}
          message={message}
          refresh={() => actions.refresh(job.job_id)}
          onOpen={(index) => actions.onOpen(message, index)}
          moments={isGridOfMoments ? card.fields : []}
          onPlay={(index) => actions.onPlay(message, index)}
        />
      )}
      {card.text !== "" && isCaption && <p class="card-caption">{card.text}</p>}
      {hasMoments && !isGridOfMoments && (
        <Moments fields={card.fields} onPlay={(index) => actions.onPlay(message, index)} />
      )}
      {card.fields.length > 0 && !hasMoments && (
        <dl class="fields">
          {card.fields.map(({ label, value }) => (
            <div key={`${label} ${value}`} data-long={value.length > LONG_VALUE}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {card.code !== undefined && <CodeBlock code={card.code} />}
      {card.notices.length > 0 && (
        <ul class="notices">
          {card.notices.map((notice) => (
            <li key={notice}>{notice}</li>
          ))}
        </ul>
      )}
      <CardButtons buttons={card.buttons} press={actions.press} onPrefill={actions.onPrefill}>
        <a class="elsewhere" href={previewUrl(job)} target="_blank" rel="noopener">
          As in Slack
        </a>
      </CardButtons>
    </div>
  );
}
