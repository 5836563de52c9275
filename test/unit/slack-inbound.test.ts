import { describe, expect, it } from "vitest";
import { createUrlCheck } from "../../adapters/slack/api/response-url.ts";
import {
  readModalMetadata,
  writeModalMetadata,
} from "../../adapters/slack/inbound/modal-metadata.ts";
import { SLACK_RESPONSE_URL_MS } from "../../adapters/slack/target.ts";
import { refusalOf, slackHere, slackInbound, slackNowMs } from "../fixtures/slack-inbound.ts";

const responseUrl = "https://hooks.slack.com/commands/1234/5678";
const late = { responseUrl, responseUrlUntilMs: slackNowMs + SLACK_RESPONSE_URL_MS };

/** As on docs.slack.dev/interactivity/implementing-slash-commands. */
const slash = (fields: Record<string, string> = {}) => ({
  token: "gIkuvaNzQIHg97ATvDxqgjtO",
  team_id: "T0001",
  team_domain: "example",
  channel_id: "C1",
  channel_name: "test",
  user_id: "U1",
  user_name: "Steve",
  command: "/imagine",
  text: "a red fox --ar 16:9",
  response_url: responseUrl,
  trigger_id: "13345224609.738474920.8088930838d88f008e0",
  api_app_id: "A123456",
  ...fields,
});

describe("a slash command from Slack", () => {
  it("becomes the line that was typed, and where its answer goes", () => {
    expect(slackInbound.readSlashCommand(slash())).toEqual({
      deliveryId: "command:13345224609.738474920.8088930838d88f008e0",
      triggerId: "13345224609.738474920.8088930838d88f008e0",
      line: "/imagine a red fox --ar 16:9",
      isEmpty: false,
      origin: { ...slackHere, ...late },
    });
  });

  it("is empty when nothing stands behind its name", () => {
    const { line, isEmpty } = slackInbound.readSlashCommand(slash({ text: "  " }));
    expect([line, isEmpty]).toEqual(["/imagine", true]);
  });

  it("is decoded once: what was typed as an entity stays one", () => {
    const text = "cats &amp; dogs &lt;3 &gt; birds, &amp;lt; &quot;";
    expect(slackInbound.readSlashCommand(slash({ text })).line).toBe(
      "/imagine cats & dogs <3 > birds, &lt; &quot;",
    );
  });

  it("is refused from another workspace, without its fields, or with another's response_url", () => {
    const { trigger_id: _trigger, ...partial } = slash();
    const cause = refusalOf(() => slackInbound.readSlashCommand(partial));
    expect(cause).toMatchObject({ kind: "invalid_input", cause: { name: "ZodError" } });
    for (const fields of [
      { team_id: "T0002" },
      { channel_id: "C1#shown" },
      { response_url: "https://hooks.slack.com.example.com/commands/1" },
      { response_url: "http://hooks.slack.com/commands/1" },
      { response_url: "https://hooks.slack.com:8443/commands/1" },
      { response_url: "https://u@hooks.slack.com/commands/1" },
      { response_url: "http://169.254.169.254/latest" },
    ]) {
      const { kind } = refusalOf(() => slackInbound.readSlashCommand(slash(fields)));
      expect([fields, kind]).toEqual([fields, "invalid_input"]);
    }
  });

  it("may be answered at the API that is set up, and at no other of its kind", () => {
    const isExpected = createUrlCheck("http://127.0.0.1:4000/api/");
    expect(isExpected("http://127.0.0.1:4000/_hooks/response/1")).toBe(true);
    expect(isExpected("http://127.0.0.1:4001/_hooks/response/1")).toBe(false);
    expect(isExpected(responseUrl)).toBe(true);
    expect(createUrlCheck("data:x")("data:y")).toBe(false);
  });
});

