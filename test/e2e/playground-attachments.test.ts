import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { digestsOf, fieldOf, picturesOf } from "./atelier-client.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";

const processes = atelierProcesses();
let atelier: AtelierProcess;
beforeAll(async () => {
  atelier = await processes.start();
}, START_TIMEOUT_MS);

const photo = (red = 200) =>
  sharp({ create: { width: 160, height: 120, channels: 3, background: { r: red, g: 90, b: 40 } } });

/** A PNG whose header says 100,000 × 100,000 pixels; a few bytes that would decode to 40 GB. */
async function bomb(): Promise<Buffer> {
  const bytes = await photo().png().toBuffer();
  bytes.writeUInt32BE(100_000, 16);
  bytes.writeUInt32BE(100_000, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe("a picture that is attached", () => {
  it.each(["jpeg", "png", "webp", "gif"] as const)("is kept when it is a %s", async (format) => {
    const bytes = await photo().toFormat(format).toBuffer();
    const { status, body } = await atelier.postAttachment(bytes, `image/${format}`);
    expect(status).toBe(201);
    expect(body).toEqual({ id: expect.stringMatching(/^[0-9a-f]{64}$/u) });
    // Given twice, kept once.
    expect((await atelier.postAttachment(bytes, "image/x-anything")).body).toEqual(body);
  });

  it("is judged by its content and refused with a sentence when that is none", async () => {
    const jpeg = await photo().jpeg().toBuffer();
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    const cases: [string, Uint8Array, string, RegExp][] = [
      ["text", Buffer.from("not a picture at all"), "image/png", /not a picture I can read/],
      ["SVG", Buffer.from(svg), "image/svg+xml", /not a picture I can read/],
      ["nothing", Buffer.alloc(0), "image/png", /not a picture I can read/],
      ["cut short", jpeg.subarray(0, jpeg.length / 2), "image/jpeg", /damaged|not a picture/],
      ["a bomb", await bomb(), "image/png", /100,000 × 100,000 pixels/],
      ["no picture by its type", jpeg, "text/plain", /Only pictures/],
    ];
    for (const [name, bytes, type, message] of cases) {
      const { status, body } = await atelier.postAttachment(bytes, type);
      expect([name, status]).toEqual([name, 400]);
      expect(body).toEqual({
        error: "invalid_input",
        message: expect.stringMatching(message),
      });
    }
  });

  it("is refused when it is too large, and the connection is still good", async () => {
    const told = await atelier.postAttachment(Buffer.alloc(30_000_000, 1));
    expect([told.status, told.body.message]).toEqual([400, expect.stringContaining("25,000 kB")]);
    expect((await atelier.postAttachment(await photo().png().toBuffer())).status).toBe(201);
  });
});

describe("/restyle", () => {
  const attach = async (red: number) => {
    const { body } = await atelier.postAttachment(await photo(red).png().toBuffer());
    return String(body.id);
  };

  it("changes the picture that is attached, and asks the cache for that very picture", async () => {
    const restyle = async (red: number) =>
      atelier.command("/restyle as a winter evening --strength medium --seed 3", {
        attachments: [await attach(red)],
      });
    const first = await restyle(200);
    expect(first.card).toMatchObject({ text: "as a winter evening" });
    expect(fieldOf(first, "Strength")).toBe("0.6");
    const [image] = first.card?.images ?? [];
    // The shape of the picture that was given, 4:3.
    expect((image?.width_px ?? 0) / (image?.height_px ?? 1)).toBeCloseTo(4 / 3, 1);
    const other = await restyle(20);
    expect(fieldOf(other, "From the cache")).toBe("no");
    expect(await digestsOf(other)).not.toEqual(await digestsOf(first));
    expect(fieldOf(await restyle(200), "From the cache")).toBe("yes");
  });

  it("without one takes the last picture of the channel", async () => {
    const channel = "studio";
    const none = await atelier.command("/restyle in blue", { channel });
    expect(none).toMatchObject({ status: "failed", error: { kind: "invalid_input" } });
    await atelier.command("/imagine a first one --seed 1", { channel });
    await atelier.command("/imagine a last one --seed 2 --ar 16:9", { channel });
    const last = await atelier.command("/restyle in blue --seed 4", { channel });
    const [image] = last.card?.images ?? [];
    expect((image?.width_px ?? 0) / (image?.height_px ?? 1)).toBeCloseTo(16 / 9, 1);
  });

  it("takes the picture of a job by its number", async () => {
    const pair = await atelier.command("/imagine a pair --count 2 --seed 21");
    const restyle = (number: string) =>
      atelier.command(`/restyle --from ${pair.job_id}${number} --seed 9 -- in red`);
    const one = await restyle("#1");
    const two = await restyle("#2");
    expect(fieldOf(two, "From the cache")).toBe("no");
    expect(await digestsOf(one)).not.toEqual(await digestsOf(two));
    expect(fieldOf(await restyle(""), "From the cache")).toBe("yes");
    expect((await restyle("#3")).error).toEqual({
      kind: "not_found",
      message: `Job ${pair.job_id} has pictures 1 to 2.`,
    });
  });

  it("of an attachment that is not kept says so", async () => {
    const view = await atelier.command("/restyle in blue", { attachments: ["0".repeat(64)] });
    expect(view).toMatchObject({
      status: "failed",
      error: { kind: "not_found", message: expect.stringContaining("Attach it again") },
    });
  });

  it("with a strength that is none is refused", async () => {
    const refused = await atelier.postCommand("/restyle in blue --strength 2", {
      attachments: [await attach(5)],
    });
    expect(refused).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("--strength is subtle, medium, strong") },
    });
  });
});

it("every format carries its recipe and is what it says", async () => {
  for (const format of ["jpeg", "png", "webp"] as const) {
    const view = await atelier.command(`/imagine a stamp --format ${format}`);
    const [bytes = Buffer.alloc(0)] = await picturesOf(view);
    expect((await sharp(bytes).metadata()).format).toBe(format);
    expect(view.card?.images[0]?.media_type).toBe(`image/${format}`);
  }
});

// The last one here: where a sender does not say how much will come, the connection ends with it.
it("a picture that turns out to be too large is refused", async () => {
  const chunk = Buffer.alloc(1_000_000, 1);
  let left = 30;
  const streamed = await atelier.request("/api/attachments", {
    method: "POST",
    headers: { "Content-Type": "image/png" },
    body: new ReadableStream({
      pull(controller) {
        left -= 1;
        if (left < 0) controller.close();
        else controller.enqueue(chunk);
      },
    }),
    ...{ duplex: "half" },
  });
  expect(streamed.status).toBe(400);
});
