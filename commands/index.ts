import type { Command } from "#core";
import { addvideo } from "./addvideo.ts";
import { cancel } from "./cancel.ts";
import { deleteCommand } from "./delete.ts";
import { edit } from "./edit.ts";
import { findframe } from "./findframe.ts";
import { help } from "./help.ts";
import { history } from "./history.ts";
import { imagine } from "./imagine.ts";
import { info } from "./info.ts";
import { link } from "./link.ts";
import { morelike } from "./morelike.ts";
import { nextmoments } from "./nextmoments.ts";
import { nextvideos } from "./nextvideos.ts";
import { removevideo } from "./removevideo.ts";
import { reroll } from "./reroll.ts";
import { restyle } from "./restyle.ts";
import { restyleframe } from "./restyleframe.ts";
import { restylethis } from "./restylethis.ts";
import { share } from "./share.ts";
import { show } from "./show.ts";
import { sorttime } from "./sorttime.ts";
import { vary } from "./vary.ts";
import { videos } from "./videos.ts";

/** Every command there is: first what people type, in the order of the help, then the buttons. */
export const commands: readonly Command[] = [
  imagine,
  restyle,
  findframe,
  addvideo,
  videos,
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
  morelike,
  restyleframe,
  nextmoments,
  sorttime,
  nextvideos,
  removevideo,
];
