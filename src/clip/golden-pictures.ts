import { crc32, deflateSync } from "node:zlib";

type Colour = readonly [number, number, number];

const WIDTH_PX = 320;
const HEIGHT_PX = 240;

/**
 * Three drawn pictures, the same pixels on every machine: a sun over the sea, a chequered board,
 * and fine stripes, which shrinking without antialias turns into something else.
 */
export function goldenPictures(): { name: string; png: Uint8Array }[] {
  return [
    { name: "sea", png: encodePng(sea) },
    { name: "board", png: encodePng(board) },
    { name: "stripes", png: encodePng(stripes) },
  ];
}

function sea(x: number, y: number): Colour {
  if ((x - 230) ** 2 + (y - 70) ** 2 < 32 ** 2) return [255, 214, 80];
  return y < 140 ? [150 - y / 2, 190, 240 - y / 4] : [20, 90 + (y - 140) / 2, 150];
}

function board(x: number, y: number): Colour {
  const isDark = (Math.floor(x / 40) + Math.floor(y / 40)) % 2 === 0;
  return isDark ? [120, 40, 30] : [240, 225, 190];
}

function stripes(x: number, y: number): Colour {
  const light = (x + Math.floor(y / 60)) % 3 === 0 ? 255 : 40;
  return [light, y, 255 - light];
}

/** An eight-bit RGB PNG (www.w3.org/TR/png), every row unfiltered. */
function encodePng(colourAt: (x: number, y: number) => Colour): Uint8Array {
  const stride = WIDTH_PX * 3 + 1;
  const rows = Buffer.alloc(stride * HEIGHT_PX);
  for (let y = 0; y < HEIGHT_PX; y++) {
    for (let x = 0; x < WIDTH_PX; x++) {
      for (const [channel, value] of colourAt(x, y).entries()) {
        rows[y * stride + 1 + x * 3 + channel] = Math.floor(value);
      }
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH_PX, 0);
  header.writeUInt32BE(HEIGHT_PX, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  const parts = [chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND")];
  return Buffer.concat([signature, ...parts]);
}

function chunk(name: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const named = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([size, named, check]);
}
