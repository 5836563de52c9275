import { crc32 } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { createSharpPictures } from "../../src/drivers/sharp/sharp-pictures.ts";

const pictures = createSharpPictures();
const refusal = { kind: "invalid_input", code: "InvalidImage" };
const plain = (width: number, height: number, background = "#3c78c8") =>
  sharp({ create: { width, height, channels: 3, background } });

describe("preparing a picture that someone gave", () => {
  it("decodes two at once, and the others in their turn", async () => {
    const bytes = await plain(2_000, 1_500).png().toBuffer();
    let most = 0;
    const count = () => {
      const { queue, process } = sharp.counters();
      most = Math.max(most, queue + process);
    };
    sharp.queue.on("change", count);
    try {
      const prepared = await Promise.all([
        ...Array.from({ length: 4 }, () => pictures.prepare(bytes)),
        ...Array.from({ length: 4 }, () => pictures.convert(bytes, "webp")),
        ...Array.from({ length: 4 }, () =>
          pictures.fit(bytes, { minSidePx: 64, maxPixels: 1_000_000 }),
        ),
        pictures.prepare(bytes.subarray(0, 5_000)).catch(() => "refused"),
      ]);
      expect(prepared.at(-1)).toBe("refused");
    } finally {
      sharp.queue.off("change", count);
    }
    // sharp counts one off a moment after its promise is settled, when the next may have begun.
    expect([2, 3]).toContain(most);
  });

  it("turns it upright by its EXIF orientation", async () => {
    // The left half is red; orientation 6 turns a quarter clockwise, so red ends on top.
    const left = await plain(40, 60, "#ff0000").png().toBuffer();
    const lying = await plain(80, 60, "#0000ff")
      .composite([{ input: left, left: 0, top: 0 }])
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const made = await pictures.prepare(lying);
    expect([made.widthPx, made.heightPx, made.mediaType]).toEqual([60, 80, "image/jpeg"]);
    const half = { left: 0, top: 0, width: 60, height: 30 };
    const top = await sharp(await sharp(made.bytes).extract(half).png().toBuffer()).stats();
    expect(top.channels[0]?.mean).toBeGreaterThan(200);
    expect((await sharp(made.bytes).metadata()).orientation).toBeUndefined();
  });

  it("drops GPS, EXIF, XMP and colour profiles", async () => {
    const located = await plain(40, 30)
      .withExif({
        IFD0: { Artist: "someone" },
        IFD3: { GPSLatitudeRef: "N", GPSLatitude: "51/1 30/1 0/1" },
      })
      .withIccProfile("p3")
      .withXmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'>secret</x:xmpmeta>")
      .jpeg()
      .toBuffer();
    expect((await sharp(located).metadata()).exif).toBeDefined();
    const { exif, icc, xmp, iptc } = await sharp(
      (await pictures.prepare(located)).bytes,
    ).metadata();
    expect([exif, icc, xmp, iptc]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each(["jpeg", "png", "webp", "gif", "avif"] as const)(
    "takes %s and gives the same bytes each time",
    async (format) => {
      const given = await plain(64, 48).toFormat(format).toBuffer();
      const [one, other] = [await pictures.prepare(given), await pictures.prepare(given)];
      expect([one.widthPx, one.heightPx]).toEqual([64, 48]);
      expect(Buffer.from(one.bytes).equals(other.bytes)).toBe(true);
      expect(one.mediaType).toBe(format === "png" ? "image/png" : "image/jpeg");
      expect(await pictures.inspect(one.bytes)).toEqual({
        mediaType: one.mediaType,
        widthPx: 64,
        heightPx: 48,
      });
    },
  );

  it("keeps transparency, as PNG", async () => {
    const clear = await plain(20, 20).ensureAlpha(0.4).webp().toBuffer();
    const made = await pictures.prepare(clear);
    expect(made.mediaType).toBe("image/png");
    expect((await sharp(made.bytes).metadata()).hasAlpha).toBe(true);
  });

  it("drops an alpha channel that hides nothing", async () => {
    const made = await pictures.prepare(await plain(20, 20).ensureAlpha(1).webp().toBuffer());
    expect(made.mediaType).toBe("image/jpeg");
  });

  it("takes the first frame of an animated GIF", async () => {
    const frames = await Promise.all(
      ["#ff0000", "#00ff00"].map((color) => plain(24, 24, color).png().toBuffer()),
    );
    const animated = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(animated).metadata()).pages).toBe(2);
    const made = await pictures.prepare(animated);
    expect([made.widthPx, made.heightPx]).toEqual([24, 24]);
    expect((await sharp(made.bytes).stats()).channels[0]?.mean).toBeGreaterThan(200);
  });

  it("turns CMYK and 16-bit pictures into plain sRGB", async () => {
    const cmyk = await plain(30, 20, "#c83c3c").toColourspace("cmyk").jpeg().toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe("cmyk");
    const deep = await plain(30, 20).toColourspace("rgb16").png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe("ushort");
    for (const given of [cmyk, deep]) {
      const { space, depth, channels } = await sharp(
        (await pictures.prepare(given)).bytes,
      ).metadata();
      expect([space, depth, channels]).toEqual(["srgb", "uchar", 3]);
    }
  });

  it("scales down to the stored size and keeps the shape", async () => {
    const made = await createSharpPictures({ maxPixels: 10_000 }).prepare(
      await plain(400, 300).jpeg().toBuffer(),
    );
    expect(made.widthPx * made.heightPx).toBeLessThanOrEqual(10_000);
    expect(made.widthPx / made.heightPx).toBeCloseTo(4 / 3, 1);
  });
});

describe("refusing what is no picture", () => {
  it("names the size of a picture whose header claims too many pixels, without decoding it", async () => {
    const started = performance.now();
    await expect(pictures.prepare(pngClaiming(60_000, 60_000))).rejects.toMatchObject({
      ...refusal,
      message: "That picture is 60,000 × 60,000 pixels; send one of at most 50 megapixels.",
    });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it("names the size of a file that is too large", async () => {
    const tight = createSharpPictures({ maxBytes: 1_000_000 });
    await expect(tight.prepare(Buffer.alloc(1_500_000))).rejects.toMatchObject({
      ...refusal,
      message: "That file is 1.5 MB; send one of at most 1 MB.",
    });
  });

  it("refuses a JPEG that is cut short", async () => {
    const whole = await plain(400, 400).jpeg().toBuffer();
    await expect(pictures.prepare(whole.subarray(0, whole.length >> 1))).rejects.toMatchObject(
      refusal,
    );
  });

  it.each([
    [
      "SVG",
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>`,
      ),
    ],
    ["text", Buffer.from("hello, I am a text")],
    ["nothing", Buffer.alloc(0)],
    ["PDF", Buffer.from("%PDF-1.7\n1 0 obj")],
    ["TIFF", Buffer.from("49492a0008000000", "hex")],
    ["a lone PNG signature", Buffer.from("89504e470d0a1a0a", "hex")],
  ])("refuses %s and says what to send", async (_name, bytes) => {
    await expect(pictures.prepare(bytes)).rejects.toMatchObject({
      ...refusal,
      message: "That file is not a picture I can read. Send a JPEG, PNG, WebP, GIF or AVIF.",
    });
  });

  it("refuses a TIFF that sharp itself could read", async () => {
    await expect(pictures.prepare(await plain(9, 9).tiff().toBuffer())).rejects.toMatchObject(
      refusal,
    );
  });

  it("refuses HEIC by name", async () => {
    const heic = Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1");
    await expect(pictures.prepare(heic)).rejects.toThrow(/^HEIC pictures cannot be read here/);
  });
});

describe("fitting a picture to a model", () => {
  const limits = { minSidePx: 64, maxPixels: 1_000_000 };

  it.each([
    [640, 480],
    [32, 48],
    [20, 4000],
    [4000, 20],
    [1, 1],
    [3000, 1000],
    [64, 15_625],
    [50, 20_000],
  ])("keeps both bounds for %i × %i", async (width, height) => {
    const made = await pictures.fit(await plain(width, height).png().toBuffer(), limits);
    expect(Math.min(made.widthPx, made.heightPx)).toBeGreaterThanOrEqual(limits.minSidePx);
    expect(made.widthPx * made.heightPx).toBeLessThanOrEqual(limits.maxPixels);
    expect(await pictures.inspect(made.bytes)).toMatchObject({
      widthPx: made.widthPx,
      heightPx: made.heightPx,
    });
  });

  it("keeps the shape where both bounds allow it", async () => {
    const made = await pictures.fit(await plain(3000, 1500).jpeg().toBuffer(), limits);
    expect(made.widthPx / made.heightPx).toBeCloseTo(2, 1);
  });
});

describe("converting between formats", () => {
  it("gives back the same bytes for the format it is in", async () => {
    const png = await plain(20, 20).png().toBuffer();
    expect(await pictures.convert(png, "png")).toBe(png);
  });

  it.each(["jpeg", "png", "webp"] as const)("writes %s", async (format) => {
    const source = await plain(20, 10)
      .toFormat(format === "jpeg" ? "png" : "jpeg")
      .toBuffer();
    const made = await pictures.convert(source, format);
    expect(await pictures.inspect(made)).toEqual({
      mediaType: `image/${format}`,
      widthPx: 20,
      heightPx: 10,
    });
  });
});

/** A PNG whose header promises a size, with almost nothing behind it. */
function pngClaiming(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const frame = Buffer.alloc(8 + body.length);
    frame.writeUInt32BE(data.length, 0);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc32(body), 4 + body.length);
    return frame;
  };
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("IDAT", Buffer.from("789c030000000001", "hex")),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
