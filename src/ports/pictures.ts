import type { OutputFormat } from "./image-model.ts";

export interface PictureInfo {
  mediaType: "image/png" | "image/jpeg" | "image/webp";
  widthPx: number;
  heightPx: number;
}

/** A picture that someone gave, made safe: upright, without metadata, in a format every model takes. */
export interface PreparedPicture extends PictureInfo {
  bytes: Uint8Array;
}

/** Looking at and converting pictures. Judges content, never names or declared types. */
export interface Pictures {
  /**
   * Decodes JPEG, PNG, WebP, GIF (first frame), AVIF or HEIC (where the build can), applies the EXIF
   * orientation, drops all metadata and scales down to at most `maxPixels`. Rejects with
   * `invalid_input` (code `InvalidImage`) for what is no picture, is broken, or is above the
   * byte and pixel bounds, which are checked before anything is decoded.
   */
  prepare(bytes: Uint8Array): Promise<PreparedPicture>;
  /** Scales a prepared picture to what a model takes: each side at least `minSidePx`, at most `maxPixels`. */
  fit(
    picture: Uint8Array,
    limits: { minSidePx: number; maxPixels: number },
  ): Promise<PreparedPicture>;
  /** Size and format of a picture that a model or this port made, read from its header. */
  inspect(bytes: Uint8Array): Promise<PictureInfo>;
  /** The picture in that format; the same bytes when it is in it already. */
  convert(bytes: Uint8Array, format: OutputFormat): Promise<Uint8Array>;
}
