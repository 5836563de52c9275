import { randomBytes } from "node:crypto";
import { CreateBucketCommand, PutBucketPolicyCommand, type S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createS3BlobStore } from "../../src/drivers/aws/s3-blob-store.ts";
import { createS3Client } from "../../src/drivers/aws/s3-client.ts";
import { createShiftableClock } from "../fixtures/shiftable-clock.ts";
import type { CephServer } from "../servers/ceph.ts";

/** How the S3 driver reports what a real S3 server refuses. */
export function s3BlobStoreCases(running: () => CephServer): void {
  const bucket = `atelier-${randomBytes(4).toString("hex")}`;
  const clock = createShiftableClock();
  const picture = { bytes: Uint8Array.of(1, 2, 3), mediaType: "image/png" };
  const clients: S3Client[] = [];

  function storeWith(overrides: {
    bucket?: string;
    endpoint?: string;
    accessKeyId?: string;
    secretAccessKey?: string;
  }) {
    const { endpoint, accessKeyId, secretAccessKey } = { ...running(), ...overrides };
    const credentials = { accessKeyId, secretAccessKey };
    const client = createS3Client({ endpoint, region: "us-east-1", credentials });
    clients.push(client);
    return createS3BlobStore({ client, bucket: overrides.bucket ?? bucket, clock });
  }

  beforeAll(async () => {
    const { endpoint, ...credentials } = running();
    const client = createS3Client({ endpoint, region: "us-east-1", credentials });
    clients.push(client);
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const store = storeWith({});
    await store.put("there.png", picture);
    await store.put("denied/a.png", picture);
    const denial = {
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      Resource: `arn:aws:s3:::${bucket}/denied/*`,
    };
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [denial] });
    await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
  }, 30_000);
  afterAll(() => {
    for (const client of clients) client.destroy();
  });

  it("names the bucket that does not exist", async () => {
    const store = storeWith({ bucket: "atelier-nobody-made-this" });
    const refusal = {
      kind: "misconfigured",
      code: "NoSuchBucket",
      message: expect.stringContaining("atelier-nobody-made-this"),
    };
    await expect(store.put("a.png", picture)).rejects.toMatchObject(refusal);
    await expect(store.get("a.png")).rejects.toMatchObject(refusal);
    await expect(store.delete("a.png")).rejects.toMatchObject(refusal);
  });

  it("has nothing in a bucket that does not exist", async () => {
    expect(await storeWith({ bucket: "atelier-nobody-made-this" }).has("a.png")).toBe(false);
  });

  it.each([
    ["an unknown access key", { accessKeyId: "unknown" }],
    ["a wrong secret", { secretAccessKey: "wrong" }],
  ])("says that %s is refused", async (_, credentials) => {
    const store = storeWith(credentials);
    const refusal = { kind: "misconfigured", code: "AccessDenied" };
    await expect(store.put("a.png", picture)).rejects.toMatchObject(refusal);
    await expect(store.get("a.png")).rejects.toMatchObject(refusal);
    await expect(store.has("a.png")).rejects.toMatchObject(refusal);
    await expect(store.delete("a.png")).rejects.toMatchObject(refusal);
  });

  it("names the right and the bucket that a policy denies", async () => {
    const store = storeWith({});
    const denied = (right: string) => ({
      kind: "misconfigured",
      code: "AccessDenied",
      message: expect.stringMatching(new RegExp(`${right} on "${bucket}/\\*"`)),
    });
    await expect(store.put("denied/a.png", picture)).rejects.toMatchObject(denied("s3:PutObject"));
    await expect(store.get("denied/a.png")).rejects.toMatchObject(denied("s3:GetObject"));
    await expect(store.has("denied/a.png")).rejects.toMatchObject(denied("s3:GetObject"));
    await expect(store.delete("denied/a.png")).rejects.toMatchObject(denied("s3:DeleteObject"));
  });

  it("signs links that the server refuses when the credentials are wrong", async () => {
    const link = await storeWith({ secretAccessKey: "wrong" }).presign("there.png", {
      ttlSeconds: 60,
    });
    expect((await fetch(link)).status).toBe(403);
  });

  it("signs links from the time of its clock", async () => {
    const past = createShiftableClock();
    past.shift(-120_000);
    const { endpoint, ...credentials } = running();
    const client = createS3Client({ endpoint, region: "us-east-1", credentials });
    clients.push(client);
    const store = createS3BlobStore({ client, bucket, clock: past });
    expect((await fetch(await store.presign("there.png", { ttlSeconds: 60 }))).status).toBe(403);
    expect((await fetch(await store.presign("there.png", { ttlSeconds: 180 }))).status).toBe(200);
  });
}
