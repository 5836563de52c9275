import { createPrivateKey, createPublicKey } from "node:crypto";

/** The PKCS #8 frame around the 32 bytes of an Ed25519 key (RFC 8410). */
const ED25519_FRAME = "302e020100300506032b657004220420";
const SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

/** What Discord signs interactions with: the first test key of RFC 8032. */
export const DISCORD_SIGNING_KEY = createPrivateKey({
  key: Buffer.from(ED25519_FRAME + SEED, "hex"),
  format: "der",
  type: "pkcs8",
});

const APP_ID = "1100000000000000400";

/** The app as Discord's developer portal would show it. */
export const DISCORD_APP = {
  id: APP_ID,
  /** Apps of today have a bot user of the same id. */
  botUserId: APP_ID,
  botName: "atelier",
  botToken: `${Buffer.from(APP_ID).toString("base64url")}.Gat3Wy.atelier-0123456789abcdefghijklmnop`,
  publicKey: createPublicKey(DISCORD_SIGNING_KEY)
    .export({ format: "der", type: "spki" })
    .subarray(-32)
    .toString("hex"),
} as const;

export const DISCORD_GUILD = { id: "1100000000000000100", name: "Studio" } as const;

export const DISCORD_USERS = {
  ana: "1100000000000000301",
  ben: "1100000000000000302",
  cleo: "1100000000000000303",
} as const;

export const DISCORD_CHANNELS = {
  /** The bot may do everything that it needs there. */
  studio: "1100000000000000201",
  drafts: "1100000000000000202",
  /** The bot sees it and may not write there. */
  lobby: "1100000000000000203",
  /** The bot does not see it. */
  board: "1100000000000000204",
  /** Age-restricted. */
  attic: "1100000000000000205",
  /** The bot may write there and attach nothing. */
  words: "1100000000000000206",
  /** A public thread in the studio. */
  thread: "1100000000000000211",
  /** The direct messages between each person and the bot. */
  dmOfAna: "1100000000000000221",
  dmOfBen: "1100000000000000222",
  dmOfCleo: "1100000000000000223",
  /** The direct messages of Ana and Ben: the bot is there only as an app that a person installed. */
  dmOfTwo: "1100000000000000224",
} as const;

/** https://docs.discord.com/developers/resources/channel#channel-object-channel-types */
export const DISCORD_CHANNEL_TYPE = { text: 0, dm: 1, groupDm: 3, publicThread: 11 } as const;

const { ana, ben, cleo } = DISCORD_USERS;
const { studio, drafts, lobby, board, attic, words, thread } = DISCORD_CHANNELS;
const { dmOfAna, dmOfBen, dmOfCleo, dmOfTwo } = DISCORD_CHANNELS;

export const DISCORD_NAMES: Readonly<Record<string, string>> = {
  [ana]: "ana",
  [ben]: "ben",
  [cleo]: "cleo",
  [DISCORD_APP.botUserId]: DISCORD_APP.botName,
};

export const DISCORD_GUILD_CHANNELS = [
  { id: studio, name: "studio" },
  { id: drafts, name: "drafts" },
  { id: lobby, name: "lobby" },
  { id: board, name: "board" },
  { id: attic, name: "attic" },
  { id: words, name: "words" },
  { id: thread, name: "a thread", parentId: studio },
] as const;

/** Who talks in which direct messages. */
export const DISCORD_DIRECT_CHANNELS: Readonly<Record<string, readonly string[]>> = {
  [dmOfAna]: [ana, DISCORD_APP.botUserId],
  [dmOfBen]: [ben, DISCORD_APP.botUserId],
  [dmOfCleo]: [cleo, DISCORD_APP.botUserId],
  [dmOfTwo]: [ana, ben],
};
