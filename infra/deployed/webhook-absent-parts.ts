import {
  AtelierError,
  type BlobStore,
  type ImageModel,
  type LimitedImageModel,
  type Metrics,
  type Pictures,
} from "#core";

/** The webhook neither keeps nor draws pictures: whoever asks it to is told where that is done. */
const notHere = async (): Promise<never> => {
  throw new AtelierError("internal", "The webhook only takes commands. The worker does the rest.");
};

export const absentStore: BlobStore = {
  bucket: "",
  put: notHere,
  get: notHere,
  putFile: notHere,
  getFile: notHere,
  has: notHere,
  etag: notHere,
  presign: notHere,
  delete: notHere,
};

export const absentPictures: Pictures = {
  prepare: notHere,
  fit: notHere,
  inspect: notHere,
  convert: notHere,
};

/** A model as people find it in forms and lists. */
export function absentModel(model: Omit<ImageModel, "draw">): LimitedImageModel {
  return { ...model, draw: notHere };
}

/** It finishes no job and calls no model: there is nothing to count. */
export const absentMetrics: Metrics = {
  jobFinished() {},
  modelCalled() {},
  cacheRead() {},
  apiAnswered() {},
};
