import { App, HTTPReceiver, type Logger, LogLevel, SocketModeReceiver } from "@slack/bolt";
import { freePort } from "../servers/free-port.ts";
import type { SlackProxy } from "../servers/slack-proxy.ts";
import { SLACK_APP } from "../servers/slack-workspace.ts";

/** The SDK writes each refusal to the console otherwise; here they are what is tested. */
export const quietSlackLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

export type SmallBot = Awaited<ReturnType<typeof startSmallBot>>;

/** A real Bolt app that does one of everything, to see what the proxy makes of it. */
export async function startSmallBot(proxy: SlackProxy, transport: "socket" | "http") {
  const { botToken: token, appToken, signingSecret } = SLACK_APP;
  const port = await freePort();
  const clientOptions = { slackApiUrl: proxy.apiUrl };
  const logger = quietSlackLogger;
  const receiver =
    transport === "http"
      ? new HTTPReceiver({ signingSecret, logger })
      : new SocketModeReceiver({
          appToken,
          logger,
          installerOptions: { clientOptions },
          // It waits as long as this before it connects again: 5 s otherwise.
          clientPingTimeout: 1000,
        });
  const app = new App({ token, clientOptions, logger, receiver });
  const heard: string[] = [];
  /** How long the next acknowledgement of each command waits. */
  let ackAfterMs = 0;

  app.command("/imagine", async ({ ack, command, client, respond }) => {
    heard.push(`command ${command.text}`);
    await new Promise((resolve) => setTimeout(resolve, ackAfterMs));
    await ack(`queued ${command.text}`);
    if (command.text === "dialog") {
      await client.views.open({ trigger_id: command.trigger_id, view: dialog("Prompt") });
    }
    for (let times = 0; command.text === "chatty" && times < 6; times += 1) {
      const said = await respond(`line ${times}`).catch((thrown: Error) => thrown.message);
      heard.push(`respond ${times}: ${typeof said === "string" ? said : "taken"}`);
    }
    if (command.text !== "buttons") return;
    const text = { type: "plain_text" as const, text: "Again" };
    const blocks = [{ type: "actions" as const, elements: [{ type: "button" as const, text }] }];
    await client.chat.postMessage({ channel: command.channel_id, text: "here", blocks });
    await respond({ text: "yours alone", blocks });
  });
  app.action(/.*/u, async ({ ack, body, respond }) => {
    await ack();
    const { type, is_ephemeral } = "container" in body ? body.container : {};
    heard.push(`press in ${String(type)} ephemeral ${String(is_ephemeral)}`);
    if (type === "message") await respond({ text: "pressed", replace_original: true });
  });
  app.view("picture", async ({ ack, view, body }) => {
    const [block] = view.blocks;
    const values = Object.values(view.state.values).flatMap(Object.values);
    const [typed, picture] = [values[0], values[1]];
    if (typed?.value === "bad" && block?.block_id !== undefined) {
      await ack({ response_action: "errors", errors: { [block.block_id]: "Say it nicely." } });
      return;
    }
    await ack();
    const url = picture !== undefined && "files" in picture ? fileUrl(picture.files) : "";
    heard.push(`view ${String(typed?.value)} of ${body.user.id} ${url}`);
  });
  app.shortcut("restyle", async ({ ack, shortcut, client }) => {
    await ack();
    const text = shortcut.type === "message_action" ? shortcut.message.text : "nothing";
    heard.push(`shortcut on ${text}`);
    await client.views.open({ trigger_id: shortcut.trigger_id, view: dialog("Style") });
  });
  app.event("app_mention", async ({ event, say }) => {
    heard.push(`mention ${event.event_ts} ${event.text}`);
    await say({ text: "at your service", thread_ts: event.thread_ts ?? event.ts });
  });
  app.message(async ({ message }) => {
    heard.push(`message ${message.subtype ?? "plain"}`);
  });
  app.event("app_home_opened", async ({ event, client }) => {
    const text = { type: "mrkdwn" as const, text: "Your pictures" };
    const accessory = {
      type: "button" as const,
      text: { type: "plain_text" as const, text: "More" },
    };
    await client.views.publish({
      user_id: event.user,
      view: { type: "home", blocks: [{ type: "section", text, accessory }] },
    });
  });
  if (transport === "http") proxy.deliverTo(`http://127.0.0.1:${port}/slack/events`);
  await app.start(transport === "http" ? port : 0);

  return {
    client: app.client,
    url: `http://127.0.0.1:${port}/slack/events`,
    heard,
    acknowledgeAfter(ms: number) {
      ackAfterMs = ms;
    },
    stop: () => app.stop(),
  };
}

function fileUrl(files: unknown): string {
  const [first] = Array.isArray(files) ? files : [];
  return String(first?.url_private);
}

function dialog(label: string) {
  const text = (words: string) => ({ type: "plain_text" as const, text: words });
  return {
    type: "modal" as const,
    callback_id: "picture",
    title: text("Picture"),
    submit: text("Draw"),
    blocks: [
      {
        type: "input" as const,
        block_id: "prompt",
        label: text(label),
        element: { type: "plain_text_input" as const, action_id: "typed", initial_value: "a fox" },
      },
      {
        type: "input" as const,
        block_id: "picture",
        optional: true,
        label: text("Picture"),
        element: { type: "file_input" as const, action_id: "files" },
      },
    ],
  };
}
