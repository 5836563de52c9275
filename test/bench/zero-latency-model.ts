import sharp from "sharp";
import type { ImageModel } from "#core";

/** The side of the picture; small, so that what is measured is Atelier and not the picture. */
const SIDE_PX = 64;

export interface ZeroLatencyModel extends ImageModel {
  /** How often it was called. */
  callCount(): number;
}

/** A model that answers at once, always with the same small JPEG. */
export async function createZeroLatencyModel(): Promise<ZeroLatencyModel> {
  const background = { r: 120, g: 60, b: 30 };
  const create = { width: SIDE_PX, height: SIDE_PX, channels: 3 as const, background };
  const bytes = new Uint8Array(await sharp({ create }).jpeg().toBuffer());
  let calls = 0;
  return {
    id: "zero-latency",
    label: "Zero latency",
    outputFormats: ["jpeg"],
    initLimits: null,
    callCount: () => calls,
    async draw({ seed }) {
      calls += 1;
      return { bytes, mediaType: "image/jpeg", seed };
    },
  };
}
