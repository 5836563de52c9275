import { AtelierError, type BlobStore } from "#core";

/** In the place of a store that the settings do not name: every use of it says which setting is missing. */
export function createMissingBlobStore(setting: string): BlobStore {
  const reject = async (): Promise<never> => {
    throw new AtelierError(
      "misconfigured",
      `${setting} is not set. Create a bucket for videos and their frames and name it there.`,
    );
  };
  return {
    bucket: "",
    put: reject,
    get: reject,
    putFile: reject,
    getFile: reject,
    has: reject,
    etag: reject,
    presign: reject,
    delete: reject,
  };
}
