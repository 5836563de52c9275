export * from "./blob-store.ts";
export * from "./content-disposition.ts";
export * from "./image-model.ts";
export * from "./job-queue.ts";
export * from "./limiter.ts";
export * from "./pictures.ts";
export * from "./runtime.ts";
export * from "./state-store.ts";
