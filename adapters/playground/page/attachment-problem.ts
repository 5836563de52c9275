const HEIC = "HEIC pictures must be converted first, for example by exporting them as JPEG.";

/** What the picker offers: all that the server reads. */
export const PICTURE_TYPES = "image/jpeg,image/png,image/webp,image/gif,image/avif";

/** The sentence for a file that need not be uploaded to know that it cannot be used, or null. */
export function attachmentProblem({ name, type }: Pick<File, "name" | "type">): string | null {
  // Browsers that do not know the type leave it empty.
  if (/^image\/hei[cf]/iu.test(type) || /\.hei[cf]$/iu.test(name)) return HEIC;
  return type.startsWith("image/")
    ? null
    : `“${name}” is not a picture. Attach a JPEG, PNG, WebP, GIF or AVIF file.`;
}
