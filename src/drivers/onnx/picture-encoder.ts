import { Tensor } from "onnxruntime-node";
import type { ClipModelFolder } from "./clip-model-folder.ts";
import { normalisePixels, preparePixels } from "./clip-preprocessing.ts";
import { embed, integers, openSession, outputOf, pictureShape, shapeOf } from "./clip-session.ts";

export interface PictureEncoder {
  dim: number;
  /** Decodes and scales, off this thread; several can be under way. */
  prepare(picture: Uint8Array): Promise<Float32Array>;
  /** Holds this thread until it is done. */
  encode(pixels: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** The folder's vision tower on one thread, already warm. Rejects with `misconfigured`. */
export async function openPictureEncoder(folder: ClipModelFolder): Promise<PictureEncoder> {
  const session = await openSession(folder.graphs.vision);
  const output = outputOf(session, folder.graphs.vision, ["image_embeds", "pooler_output"]);
  const shape = pictureShape(folder.pictures);
  const [, , height, width] = shape;
  const ids = folder.texts.isPaddedToFull ? folder.texts.tokensMax : 2;
  const length = Number(shapeOf(session, "input_ids")?.at(1)) || ids;
  const blankText = {
    ...integers(session, "input_ids", Array<number>(length).fill(0)),
    ...integers(session, "attention_mask", Array<number>(length).fill(1)),
  };
  const encode = (values: Float32Array) => {
    const feeds = { ...blankText, pixel_values: new Tensor("float32", values, shape) };
    return embed(session, feeds, output);
  };
  const grey = await encode(new Float32Array(3 * height * width).fill(0.5));
  return {
    dim: grey.length,
    prepare: async (picture) =>
      normalisePixels(await preparePixels(picture, folder.pictures), folder.pictures),
    encode,
    close: () => session.release(),
  };
}
