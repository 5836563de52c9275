import { randomUUID } from "node:crypto";
import { type JsonRecord, recordOf, recordsOf, textOf } from "./json-record.ts";
import { SLACK_APP, SLACK_BOT_ID, SLACK_TEAM } from "./slack-workspace.ts";

/** https://docs.slack.dev/apis/events-api#event-type-structure */
export function eventCallback(event: JsonRecord): JsonRecord {
  return {
    token: "verification-token",
    team_id: SLACK_TEAM.teamId,
    api_app_id: SLACK_APP.appId,
    event,
    type: "event_callback",
    event_id: `Ev${randomUUID().replaceAll("-", "").slice(0, 12).toUpperCase()}`,
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: SLACK_TEAM.teamId,
        user_id: SLACK_APP.botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
  };
}

/**
 * Slack tells an app with message.im of its own messages in a direct message too, and of each of
 * their edits: a bot that answers those talks to itself.
 */
export function ownMessageEvent(method: string, channel: string, answer: JsonRecord): JsonRecord {
  const message = recordOf(answer.message);
  const ts = textOf(answer.ts);
  const common = { type: "message", channel, channel_type: "im", event_ts: ts, ts };
  if (method !== "chat.update") {
    return { ...message, ...common, user: SLACK_APP.botUserId, bot_id: SLACK_BOT_ID };
  }
  return {
    ...common,
    subtype: "message_changed",
    hidden: true,
    message,
    previous_message: message,
  };
}

/** Slack's times always have six decimals. */
function slackTime(): string {
  return (Date.now() / 1000).toFixed(6);
}

/** local-slack leaves the decimals out where they are zero, once in a thousand presses. */
export function withExactTimes(press: JsonRecord): JsonRecord {
  const actions = recordsOf(press.actions).map((action) => ({
    ...action,
    action_ts: Number(action.action_ts).toFixed(6),
  }));
  return actions.length === 0 ? press : { ...press, actions };
}

/**
 * A press of a button on an ephemeral message comes without the message
 * (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload).
 */
export function onEphemeral(payload: JsonRecord): JsonRecord {
  const { message: _message, ...rest } = payload;
  return { ...rest, container: { ...recordOf(payload.container), is_ephemeral: true } };
}

/** https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload */
export function messageShortcut(press: JsonRecord, callbackId: string): JsonRecord {
  const { actions: _actions, state: _state, container: _container, message, ...rest } = press;
  return {
    ...rest,
    type: "message_action",
    callback_id: callbackId,
    action_ts: slackTime(),
    message_ts: recordOf(message).ts,
    message,
    enterprise: null,
  };
}

/** A global shortcut has neither a channel nor a message, and so no response_url. */
export function globalShortcut(press: JsonRecord, callbackId: string): JsonRecord {
  const { type: _type, token, team, user, trigger_id, is_enterprise_install } = press;
  return {
    type: "shortcut",
    token,
    action_ts: slackTime(),
    team,
    user,
    is_enterprise_install,
    enterprise: null,
    callback_id: callbackId,
    trigger_id,
  };
}

/** A press in a view (App Home or a dialog) comes with the view instead of a message. */
export function pressInView(press: JsonRecord, view: JsonRecord, action: JsonRecord): JsonRecord {
  const { message: _m, channel: _c, response_url: _r, actions: _a, ...rest } = press;
  return {
    ...rest,
    container: { type: "view", view_id: view.id },
    view,
    actions: [{ ...action, action_ts: slackTime() }],
  };
}
