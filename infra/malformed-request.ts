import type { Duplex } from "node:stream";

const answers: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "The address and the headers of this request are too long. Send at most 16 kB.",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "The request came too slowly. Send it again."],
};
const MALFORMED = ["400 Bad Request", "This is not a request of HTTP/1.1."] as const;

/** Answers what the HTTP parser gave up on as everything else here is answered: JSON with a sentence. */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = answers[error.code ?? ""] ?? MALFORMED;
  const body = JSON.stringify({ error: "invalid_input", message });
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
