import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import {
  type AspectRatio,
  aspectRatios,
  type DrawRequest,
  type ImageModel,
  type OutputFormat,
  SEED_MAX,
} from "../../src/ports/index.ts";

export interface ImageModelContractOptions {
  /** The same request gives the same bytes. Default true. */
  deterministic?: boolean;
  /** Width : height is exactly the ratio asked for, not only within 1 %. Default false. */
  exactRatio?: boolean;
  /** How many upstream calls were received so far; where given, an aborted call must add none. */
  upstreamCalls?: () => number;
  /** Resolves once a call is under way, so that aborting it is an abort in mid-call. */
  underWay?: () => Promise<void>;
}

/** Proves that a driver keeps the contract of ImageModel. `makeModel` is called once. */
export function imageModelContract(
  name: string,
  makeModel: () => ImageModel | Promise<ImageModel>,
  options: ImageModelContractOptions = {},
): void {
  const { deterministic = true, exactRatio = false, upstreamCalls, underWay } = options;

  describe(`${name} keeps the contract of ImageModel`, () => {
    let model: ImageModel;
    beforeAll(async () => {
      model = await makeModel();
    });

    it("says what it is", () => {
      expect(model.id).toMatch(/^\S+$/);
      expect(model.label.length).toBeGreaterThan(0);
      expect(model.outputFormats.length).toBeGreaterThan(0);
    });

    it.each(aspectRatios)("draws %s in that shape", async (aspectRatio) => {
      const drawing = await model.draw(request(model, { aspectRatio }), live());
      const { width, height } = await sharp(drawing.bytes).metadata();
      const wanted = ratioOf(aspectRatio);
      const off = Math.abs(width / height / wanted - 1);
      expect(off).toBeLessThanOrEqual(exactRatio ? 1e-12 : 0.01);
    });

    it("answers with the media type that the bytes have, in every format it lists", async () => {
      for (const outputFormat of model.outputFormats) {
        const drawing = await model.draw(request(model, { outputFormat }), live());
        expect(drawing.mediaType).toBe(`image/${outputFormat}`);
        expect(sniff(drawing.bytes)).toBe(outputFormat);
      }
    });

    it("says which seed it used", async () => {
      const { seed } = await model.draw(request(model), live());
      expect(Number.isInteger(seed)).toBe(true);
      expect(seed).toBeGreaterThanOrEqual(0);
      expect(seed).toBeLessThanOrEqual(SEED_MAX);
    });

    it("takes the highest seed, a negative prompt and a prompt of 10,000 characters", async () => {
      const wanted = request(model, {
        prompt: "a harbour, ".repeat(1_000).slice(0, 10_000),
        negativePrompt: "boats, people & <fog>",
        seed: SEED_MAX,
      });
      expect((await model.draw(wanted, live())).bytes.length).toBeGreaterThan(0);
    });

    it.runIf(deterministic)("draws the same picture for the same request", async () => {
      const first = await model.draw(request(model), live());
      const second = await model.draw(request(model), live());
      expect(Buffer.from(second.bytes).equals(first.bytes)).toBe(true);
    });

    it("starts from a given picture where it says it can, and refuses where it cannot", async () => {
      const limits = model.initLimits;
      if (limits === null) {
        const init = { ...(await picture(96, 64, "png")), strength: 0.5 };
        const drawn = model.draw(request(model, { init }), live());
        await expect(drawn).rejects.toMatchObject({ kind: "invalid_input" });
        return;
      }
      const side = limits.minSidePx;
      for (const [width, height, format] of [
        [Math.max(side, 96), Math.max(side, 64), "png"],
        [Math.max(side, 64), Math.max(side, 96), "jpeg"],
        [side, side, "webp"],
      ] as const) {
        const init = { ...(await picture(width, height, format)), strength: 0.5 };
        const drawing = await model.draw(request(model, { aspectRatio: "21:9", init }), live());
        const drawn = await sharp(drawing.bytes).metadata();
        expect(Math.abs(drawn.width / drawn.height / (width / height) - 1)).toBeLessThan(0.02);
      }
    });

    it("does no work for a signal that is aborted already", async () => {
      const before = upstreamCalls?.();
      const drawn = model.draw(request(model), { signal: AbortSignal.abort() });
      await expect(drawn).rejects.toBeDefined();
      expect(upstreamCalls?.()).toBe(before);
    });

    it("names a deadline that has passed unavailable, with the code Timeout", async () => {
      const signal = AbortSignal.abort(new DOMException("Too slow.", "TimeoutError"));
      const thrown: unknown = await model.draw(request(model), { signal }).catch((e: unknown) => e);
      expect(thrown).toBeInstanceOf(AtelierError);
      expect(thrown).toMatchObject({ kind: "unavailable", code: "Timeout" });
    });

    it("stops when the signal aborts in mid-call", async () => {
      const controller = new AbortController();
      const drawn = model.draw(request(model), { signal: controller.signal });
      const outcome = drawn.then(
        () => "drawn",
        () => "rejected",
      );
      await underWay?.();
      controller.abort();
      expect(await outcome).toBe("rejected");
    });
  });
}

/** A request that every model can draw; `changes` replace fields. */
export function request(model: ImageModel, changes: Partial<DrawRequest> = {}): DrawRequest {
  const [outputFormat = "jpeg"] = model.outputFormats;
  return {
    prompt: "a red fox in the snow at sunset",
    aspectRatio: "1:1",
    seed: 7,
    outputFormat,
    ...changes,
  };
}

/** A picture with some structure: a two-tone gradient with a disc. */
export async function picture<F extends OutputFormat>(
  widthPx: number,
  heightPx: number,
  format: F,
) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}">
    <linearGradient id="g" x2="0" y2="1"><stop stop-color="#7db8e8"/><stop offset="1" stop-color="#3c7a4a"/></linearGradient>
    <rect width="100%" height="100%" fill="url(#g)"/><circle cx="50%" cy="50%" r="20%" fill="#d96c3a"/></svg>`;
  const bytes: Uint8Array = await sharp(Buffer.from(svg))
    .flatten({ background: "#fff" })
    .toFormat(format)
    .toBuffer();
  const mediaType: `image/${F}` = `image/${format}`;
  return { bytes, mediaType };
}

function live(): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(20_000) };
}

function ratioOf(aspectRatio: AspectRatio): number {
  const [width = 1, height = 1] = aspectRatio.split(":").map(Number);
  return width / height;
}

/** The format by the first bytes, so that nobody's own claim is believed. */
function sniff(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\xff\xd8\xff")) return "jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "webp";
  return "unknown";
}
