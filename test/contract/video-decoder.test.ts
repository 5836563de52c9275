import { describe } from "vitest";
import { createFfmpegVideoDecoder } from "../../src/drivers/ffmpeg/ffmpeg-video-decoder.ts";
import { missingForVideos } from "../fixtures/made-videos.ts";
import { videoDecoderContract } from "./video-decoder-contract.ts";

const missing = missingForVideos();

describe.skipIf(missing !== null)(
  `the ffmpeg VideoDecoder${missing === null ? "" : ` (${missing})`}`,
  () => {
    videoDecoderContract(() => createFfmpegVideoDecoder({ maxBytes: 2e9, maxHours: 10 }));
  },
);
