/** One packet of a Matroska stream. */
export interface MatroskaPacket {
  /** From 1. */
  track: number;
  timeMs: number;
  bytes: Uint8Array;
}

// https://www.rfc-editor.org/rfc/rfc9559.html#section-5.1, ids with their length marker.
const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const CLUSTER_TIME = 0xe7;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const SIMPLE_BLOCK = 0xa3;
/** More than any packet here can have; a size above it means that the stream is damaged. */
const PACKET_MAX_BYTES = 50_000_000;

/**
 * The packets of a Matroska stream as FFmpeg writes it to a pipe: times in milliseconds, no
 * lacing. Ends where the stream ends, in the middle of a packet too.
 */
export async function* matroskaPackets(
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<MatroskaPacket> {
  const reader = createReader(stream);
  let clusterMs = 0;
  for (;;) {
    const id = await reader.number("id");
    const size = await reader.number("size");
    if (id === null || size === null) return;
    // What holds others is gone into, whatever size it claims: a live stream does not know it.
    if (id === SEGMENT || id === CLUSTER || id === BLOCK_GROUP) continue;
    if (size > PACKET_MAX_BYTES) throw new Error(`A Matroska element claims ${size} bytes.`);
    const content = await reader.take(size);
    if (content === null) return;
    if (id === CLUSTER_TIME) clusterMs = content.readUIntBE(0, size);
    if (id === SIMPLE_BLOCK || id === BLOCK) {
      // One byte of track number with its marker, a signed time within the cluster, flags.
      const track = content.readUInt8(0) & 0x7f;
      const timeMs = clusterMs + content.readInt16BE(1);
      yield { track, timeMs, bytes: new Uint8Array(content.subarray(4)) };
    }
  }
}

function createReader(stream: AsyncIterable<Uint8Array>) {
  const chunks = stream[Symbol.asyncIterator]();
  let pending = Buffer.alloc(0);

  /** The next bytes, or null when the stream ends before. */
  async function take(length: number): Promise<Buffer | null> {
    const parts = [pending];
    let available = pending.length;
    while (available < length) {
      const next = await chunks.next();
      if (next.done === true) return null;
      parts.push(Buffer.from(next.value));
      available += next.value.length;
    }
    if (parts.length > 1) pending = Buffer.concat(parts);
    const taken = pending.subarray(0, length);
    pending = pending.subarray(length);
    return taken;
  }

  return {
    take,
    /** A number whose leading zero bits tell its length; an id keeps the marker bit, a size does not. */
    async number(kind: "id" | "size"): Promise<number | null> {
      const first = (await take(1))?.readUInt8(0);
      if (first === undefined) return null;
      const more = Math.clz32(first) - 24;
      const rest = await take(more);
      if (rest === null) return null;
      let value = kind === "id" ? first : first & (0x7f >> more);
      for (const byte of rest) value = value * 256 + byte;
      return value;
    },
  };
}
