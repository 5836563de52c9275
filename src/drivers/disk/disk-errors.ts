import { AtelierError } from "../../errors.ts";

/** The system's error code (`ENOENT`, `ENOSPC`, …), or undefined for anything else that was thrown. */
export function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

/** Whether the error says that no file has that path. */
export function saysAbsent(thrown: unknown): boolean {
  const code = systemCode(thrown);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** What the file system refused, as the operator should read it. */
export function asDiskError(thrown: unknown, path: string): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  const options = { cause: thrown };
  switch (systemCode(thrown)) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new AtelierError(
        "misconfigured",
        `This process may not use ${path}. Give its user read and write permission there.`,
        options,
      );
    case "ENOSPC":
    case "EDQUOT":
      return new AtelierError(
        "internal",
        `The disk that holds ${path} is full. Free space.`,
        options,
      );
    case "EMFILE":
    case "ENFILE":
      return new AtelierError(
        "unavailable",
        "Too many files are open now. Try again soon.",
        options,
      );
    case "EEXIST":
    case "EISDIR":
    case "ENOTDIR":
    case "ENOTEMPTY":
      return new AtelierError(
        "invalid_input",
        `A stored file and a folder cannot share the name ${path}. Choose another key.`,
        options,
      );
    default: {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      return new AtelierError("internal", `The file system failed at ${path}: ${reason}.`, options);
    }
  }
}