/** As on docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload. */
const shortcut = (message: Record<string, unknown>) => ({
  type: "message_action",
  callback_id: "restyle",
  trigger_id: "13345224609.8534564800.6f8ab1f53e13d0cd15f96106292d5536",
  response_url: "https://hooks.slack.com/app-actions/T0001/1/2",
  team: { id: "T0001", domain: "example" },
  channel: { id: "C1", name: "test" },
  user: { id: "U1", name: "steve" },
  message_ts: "1779999000.000100",
  message: { type: "message", user: "U2", ts: "1779999000.000100", text: "look", ...message },
});

describe("the message shortcut", () => {
  it("finds the message's pictures, among its files and in its blocks, each once", () => {
    const { pictures, hasOtherPictures } = slackInbound.readMessageShortcut(
      shortcut({
        files: [
          { id: "F1", mimetype: "image/png", title: "Harbour" },
          { id: "F2", mimetype: "application/pdf", title: "Plan" },
          { id: "F3", filetype: "jpg", name: "fox.jpg" },
          { id: "F4", file_access: "check_file_info" },
        ],
        blocks: [
          { type: "section", text: { type: "mrkdwn", text: "two foxes" } },
          { type: "image", alt_text: "A fox", slack_file: { id: "F5" } },
          { type: "image", alt_text: "Harbour again", slack_file: { id: "F1" } },
          {
            type: "image",
            alt_text: "A hen",
            image_url: "https://files.slack.com/files-pri/T0001-F6AB/hen.png",
          },
          { type: "image", alt_text: "Elsewhere", image_url: "https://example.com/x.png" },
        ],
      }),
    );
    expect(pictures).toEqual([
      { fileId: "F1", title: "Harbour" },
      { fileId: "F3", title: "fox.jpg" },
      { fileId: "F5", title: "A fox" },
      { fileId: "F6AB", title: "A hen" },
    ]);
    expect(hasOtherPictures).toBe(true);
  });

  it("takes a file's id from an address of Slack's own alone, and from its path", () => {
    const fileIdsOf = (url: string) => {
      const block = { type: "image", alt_text: "x", slack_file: { url } };
      const { pictures, hasOtherPictures } = slackInbound.readMessageShortcut(
        shortcut({ blocks: [block] }),
      );
      expect(hasOtherPictures).toBe(pictures.length === 0);
      return pictures.map(({ fileId }) => fileId);
    };
    const thumbnail = "/files-tmb/T0001-F6AB-1f2e3d/hen_360.png";
    expect(fileIdsOf(`https://files.slack.com${thumbnail}`)).toEqual(["F6AB"]);
    expect(fileIdsOf(`https://files.slack-gov.com${thumbnail}`)).toEqual(["F6AB"]);
    for (const url of [
      "https://evil.example/files-pri/T1-F0SECRET/x.png",
      "https://files.slack.com.evil.example/files-pri/T1-F0SECRET/x.png",
      "https://evilslack.com/files-pri/T1-F0SECRET/x.png",
      "http://files.slack.com/files-pri/T1-F0SECRET/x.png",
      "https://files.slack.com@evil.example/files-pri/T1-F0SECRET/x.png",
      "https://u@files.slack.com/files-pri/T1-F0SECRET/x.png",
      "https://files.slack.com/x?u=/files-pri/T1-F0SECRET/x.png",
      "https://files.slack.com/x#/files-pri/T1-F0SECRET/x.png",
      "https://files.slack.com/x/files-pri/T1-F0SECRET/x.png",
      "/files-pri/T1-F0SECRET/x.png",
    ]) {
      expect([url, fileIdsOf(url)]).toEqual([url, []]);
    }
  });

  it("finds what a forwarded message brings, and pictures beside a text", () => {
    const { pictures, hasOtherPictures } = slackInbound.readMessageShortcut(
      shortcut({
        blocks: [{ type: "section", accessory: { type: "image", slack_file: { id: "F1" } } }],
        attachments: [{ is_share: true, files: [{ id: "F2", mimetype: "image/heic" }] }, "?"],
      }),
    );
    expect(pictures.map(({ fileId }) => fileId)).toEqual(["F2", "F1"]);
    expect(hasOtherPictures).toBe(false);
  });

  it.each([
    ["a link's preview", { attachments: [{ title: "Foxes", image_url: "https://example.com/f" }] }],
    ["the small one of a preview", { attachments: [{ thumb_url: "https://example.com/t.png" }] }],
    [
      "another app's block",
      { blocks: [{ type: "image", alt_text: "x", image_url: "https://example.com/x.png" }] },
    ],
    [
      "another app's attachment",
      { attachments: [{ blocks: [{ type: "image", image_url: "https://example.com/x.png" }] }] },
    ],
  ])("knows of a picture that is not a file in Slack: %s", (_, message) => {
    expect(slackInbound.readMessageShortcut(shortcut(message))).toMatchObject({
      pictures: [],
      hasOtherPictures: true,
    });
  });

  it("takes no drawing of SVG for a picture, as nothing here can change one", () => {
    const files = [{ id: "F1", mimetype: "image/svg+xml", filetype: "svg" }];
    expect(slackInbound.readMessageShortcut(shortcut({ files })).pictures).toEqual([]);
  });

  it("is the same delivery when it is sent again, and answered in the message's thread", () => {
    const body = shortcut({ thread_ts: "1779000000.000200" });
    const read = slackInbound.readMessageShortcut(body);
    expect(read).toMatchObject({
      pictures: [],
      hasOtherPictures: false,
      origin: { ...slackHere, threadTs: "1779000000.000200" },
    });
    expect(read.deliveryId).toBe(slackInbound.readMessageShortcut(body).deliveryId);
    const other = slackInbound.readMessageShortcut({ ...body, trigger_id: "another" });
    expect(other.deliveryId).not.toBe(read.deliveryId);
  });
});

