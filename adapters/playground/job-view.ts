/** What the page and other programs get: the wire format of the playground's HTTP interface. */
export interface JobView {
  job_id: string;
  status: "queued" | "running" | "done" | "failed" | "cancelled";
  /** How many jobs start before this one; only while it waits. */
  position?: number;
  /** Only while it runs. */
  progress?: { done: number; total: number; text?: string };
  card: CardView | null;
  error: { kind: string; message: string } | null;
  /** Who asked. */
  user: string;
  /** What was typed or pressed. */
  text: string;
  /** Only this person sees it. */
  is_private: boolean;
  /** ISO 8601. */
  created_at: string;
  /** ISO 8601: until when the links of the card's pictures work; only where it has some. */
  links_expire_at?: string;
}

export interface CardView {
  text: string;
  /** A command to copy. */
  code?: string;
  asked_by?: string;
  images: ImageView[];
  fields: FieldView[];
  buttons: ButtonView[];
  notices: string[];
  /** The job in whose place this card is shown already; its own job shows nothing. */
  replaces?: string;
}

export interface FieldView {
  label: string;
  value: string;
  /** Opens the video that the label names at that time; presigned as pictures are. */
  moment_url?: string;
}

export interface ImageView {
  /** Presigned: works without signing in, for `LINK_TTL_SECONDS`. */
  url: string;
  alt: string;
  width_px: number;
  height_px: number;
  media_type: string;
  /** It is the thumbnail of a frame: there is no larger one. */
  is_thumbnail?: true;
}

export interface ButtonView {
  label: string;
  /** The value to send to `POST /api/actions`. */
  action: string;
  /** Put this into the input instead of sending the action. */
  prefill?: string;
  style?: "danger";
}

export interface CommandView {
  name: string;
  description: string;
  examples: string[];
  options: OptionView[];
}

export interface OptionView {
  name: string;
  /** A shorter name for typing. */
  alias?: string;
  type: "string" | "integer" | "number" | "choice" | "flag" | "image" | "video";
  description: string;
  required: boolean;
  /** The free text of the command, not behind a flag. */
  is_text: boolean;
  /** All values of a choice, or proposals for a string. */
  choices?: { name: string; value: string }[];
  min?: number;
  max?: number;
}

/** A page of what a channel shows, oldest first. */
export interface ChannelView {
  jobs: JobView[];
  /** Give it as `before` to get the page before this one; null at the beginning. */
  cursor: string | null;
}

/** A job as another platform would show it now. */
export interface PreviewView {
  status: JobView["status"];
  /** ISO 8601. */
  sent_at: string;
  /** What a notification says, in the platform's own mark-up. */
  text: string;
  /** The platform's own format, as it would be sent; empty where it would show nothing. */
  blocks: readonly unknown[];
  /** Shown to the person who asked alone. */
  is_for_person_only: boolean;
  /** What is shown for the ids of people in `text` and `blocks`. */
  names: Readonly<Record<string, string>>;
}
