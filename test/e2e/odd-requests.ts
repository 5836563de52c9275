import fc from "fast-check";
import sharp from "sharp";

export interface OddRequest {
  path: string;
  method: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

const anyText = (maxLength = 200) =>
  fc.oneof(
    fc.string({ unit: "binary", maxLength }),
    fc.string({ unit: "grapheme", maxLength }),
    fc.constantFrom(
      "",
      " ",
      "\0",
      "\ud800",
      "a\u0000b",
      "‮",
      "İ",
      "ﬃ",
      "👩‍👩‍👧",
      "x".repeat(11_990),
    ),
  );
const flag = fc.constantFrom(
  ..."ar ratio seed no negative style count model format private strength from job".split(" "),
);
const flagValue = fc.oneof(
  anyText(40),
  fc.constantFrom("16:9", "1:1", "0", "-1", "1e9", "NaN", "4294967295", "٣", '"', '"a', "\\", "“x"),
  fc.constantFrom(
    "jpeg",
    "gif",
    "__proto__",
    "constructor",
    "toString",
    "../../etc/passwd",
    "a#99",
  ),
);
const commandName = fc.oneof(
  fc.constantFrom("imagine", "restyle", "show", "cancel", "history", "help", "IMAGINE", "imagin"),
  fc.constantFrom("reroll", "delete", "__proto__", "constructor", "hasOwnProperty"),
  anyText(30),
);
const dash = fc.constantFrom("--", "—", "–", "---", "-", "-- ");
const commandLine = fc
  .tuple(commandName, anyText(), fc.array(fc.tuple(dash, flag, flagValue), { maxLength: 4 }))
  .map(([name, text, flags]) => {
    const words = flags.map(([dashes, each, value]) => `${dashes}${each} ${value}`);
    return `/${name} ${text} ${words.join(" ")}`;
  });
const user = fc.oneof(
  fc.integer({ min: 1, max: 150 }).map((number) => `person ${number}`),
  anyText(40),
);
const channel = fc.oneof(fc.constantFrom("general", "odd", "A", ""), anyText(60));
const jobId = fc.oneof(
  fc.stringMatching(/^[a-z0-9]{12}$/),
  fc.constantFrom("", "..", "%00", "%", "a".repeat(3_000), "%F0%9F%98%80", "job#1", "__proto__"),
  anyText(60),
);
const action = fc.oneof(
  fc
    .tuple(fc.constantFrom("info", "delete", "reroll", "imagine", "x"), jobId)
    .map(([name, id]) => `v1.${name}.${id}.0`),
  anyText(150),
);
const contentType = fc.constantFrom(
  ...["application/json", "application/json", "application/json; charset=utf-16", "text/plain"],
  ...["multipart/form-data", "application/x-www-form-urlencoded", "image/png", ""],
);
const headerText = fc.stringMatching(/^[\x21-\x7e]{0,60}$/);

const json = (path: string, body: fc.Arbitrary<unknown>): fc.Arbitrary<OddRequest> =>
  fc.tuple(body, contentType, headerText).map(([value, type, key]) => ({
    path,
    method: "POST",
    headers: { "Content-Type": type, ...(key === "" ? {} : { "Idempotency-Key": key }) },
    body: JSON.stringify(value) ?? "undefined",
  }));

const commandBody = fc.record(
  {
    text: fc.oneof({ weight: 5, arbitrary: commandLine }, fc.jsonValue()),
    user: fc.oneof({ weight: 4, arbitrary: user }, fc.jsonValue()),
    channel: fc.oneof({ weight: 4, arbitrary: channel }, fc.jsonValue()),
    attachments: fc.oneof(fc.array(jobId, { maxLength: 6 }), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const plainCommand = fc.record({
  text: commandLine,
  user: fc.integer({ min: 1, max: 150 }).map((number) => `person ${number}`),
});
const generateBody = fc.record(
  {
    prompt: fc.oneof({ weight: 5, arbitrary: anyText() }, fc.jsonValue()),
    aspect_ratio: fc.oneof(fc.constantFrom("1:1", "16:9"), fc.jsonValue()),
    seed: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
    model: fc.oneof(anyText(300), fc.jsonValue()),
    strength: fc.oneof(fc.double(), fc.jsonValue()),
    negative_prompt: fc.oneof(anyText(), fc.jsonValue()),
    output_format: fc.oneof(fc.constantFrom("png", "webp"), fc.jsonValue()),
    init_image_s3: fc.oneof(
      anyText(60).map((key) => `s3://local/${key}`),
      anyText(60),
    ),
  },
  { requiredKeys: [] },
);

const pathAndQuery: fc.Arbitrary<OddRequest> = fc
  .tuple(
    fc.constantFrom("GET", "GET", "GET", "HEAD", "DELETE", "PUT", "OPTIONS", "PATCH"),
    fc.constantFrom(
      ...["/api/jobs/", "/api/channels/", "/files/", "/files/outputs/2026/11/21/", "/assets/", "/"],
      ...["/api/", "/generate/", "/healthz/", "/metrics/"],
    ),
    fc.oneof(jobId, anyText(80).map(encodeText)),
    fc.constantFrom("", "/jobs", "/events/", "/jobs/x", "/%2e%2e/%2e%2e/signing.key"),
    fc.array(
      fc.tuple(
        fc.constantFrom("user", "limit", "before", "expires", "signature", "prompt"),
        anyText(),
      ),
      {
        maxLength: 3,
      },
    ),
  )
  .map(([method, start, middle, end, query]) => {
    const search = query.map(([name, value]) => `${name}=${encodeText(value)}`).join("&");
    return { method, headers: {}, path: `${start}${encodeText(middle)}${end}?${search}` };
  });

const channelQuery: fc.Arbitrary<OddRequest> = fc
  .tuple(fc.oneof(anyText(), fc.constant("z".repeat(5_000))), fc.oneof(fc.integer(), fc.double()))
  .map(([before, limit]) => ({
    method: "GET",
    headers: {},
    path: `/api/channels/odd/jobs?user=ana&limit=${limit}&before=${encodeText(before)}`,
  }));

const headers: fc.Arbitrary<OddRequest> = fc
  .tuple(
    fc.constantFrom("/", "/api/commands", "/generate?prompt=a", "/metrics", "/healthz", "/files/a"),
    fc.dictionary(
      fc.constantFrom("Authorization", "x-api-key", "Range", "If-None-Match", "Accept", "Cookie"),
      fc.oneof(
        headerText,
        fc.constantFrom("Basic", "Basic %%%", "Bearer ", "bytes=9-1", "bytes=-"),
      ),
    ),
  )
  .map(([path, given]) => ({ path, method: "GET", headers: given }));

/** About `count` requests that no page would send; the same ones for the same seed. */
export async function oddRequests(seed: number, count: number): Promise<OddRequest[]> {
  const pictures = await oddPictures();
  const requests = fc.oneof(
    { weight: 6, arbitrary: json("/api/commands", plainCommand) },
    { weight: 4, arbitrary: json("/api/commands", fc.oneof(commandBody, fc.jsonValue())) },
    { weight: 3, arbitrary: json("/api/actions", fc.record({ action, user })) },
    { weight: 4, arbitrary: json("/generate", fc.oneof(generateBody, fc.jsonValue())) },
    { weight: 4, arbitrary: pathAndQuery },
    { weight: 1, arbitrary: channelQuery },
    { weight: 2, arbitrary: headers },
    { weight: 5, arbitrary: pictures },
    { weight: 1, arbitrary: rawBody },
  );
  return fc.sample(requests, { seed, numRuns: count });
}

const rawBody: fc.Arbitrary<OddRequest> = fc
  .tuple(
    fc.constantFrom("/api/commands", "/api/actions", "/generate"),
    fc.oneof(
      anyText(),
      fc.constantFrom(
        "[".repeat(50_000),
        '{"text":'.repeat(10_000),
        '{"__proto__":{"text":"/help"}}',
      ),
      fc.constantFrom('{"text":"/help","text":7}', '{"text":"\\ud800"}', '"x"', "null", "1e999"),
    ),
  )
  .map(([path, body]) => ({
    path,
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
  }));

/** Pictures of every format, cut short and with bits turned round; and bytes that never were one. */
async function oddPictures(): Promise<fc.Arbitrary<OddRequest>> {
  const create = { width: 60, height: 40, channels: 3 as const, background: "#aa5500" };
  const formats = ["jpeg", "png", "webp", "gif", "avif"] as const;
  const files = await Promise.all(
    formats.map((format) => sharp({ create }).toFormat(format).toBuffer()),
  );
  const damaged = fc
    .tuple(
      fc.constantFrom(...files),
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      fc.array(fc.tuple(fc.nat(5_000), fc.integer({ min: 1, max: 255 })), { maxLength: 6 }),
    )
    .map(([file, share, flips]) => {
      const bytes = Uint8Array.from(file.subarray(0, Math.ceil(file.length * share)));
      for (const [at, bits] of flips) {
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ bits;
      }
      return bytes;
    });
  return fc
    .tuple(
      fc.oneof({ weight: 6, arbitrary: damaged }, fc.uint8Array({ maxLength: 300 })),
      contentType,
    )
    .map(([body, type]) => ({
      path: "/api/attachments",
      method: "POST",
      headers: { "Content-Type": type.startsWith("application") ? "image/jpeg" : type },
      body,
    }));
}

/** Also what encodeURIComponent does not take; "%" as it is, so that broken escapes arrive too. */
function encodeText(text: string): string {
  return text
    .split("%")
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join("%");
}
