import type { RunningAtelier } from "./running-atelier.ts";

/** What anyone would do without Atelier: call the model and write its picture to the store. */
export async function drawDirectly(
  { model, storage }: RunningAtelier,
  name: string,
): Promise<void> {
  const { bytes, mediaType } = await model.draw(
    { prompt: "fox", aspectRatio: "1:1", seed: 1, outputFormat: "jpeg" },
    { signal: new AbortController().signal },
  );
  await storage.stores.outputs.put(`outputs/${name}.jpeg`, { bytes, mediaType });
}