describe("a submitted modal", () => {
  const submission = (metadata: string, userId = "U1") => ({
    type: "view_submission",
    team: { id: "T0001" },
    user: { id: userId, team_id: "T0001" },
    view: {
      id: "V1",
      callback_id: "restyle",
      private_metadata: metadata,
      hash: "1.x",
      state: { values: { prompt: { prompt: { type: "plain_text_input", value: "as ink" } } } },
    },
  });

  it("brings back what was filled in and where it was opened, once however often it is sent", () => {
    const metadata = {
      origin: { ...slackHere, ...late },
      picture: { from: "k3v9#2" },
    };
    const body = submission(writeModalMetadata(metadata));
    expect(slackInbound.readSubmission(body)).toEqual({
      deliveryId: "submission:V1",
      commandName: "restyle",
      stateValues: { prompt: { prompt: { type: "plain_text_input", value: "as ink" } } },
      metadata,
    });
  });

  it("is refused when it was opened for someone else, or elsewhere, or says nothing of it", () => {
    const elsewhere = { ...slackHere, responseUrl: "https://example.com/", responseUrlUntilMs: 1 };
    for (const body of [
      submission(writeModalMetadata({ origin: slackHere }), "U2"),
      submission(writeModalMetadata({ origin: elsewhere })),
      submission(""),
      submission('{"origin":{"channel":1}}'),
      submission(JSON.stringify({ origin: slackHere, picture: "of-another" })),
    ]) {
      expect(refusalOf(() => slackInbound.readSubmission(body)).kind).toBe("invalid_input");
    }
  });

  it("keeps within Slack's 3,000 characters by leaving the response_url out", () => {
    const long = {
      ...slackHere,
      responseUrl: `${responseUrl}/${"x".repeat(2_900)}`,
      responseUrlUntilMs: 1,
    };
    const written = writeModalMetadata({ origin: long, picture: { fileId: "F1" } });
    expect(written.length).toBeLessThanOrEqual(3_000);
    expect(readModalMetadata(written)).toEqual({ origin: slackHere, picture: { fileId: "F1" } });
    const tooMuch = { origin: slackHere, picture: { from: "x".repeat(3_000) } };
    expect(refusalOf(() => writeModalMetadata(tooMuch)).kind).toBe("internal");
  });
});
