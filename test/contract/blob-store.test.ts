import { randomBytes } from "node:crypto";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe } from "vitest";
import { createS3BlobStore } from "../../src/drivers/aws/s3-blob-store.ts";
import { createS3Client } from "../../src/drivers/aws/s3-client.ts";
import { createShiftableClock } from "../fixtures/shiftable-clock.ts";
import {
  CEPH_PACKAGES,
  CEPH_START_TIMEOUT_MS,
  type CephServer,
  cephIsInstalled,
  startCeph,
} from "../servers/ceph.ts";
import { startFilesServer } from "../servers/files-server.ts";
import { blobStoreContract } from "./blob-store-contract.ts";
import { s3BlobStoreCases } from "./s3-blob-store-cases.ts";

describe("the disk BlobStore", () => {
  blobStoreContract(startFilesServer);
});

describe.skipIf(!cephIsInstalled())(
  `the S3 BlobStore against Ceph RGW (needs the Debian packages ${CEPH_PACKAGES})`,
  () => {
    let ceph: CephServer;
    const running = () => ceph;

    beforeAll(async () => {
      ceph = await startCeph();
    }, CEPH_START_TIMEOUT_MS);
    afterAll(async () => ceph?.close(), 20_000);

    describe("as every BlobStore", () => {
      blobStoreContract(async () => {
        const { endpoint, ...credentials } = ceph;
        const client = createS3Client({ endpoint, region: "us-east-1", credentials });
        const bucket = `atelier-${randomBytes(4).toString("hex")}`;
        await client.send(new CreateBucketCommand({ Bucket: bucket }));
        // In parts from 10 MB on, so that the contract's large file goes that way.
        const parts = { onePieceMaxBytes: 10_000_000, partBytes: 5 * 1024 ** 2 };
        const clock = createShiftableClock();
        const store = createS3BlobStore({ client, bucket, clock, ...parts });
        return { store, close: async () => client.destroy() };
      });
    });
    describe("in particular", () => s3BlobStoreCases(running));
  },
);
