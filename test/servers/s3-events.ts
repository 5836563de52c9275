import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ObjectChange } from "./aws-recorder.ts";
import type { InvocationOutcome } from "./lambda-runtime-api.ts";
import { TEST_REGION } from "./stack-template.ts";

/** Which objects a function hears of. */
export interface S3Notification {
  bucket: string;
  /** As in `s3:ObjectCreated:*`. */
  events: readonly string[];
  prefix: string;
  suffix: string;
  /** How often a failed event is sent again; Lambda waits a minute or more before it. */
  retries: number;
  invoke: (event: unknown) => Promise<InvocationOutcome>;
}

const RETRY_AFTER_MS = 500;

/** S3's notifications about objects that appear and disappear, each an event of its own, tried again when it fails. */
export function createS3Events(notifications: readonly S3Notification[]) {
  const underWay = new Set<Promise<void>>();
  /** Keys of events that were given up. */
  const lost: string[] = [];

  async function notify(object: ObjectChange, to: S3Notification): Promise<void> {
    const event = { Records: [changeRecord(object)] };
    for (let retriesLeft = to.retries; ; retriesLeft -= 1) {
      const { isFailed } = await to.invoke(event);
      if (!isFailed) return;
      if (retriesLeft === 0) return void lost.push(object.key);
      await sleep(RETRY_AFTER_MS);
    }
  }

  return {
    lost,
    changed(object: ObjectChange): void {
      for (const each of notifications.filter((one) => hearsOf(one, object))) {
        const sent = notify(object, each).finally(() => underWay.delete(sent));
        underWay.add(sent);
      }
    },
    /** Every event so far has been taken, or given up. */
    async settled(): Promise<void> {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function hearsOf({ bucket, events, prefix, suffix }: S3Notification, object: ObjectChange) {
  const isNamed = events.some((each) => {
    const name = each.replace(/^s3:/u, "");
    return name.endsWith("*")
      ? object.eventName.startsWith(name.slice(0, -1))
      : name === object.eventName;
  });
  const { key } = object;
  return isNamed && object.bucket === bucket && key.startsWith(prefix) && key.endsWith(suffix);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
function changeRecord({ bucket, key, eventName }: ObjectChange) {
  return {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: TEST_REGION,
    eventTime: new Date().toISOString(),
    eventName,
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: "media",
      bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
      object: {
        // As an HTML form would write it.
        key: encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+"),
        size: 1_024,
        sequencer: randomUUID().replaceAll("-", "").slice(0, 18).toUpperCase(),
      },
    },
  };
}
