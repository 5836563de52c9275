/** By the name in SageMaker: the name in the lines of `name=value` of train.py and measure.py. */
const metrics = {
  "train:loss": "train_loss",
  "train:facts_loss": "facts_loss",
  "train:learning_rate": "learning_rate",
  "train:step": "step",
  "validation:full_r1": "validation_full_r1",
  "validation:full_r5": "validation_full_r5",
  "validation:part_r1": "validation_part_r1",
  "validation:thing_map": "validation_thing_map",
  "validation:setting_map": "validation_setting_map",
} as const;

/** What a training tells of itself, as `AlgorithmSpecification.MetricDefinitions` of a job takes it. */
export const metricDefinitions = Object.entries(metrics).map(([Name, key]) => ({
  Name,
  Regex: `\\b${key}=([0-9.]+)`,
}));

/** The metrics of a line, by their names in SageMaker. */
export function metricsIn(line: string): Record<string, number> {
  return Object.fromEntries(
    metricDefinitions.flatMap(({ Name, Regex }) => {
      const [, value] = new RegExp(Regex, "u").exec(line) ?? [];
      return value === undefined ? [] : [[Name, Number(value)] as const];
    }),
  );
}
