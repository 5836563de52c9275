import { createHmac, timingSafeEqual } from "node:crypto";
import { AtelierError } from "../../errors.ts";

/** The path under which the process serves stored files. */
export const FILES_PATH = "/files/";

export const SIGNING_KEY_BYTES = 32;

/** What one link allows. The texts are exactly those of the URL, so that each has one spelling. */
interface LinkGrant {
  key: string;
  /** Seconds since the epoch, in decimal. */
  expires: string;
  downloadName: string | null;
}

export interface LinkSigner {
  /** `/files/<key>?expires=…&signature=…[&download=…]` */
  sign(grant: LinkGrant): string;
  /** Whether this signer signed exactly this grant; takes the same time for every wrong signature. */
  verify(grant: LinkGrant, signature: string): boolean;
}

/** Signs links with HMAC-SHA256. Whoever knows the key can read every stored file. */
export function createLinkSigner(signingKey: Uint8Array): LinkSigner {
  if (signingKey.length < SIGNING_KEY_BYTES) {
    throw new AtelierError(
      "misconfigured",
      `The key that signs links has ${signingKey.length} bytes. Use at least ${SIGNING_KEY_BYTES} random ones.`,
    );
  }
  const signatureOf = (grant: LinkGrant) =>
    createHmac("sha256", signingKey).update(signedText(grant)).digest("base64url");
  return {
    sign(grant) {
      const query = new URLSearchParams({ expires: grant.expires, signature: signatureOf(grant) });
      if (grant.downloadName !== null) query.set("download", grant.downloadName);
      return `${FILES_PATH}${grant.key}?${query}`;
    },
    verify(grant, signature) {
      const expected = Buffer.from(signatureOf(grant));
      const given = Buffer.from(signature);
      return expected.length === given.length && timingSafeEqual(expected, given);
    },
  };
}

/** Only the last line can hold anything but one line's characters, so no two grants share a text. */
function signedText({ key, expires, downloadName }: LinkGrant): string {
  const download = downloadName === null ? "inline" : `download ${downloadName}`;
  return ["atelier-link-v1", key, expires, download].join("\n");
}
