/** The app as Slack's settings would show it. */
export const SLACK_APP = {
  appId: "A01ATELIER",
  botUserId: "U0ATELIER",
  botName: "atelier",
  botToken: "xoxb-1111-2222-atelier",
  appToken: "xapp-1-A01ATELIER-3333-atelier",
  signingSecret: "8f742231b10e8888abcd99yyyzzz85a5",
} as const;

/** local-slack derives it from the bot's user. */
export const SLACK_BOT_ID = "B0ATELIER";

export const SLACK_TEAM = { teamId: "T01STUDIO", name: "Studio", domain: "studio" } as const;

export const SLACK_USERS = { ana: "U01ANA", ben: "U01BEN", cleo: "U01CLEO" } as const;

export const SLACK_CHANNELS = {
  /** Public, the bot and everyone in it. */
  studio: "C01STUDIO",
  /** Public, the bot in it, Ana and Ben in it, Cleo not. */
  drafts: "C01DRAFTS",
  /** Public, the bot not in it. */
  lobby: "C01LOBBY",
  /** Private, the bot not in it. */
  board: "C01BOARD",
  /** The direct messages between each person and the bot. */
  dmOfAna: "D01ANA",
  dmOfBen: "D01BEN",
  dmOfCleo: "D01CLEO",
  /** The direct messages of two people, the bot not in them. */
  dmOfTwo: "D01TWO",
} as const;

const { ana, ben, cleo } = SLACK_USERS;
const bot = SLACK_APP.botUserId;

/** local-slack's configuration: JSON is taken as well as YAML. */
export function localSlackConfig(requestUrl: string) {
  const channel = (id: string, name: string, members: readonly string[], more = {}) => ({
    id,
    name,
    members,
    ...more,
  });
  const direct = { is_channel: false, is_private: true, is_im: true };
  return {
    workspace: SLACK_TEAM,
    apps: [{ ...SLACK_APP, mode: "events", requestUrl }],
    users: [
      { id: ana, name: "ana", real_name: "Ana Prado" },
      { id: ben, name: "ben", real_name: "Ben Okoro" },
      { id: cleo, name: "cleo", real_name: "Cleo Lind" },
    ],
    channels: [
      channel(SLACK_CHANNELS.studio, "studio", [ana, ben, cleo, bot]),
      channel(SLACK_CHANNELS.drafts, "drafts", [ana, ben, bot]),
      channel(SLACK_CHANNELS.lobby, "lobby", [ana, ben, cleo]),
      channel(SLACK_CHANNELS.board, "board", [ana, ben], { is_private: true }),
      channel(SLACK_CHANNELS.dmOfAna, "dm-ana", [ana, bot], direct),
      channel(SLACK_CHANNELS.dmOfBen, "dm-ben", [ben, bot], direct),
      channel(SLACK_CHANNELS.dmOfCleo, "dm-cleo", [cleo, bot], direct),
      channel(SLACK_CHANNELS.dmOfTwo, "dm-two", [ana, ben], direct),
    ],
  };
}
