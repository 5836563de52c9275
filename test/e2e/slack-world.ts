import { afterAll, describe } from "vitest";
import { freePort } from "../servers/free-port.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import {
  type SlackProxy,
  type SlackProxyOptions,
  startSlackProxy,
} from "../servers/slack-proxy.ts";
import { SLACK_APP } from "../servers/slack-workspace.ts";
import { createSlackPeople, type SlackPeople } from "./slack-people.ts";
import { createSlackScreen, type SlackScreen } from "./slack-screen.ts";

export interface SlackWorld extends SlackPeople, SlackScreen {
  /**
   * What connects an Atelier process to it. Over HTTP it holds a `PORT` too, so that Slack knows
   * the address before the process runs, and still does after a restart.
   */
  environment: Readonly<Record<string, string>>;
  /** Slack's rules, faults and records. */
  proxy: SlackProxy;
}

/** `describe` for what needs a workspace: left out where local-slack has no build (Linux on x64). */
export const describeOnSlack = describe.skipIf(!localSlackIsInstalled());

/** To call once in a suite: the workspaces that it starts are gone after the suite. */
export function slackWorlds() {
  const proxies: SlackProxy[] = [];

  afterAll(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
  });

  return {
    /** A workspace of its own: who and what is in it says slack-workspace.ts. */
    async start(options: SlackProxyOptions): Promise<SlackWorld> {
      const port = await freePort();
      const proxy = await startSlackProxy({
        requestUrl: `http://127.0.0.1:${port}/slack/events`,
        ...options,
      });
      proxies.push(proxy);
      const ofTransport: Record<string, string> =
        options.transport === "socket"
          ? { SLACK_APP_TOKEN: SLACK_APP.appToken }
          : { SLACK_SIGNING_SECRET: SLACK_APP.signingSecret, PORT: String(port) };
      const screen = createSlackScreen(proxy);
      return {
        environment: {
          SLACK_BOT_TOKEN: SLACK_APP.botToken,
          SLACK_API_URL: proxy.apiUrl,
          ...ofTransport,
        },
        proxy,
        ...screen,
        ...createSlackPeople(proxy, screen),
      };
    },
  };
}
