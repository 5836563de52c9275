import { type JsonRecord, recordOf, recordsOf, textOf } from "./json-record.ts";
import { blocksProblems, withBlockIds } from "./slack-blocks-gate.ts";
import type { Acknowledgement, DeliveryKind } from "./slack-deliveries.ts";
import type { SlackFiles } from "./slack-files.ts";

interface Taken {
  /** What local-slack is to do. */
  readonly answer: JsonRecord;
  /** What Slack would not have shown. */
  readonly problems: readonly string[];
}

const NOTHING: Taken = { answer: {}, problems: [] };
/** Slack leaves the dialog open and says that the app could not be reached; local-slack would close it. */
const DIALOG_STAYS: JsonRecord = { response_action: "errors", errors: {} };

/** Reads what the bot said with its acknowledgement as Slack would; null: there was none in time. */
export async function readAcknowledgement(
  kind: DeliveryKind,
  payload: JsonRecord,
  taken: Acknowledgement | null,
  files: SlackFiles,
): Promise<Taken> {
  if (payload.type === "view_submission") return readDialogAnswer(payload, taken, files);
  if (taken === null || kind !== "slash_commands") return NOTHING;
  const { answer } = taken;
  if (answer === "") return NOTHING;
  const said: JsonRecord = typeof answer === "string" ? { text: answer } : recordOf(answer);
  if (said.text === undefined && said.blocks === undefined) return NOTHING;
  const problems = await blocksProblems({ text: said.text, blocks: said.blocks }, "message", files);
  if (problems.length > 0) return { answer: {}, problems };
  // Unlike local-slack, Slack shows an answer to a command to that person alone unless told otherwise.
  return { answer: withBlockIds({ response_type: "ephemeral", ...said }), problems };
}

async function readDialogAnswer(
  payload: JsonRecord,
  taken: Acknowledgement | null,
  files: SlackFiles,
): Promise<Taken> {
  if (taken === null) return { answer: DIALOG_STAYS, problems: [] };
  const said = recordOf(taken.answer);
  if (said.response_action === "errors") {
    const fields = recordsOf(recordOf(payload.view).blocks).map(({ block_id }) => block_id);
    const unknown = Object.keys(recordOf(said.errors)).filter((id) => !fields.includes(id));
    const problems = unknown.map(
      (id) => `the dialog has no field "${textOf(id)}" to show an error at`,
    );
    return { answer: problems.length > 0 ? DIALOG_STAYS : said, problems };
  }
  if (said.view === undefined) return { answer: said, problems: [] };
  const problems = await blocksProblems({ view: said.view }, "modal", files);
  return { answer: problems.length > 0 ? DIALOG_STAYS : withBlockIds(said), problems };
}
