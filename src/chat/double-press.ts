/** Two presses of one button within this are one: nobody means the second. */
export const DOUBLE_PRESS_MS = 2_000;

/**
 * What two presses of one button share. `press` says who pressed what, and where; `deliveryId` is
 * the same for all within the same two seconds, and `earlierDeliveryId` that of the two seconds
 * before: its job is this press's too when it is as young as that.
 */
export function pressIds(press: string, atMs: number) {
  const bucket = Math.floor(atMs / DOUBLE_PRESS_MS);
  return { deliveryId: `${press}:${bucket}`, earlierDeliveryId: `${press}:${bucket - 1}` };
}
