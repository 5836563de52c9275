/** Where Discord sends interactions without the gateway. */
export const DISCORD_WEBHOOK_PATH = "/discord/interactions";
