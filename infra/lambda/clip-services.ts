import { composeClipServices } from "../clip-services/compose.ts";
import { loadSettings } from "../settings.ts";

/**
 * What the CLIP functions work with, opened by the first call that needs it and kept for as long
 * as Lambda keeps the process. Each function runs in a process of its own; in one process, as in
 * a test, they share it.
 */
export const clipServices = composeClipServices(loadSettings);
