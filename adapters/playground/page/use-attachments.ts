import { useCallback, useRef, useState } from "preact/hooks";
import { type Api, sentenceOf } from "./api.ts";
import { attachmentProblem, isVideo } from "./attachment-problem.ts";

export interface Attached {
  key: string;
  name: string;
  /** Of a video there is none. */
  previewUrl: string | null;
  sizeBytes: number;
  /** How much of it is sent, 0 to 1. */
  share: number;
  status: "uploading" | "ready" | "failed";
  /** Why the upload failed. */
  problem: string;
  /** The attachment's id, once it is uploaded. */
  upload: Promise<string>;
  cancel(): void;
}

/** As many as the server takes with one message. */
const ATTACHMENTS_MAX = 4;
const TOO_MANY = `At most ${ATTACHMENTS_MAX} files go with one message.`;

/** The pictures and videos that go with the next message; each is uploaded as soon as it is added. */
export function useAttachments(api: Api) {
  const [attached, setAttached] = useState<readonly Attached[]>([]);
  const keys = useRef(0);
  const count = useRef(0);
  count.current = attached.length;

  /** Shows these, and how their uploads go. */
  const show = useCallback((added: readonly Attached[]) => {
    setAttached((all) => [...all, ...added]);
    for (const { key, upload } of added) {
      const change = (changes: Partial<Attached>) =>
        setAttached((all) => all.map((one) => (one.key === key ? { ...one, ...changes } : one)));
      upload.then(
        () => change({ status: "ready" }),
        (thrown: unknown) => change({ status: "failed", problem: sentenceOf(thrown) }),
      );
    }
  }, []);

  const setShare = useCallback((key: string, share: number) => {
    setAttached((all) => all.map((one) => (one.key === key ? { ...one, share } : one)));
  }, []);

  /** Uploads the pictures and videos among them. Returns the sentence for what cannot be taken, or null. */
  const add = useCallback(
    (files: readonly File[]): string | null => {
      const free = ATTACHMENTS_MAX - count.current;
      const usable = files.filter((file) => attachmentProblem(file) === null);
      show(
        usable.slice(0, free).map((file): Attached => {
          const abort = new AbortController();
          const key = String(keys.current++);
          return {
            key,
            name: file.name || "Pasted picture",
            previewUrl: isVideo(file) ? null : URL.createObjectURL(file),
            sizeBytes: file.size,
            share: 0,
            status: "uploading",
            problem: "",
            upload: api.upload(file, abort.signal, (share) => setShare(key, share)),
            cancel: () => abort.abort(),
          };
        }),
      );
      if (usable.length > free) return TOO_MANY;
      return files.map(attachmentProblem).find((problem) => problem !== null) ?? null;
    },
    [api, show, setShare],
  );

  /** Takes them out of the input, for the message that they go with. */
  const take = useCallback(() => setAttached([]), []);

  const remove = useCallback((key: string) => {
    setAttached((all) => {
      const gone = all.find((one) => one.key === key);
      gone?.cancel();
      if (gone !== undefined) releasePreview(gone);
      return all.filter((one) => one.key !== key);
    });
  }, []);

  return { attached, add, remove, take, show };
}

/** Lets go of the picture that stands for an attachment. */
export function releasePreview({ previewUrl }: Pick<Attached, "previewUrl">): void {
  if (previewUrl !== null) URL.revokeObjectURL(previewUrl);
}
