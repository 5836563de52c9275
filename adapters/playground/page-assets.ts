interface PageAsset {
  body: Uint8Array;
  mediaType: string;
}

/** By the path under which each is served; `:id` stands for any part of one. */
export type PageAssets = ReadonlyMap<string, PageAsset>;

/**
 * The page's files by the path under which they are served. The first call bundles them, which
 * takes some hundredths of a second; later calls get the same. Rejects when a source is broken.
 */
export async function loadPageAssets(): Promise<PageAssets> {
  const { pageAssets } = await import("./page-bundle.ts");
  return pageAssets;
}
