import type { Command } from "#core";
import { cancel } from "./cancel.ts";
import { deleteCommand } from "./delete.ts";
import { edit } from "./edit.ts";
import { help } from "./help.ts";
import { history } from "./history.ts";
import { imagine } from "./imagine.ts";
import { info } from "./info.ts";
import { link } from "./link.ts";
import { reroll } from "./reroll.ts";
import { restyle } from "./restyle.ts";
import { restylethis } from "./restylethis.ts";
import { share } from "./share.ts";
import { show } from "./show.ts";
import { vary } from "./vary.ts";

/** Every command there is: first what people type, in the order of the help, then the buttons. */
export const commands: readonly Command[] = [
  imagine,
  restyle,
  show,
  cancel,
  history,
  help,
  reroll,
  vary,
  restylethis,
  share,
  edit,
  link,
  info,
  deleteCommand,
];
