import { z } from "zod";

/** One value as CloudWatch counts it: under a name with these dimensions. */
export interface DataPoint {
  namespace: string;
  name: string;
  unit: string;
  dimensions: Readonly<Record<string, string>>;
  value: number;
  timestampMs: number;
}

const dimensionValue = z.string().regex(/^[\x20-\x7e]{1,1024}$/u);
const units = ["Count", "Milliseconds", "Seconds", "Bytes", "None"] as const;
const documentSchema = z.looseObject({
  _aws: z.strictObject({
    Timestamp: z.int().positive(),
    CloudWatchMetrics: z
      .array(
        z.strictObject({
          Namespace: z.string().min(1).max(1024),
          Dimensions: z.array(z.array(z.string().min(1).max(250)).max(30)).min(1),
          Metrics: z
            .array(z.strictObject({ Name: z.string().min(1).max(1024), Unit: z.enum(units) }))
            .min(1)
            .max(100),
        }),
      )
      .min(1),
  }),
});

/**
 * What CloudWatch Logs makes of a line: a value for each metric and set of dimensions; none for a
 * line that is no embedded metric. Throws where a line breaks the format, which CloudWatch drops in
 * silence. Source: CloudWatch User Guide, "Specification: Embedded metric format".
 */
export function readEmf(line: string): DataPoint[] {
  const content: unknown = JSON.parse(line);
  if (content === null || typeof content !== "object" || !("_aws" in content)) return [];
  const { _aws: metadata, ...members } = documentSchema.parse(content);
  return metadata.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name, Unit }) =>
      Dimensions.map((names) => ({
        namespace: Namespace,
        name: Name,
        unit: Unit,
        dimensions: Object.fromEntries(
          names.map((name) => [name, dimensionValue.parse(members[name])]),
        ),
        value: z.number().parse(members[Name]),
        timestampMs: metadata.Timestamp,
      })),
    ),
  );
}
