import { AtelierError } from "../../errors.ts";
import type { AspectRatio, Drawing, DrawRequest, ImageModel } from "../../ports/index.ts";
import { effects, grain } from "./effects.ts";
import { createRandom, hashText } from "./random.ts";
import { type Raster, readRaster, writeRaster } from "./raster.ts";
import { restyle } from "./restyle.ts";
import { planScene } from "./scene-plan.ts";
import { sceneSvg } from "./scene-svg.ts";

/** About one megapixel each, in exactly the ratio asked for. */
const sketchSizesPx: Readonly<Record<AspectRatio, readonly [width: number, height: number]>> = {
  "1:1": [1024, 1024],
  "16:9": [1344, 756],
  "21:9": [1568, 672],
  "2:3": [832, 1248],
  "3:2": [1248, 832],
  "4:5": [896, 1120],
  "5:4": [1120, 896],
  "9:16": [756, 1344],
  "9:21": [672, 1568],
};

/**
 * The model that needs no account: it composes a scene from the words of the prompt, or restyles
 * a given picture, and draws it with sharp. The same request gives the same bytes in one build.
 */
export function createSketchImageModel(): ImageModel {
  return {
    id: "sketch",
    label: "Sketch (built in)",
    outputFormats: ["jpeg", "png", "webp"],
    initLimits: { minSidePx: 16, maxPixels: 4_194_304 },
    notice:
      "Drawn by the built-in sketch model, which is no generator. To draw with Stable Diffusion, set IMAGE_MODEL=bedrock (see the README).",
    async draw(request, { signal }): Promise<Drawing> {
      stopIfAborted(signal);
      const raster =
        request.init === undefined
          ? await drawScene(request, signal)
          : await redraw(request, request.init, signal);
      stopIfAborted(signal);
      const bytes = await writeRaster(raster, request.outputFormat);
      stopIfAborted(signal);
      return { bytes, mediaType: `image/${request.outputFormat}`, seed: request.seed };
    },
  };
}

async function drawScene(
  { prompt, negativePrompt, aspectRatio, seed }: DrawRequest,
  signal: AbortSignal,
): Promise<Raster> {
  const [widthPx, heightPx] = sketchSizesPx[aspectRatio];
  const plan = planScene(prompt, negativePrompt ?? "", seed);
  let raster = await readRaster(Buffer.from(sceneSvg(plan, seed, widthPx, heightPx)));
  const random = createRandom(hashText(`finish:${seed}`));
  for (const style of plan.styles) {
    stopIfAborted(signal);
    // These three are in the palette already; doing it twice would wash the picture out.
    if (style === "pastel" || style === "dark" || style === "contrast") continue;
    raster = await effects[style](raster, random.fork(style));
  }
  return plan.styles.some((style) => style === "pixel" || style === "ink")
    ? raster
    : grain(raster, random, 7);
}

async function redraw(
  request: DrawRequest,
  init: NonNullable<DrawRequest["init"]>,
  signal: AbortSignal,
): Promise<Raster> {
  const picture = await readRaster(init.bytes).catch((cause: unknown) => {
    throw new AtelierError(
      "invalid_input",
      "That picture cannot be read. Send it again as a JPEG or PNG.",
      {
        cause,
        code: "InvalidImage",
      },
    );
  });
  stopIfAborted(signal);
  return restyle(
    picture,
    request.prompt,
    request.negativePrompt ?? "",
    request.seed,
    init.strength,
  );
}

/** A deadline becomes `unavailable` as the port says; any other reason is the caller's own. */
function stopIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const reason: unknown = signal.reason;
  if (reason instanceof DOMException && reason.name === "TimeoutError") {
    throw new AtelierError("unavailable", "Drawing took too long. Try again in a moment.", {
      cause: reason,
      code: "Timeout",
    });
  }
  throw reason;
}
