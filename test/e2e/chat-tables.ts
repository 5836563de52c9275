import { afterAll } from "vitest";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { type AtelierProcess, atelierProcesses } from "./atelier-process.ts";
import { onModelServer } from "./on-model-server.ts";

interface ChatFile {
  name: string;
  bytes: Uint8Array;
}

/** A message as a person sees it, on whichever platform. */
export interface ChatMessage {
  readonly channel: string;
  readonly id: string;
  /** All of its text. */
  readonly shown: string;
  /** What in it is text as it was written: nothing that the platform parses. */
  readonly literal: string;
  readonly buttons: readonly string[];
  readonly pictureIds: readonly string[];
  readonly alts: readonly string[];
  readonly links: readonly string[];
}

type MenuEntry = "Restyle this picture" | "Add this video" | "Find this in our videos";

export type Fits = string | RegExp | ((message: ChatMessage) => boolean);

/** What people do and see on a chat platform, as far as platforms have it in common. */
export interface Chat {
  /** What connects an Atelier process to it. */
  environment: Readonly<Record<string, string>>;
  /** Asks most of the time; owns what was asked for. */
  ana: string;
  ben: string;
  studio: string;
  /** The bot may not write there; what it says of that, and what it had to be refused to know it. */
  closed: { channel: string; says: string; refusal: string | null };
  command(user: string, channel: string, typed: string): Promise<void>;
  press(user: string, message: ChatMessage, label: string): Promise<void>;
  /** An entry in the message's menu. */
  fromMenu(user: string, message: ChatMessage, entry: MenuEntry): Promise<void>;
  upload(user: string, channel: string, file: ChatFile): Promise<ChatMessage>;
  /** Fills in the form that opens, and sends it. */
  sendForm(
    user: string,
    fields: Record<string, string>,
    files?: readonly ChatFile[],
    /** The field that takes the files; `Image` unless told. */
    fileField?: string,
  ): Promise<void>;
  /** The newest message for everyone that fits. */
  waitFor(channel: string, fits: Fits): Promise<ChatMessage>;
  /** The newest message for that person alone. */
  waitForPrivate(user: string, channel: string, fits: Fits): Promise<ChatMessage>;
  messages(channel: string): Promise<readonly ChatMessage[]>;
  find(message: ChatMessage): Promise<ChatMessage | null>;
  /** Of a picture that a message shows. */
  bytes(pictureId: string): Promise<Buffer>;
  /** What the platform did not take since this was last asked. */
  refusals(): readonly string[];
}

export interface ChatTable {
  chat: Chat;
  model: ModelServer;
  /** Ends the process and starts it anew on what it left. */
  restart(): Promise<void>;
}

/** To call once in a suite: Ateliers that draw at model servers. */
export function chatTables() {
  const processes = atelierProcesses();
  const models: ModelServer[] = [];

  afterAll(async () => {
    await Promise.all(models.map((model) => model.close()));
  });

  return {
    /** One process on all of these platforms. */
    async open(starting: readonly Promise<Chat>[]): Promise<ChatTable[]> {
      const [model, chats] = await Promise.all([startModelServer(), Promise.all(starting)]);
      models.push(model);
      const ofChats = chats.flatMap((chat) => Object.entries(chat.environment));
      const environment = { ...Object.fromEntries(ofChats), ...onModelServer(model) };
      let atelier: AtelierProcess = await processes.start({ environment });
      async function restart() {
        const { dataDir } = atelier;
        await atelier.stop();
        atelier = await processes.start({ environment, dataDir });
      }
      return chats.map((chat) => ({ chat, model, restart }));
    },
  };
}
