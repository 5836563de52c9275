import { indexOf, type Right, type RightsParts, readsSecrets } from "./right.ts";

/** The webhook accepts: it writes the job down and queues it, and draws, stores and finds nothing. */
export function webhookRights(parts: RightsParts): Right[] {
  const { tables, queues } = parts.arns;
  return [
    ...readsSecrets(parts),
    { actions: ["sqs:SendMessage"], resources: [queues.jobs] },
    // Jobs, what a pressed button stands for, and what the adapters note.
    {
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
      resources: [tables.state],
    },
    // How many jobs the person has waiting, and the videos that a form or an option lists.
    {
      actions: ["dynamodb:Query"],
      resources: [indexOf(tables.state, "user"), indexOf(tables.state, "place")],
    },
    { actions: ["dynamodb:GetItem"], resources: [tables.videos] },
  ];
}
