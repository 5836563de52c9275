import { describe, expect, it } from "vitest";
import { readHyperparameters } from "../../infra/training/hyperparameters.ts";
import { metricsIn } from "../../infra/training/metrics.ts";

const read = (given: object) => readHyperparameters(JSON.stringify(given));
const defaults = {
  scenes: 60_000,
  held_out_scenes: 1_500,
  steps: 1_562,
  batch_size: 384,
  learning_rate: 0.002,
  seed: 1,
  floor_frames: 10_500,
  checkpoint_steps: 100,
};

describe("the hyperparameters of a training", () => {
  it("are those of the built-in model where a job names none", () => {
    expect(readHyperparameters(null)).toEqual(defaults);
    expect(read({})).toEqual(defaults);
  });

  it("are strings, as SageMaker writes all of them, or JSON in strings, as its SDK does", () => {
    const given = { steps: "200", seed: '"7"', learning_rate: "1e-3", workers: " 2 " };
    const expected = { steps: 200, seed: 7, learning_rate: 0.001, workers: 2 };
    expect(read(given)).toEqual({ ...defaults, ...expected });
    expect(read({ steps: 200 }).steps).toBe(200);
  });

  it("may have SageMaker's own beside them", () => {
    const own = { sagemaker_region: '"us-west-2"', _tuning_objective_metric: "train:loss" };
    expect(read(own)).toEqual(defaults);
  });

  it("are refused all at once, each with what it takes", () => {
    const given = { steps: "many", learning_rate: "2", seed: "0", scens: "100", cats: "9" };
    expect(() => read(given)).toThrow(
      expect.objectContaining({
        kind: "invalid_input",
        message: expect.stringMatching(
          /steps takes a whole number from 4 to 1000000, not "many"; .*learning_rate takes a number from 0.00001 to 0.1, not "2"; seed takes .* not "0"; there is no scens, did you mean scenes\?; there is no cats\. There are scenes, /u,
        ),
      }),
    );
  });

  it("are refused when the workers would have too little to compare", () => {
    const message = "workers must leave each worker 16 frames of batch_size (64), not";
    expect(() => read({ workers: "8", batch_size: "64" })).toThrow(message);
    expect(read({ workers: "4", batch_size: "64" }).workers).toBe(4);
  });

  it.each(["[]", '"steps"', '{"steps":{"a":1}}', "{"])("are refused as %s", (text) => {
    expect(() => readHyperparameters(text)).toThrow(
      expect.objectContaining({ message: expect.stringContaining("hyperparameters.json") }),
    );
  });
});

describe("the metrics in a line", () => {
  it("are found by the expressions that SageMaker is given", () => {
    const line =
      "step=51 steps=200 edge_px=64 train_loss=3.2508 facts_loss=1.2 learning_rate=0.001000";
    const found = { "train:step": 51, "train:loss": 3.2508, "train:facts_loss": 1.2 };
    expect(metricsIn(line)).toEqual({ ...found, "train:learning_rate": 0.001 });
    expect(metricsIn("stage: writing the graphs")).toEqual({});
  });
});
