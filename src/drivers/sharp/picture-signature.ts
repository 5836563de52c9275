type PictureFormat = "jpeg" | "png" | "webp" | "gif" | "avif";

/** The format by its first bytes, or null for anything that is not taken. */
export function sniffPicture(bytes: Uint8Array): PictureFormat | null {
  const head = text(bytes, 0, 12);
  if (head.startsWith("\xff\xd8\xff")) return "jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif";
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "webp";
  return brands(bytes).some((brand) => brand === "avif" || brand === "avis") ? "avif" : null;
}

/** Phones write HEIC with one of these brands (ISO/IEC 23008-12, annex B). */
export function looksLikeHeic(bytes: Uint8Array): boolean {
  return brands(bytes).some((brand) =>
    ["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1"].includes(brand),
  );
}

/** The major and compatible brands of an ISO media file; empty for every other file. */
function brands(bytes: Uint8Array): string[] {
  if (text(bytes, 4, 8) !== "ftyp") return [];
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const list: string[] = [];
  for (let at = 8; at + 4 <= Math.min(size, bytes.length, 256); at += 4)
    list.push(text(bytes, at, at + 4));
  return list;
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.subarray(from, to)).toString("latin1");
}
