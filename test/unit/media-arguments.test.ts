import { describe, expect, it } from "vitest";
import { commands } from "#commands";
import { type Attachment, type Command, getCommand, parseCommandLine, readArgs } from "#core";

const picture: Attachment = { attachment: "picture", kind: "image" };
const video: Attachment = { attachment: "video", kind: "video" };
const unknown: Attachment = { attachment: "something" };

const argsOf = (line: string, ...attachments: Attachment[]) =>
  parseCommandLine(line, commands, attachments).args;

function complaint(line: string, ...attachments: Attachment[]): string {
  try {
    argsOf(line, ...attachments);
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
  throw new Error(`${line} was taken.`);
}

describe("what comes along with a command", () => {
  it("goes to the option of its kind, and what nobody knows the kind of to the first", () => {
    expect(argsOf("/addvideo", video).video).toEqual(video);
    expect(argsOf("/addvideo", unknown).video).toEqual(unknown);
    expect(argsOf("/restyle as ink", picture).image).toEqual(picture);
    const both: Command = {
      ...getCommand("addvideo", commands),
      options: {
        image: { type: "image", description: "A picture" },
        video: { type: "video", description: "A video" },
      },
      check() {},
    };
    expect(readArgs(both, {}, [video, picture])).toEqual({ image: picture, video });
  });

  it("of the other kind is refused with what takes it", () => {
    expect(complaint("/restyle as ink", video)).toBe(
      "/restyle takes a picture, and this is a video. /addvideo takes a video; /findframe then finds a frame of it.",
    );
    expect(complaint("/addvideo", picture)).toBe(
      "/addvideo takes a video, and this is a picture. /restyle changes a picture, and /findframe looks for what is on it.",
    );
    expect(complaint("/imagine a fox", video)).toContain("/imagine takes no videos.");
    expect(complaint("/addvideo", video, { ...video, attachment: "other" })).toContain(
      "one video at a time",
    );
    expect(complaint("/addvideo --video harbour.mp4")).toContain("Attach a video instead");
  });
});

describe("/addvideo", () => {
  it("wants a video or a link, and not both", () => {
    expect(complaint("/addvideo --title Harbour")).toContain("Attach the video to add");
    expect(complaint("/addvideo --link s3://media/a.mp4", video)).toContain("not both");
    expect(argsOf("/addvideo --link s3://media/a.mp4").link).toBe("s3://media/a.mp4");
  });
});

describe("/findframe", () => {
  it("wants words or a picture, and not both", () => {
    expect(complaint("/findframe --count 3")).toContain("Say what to look for");
    expect(complaint("/findframe a boat", picture)).toContain("not for both");
    expect(argsOf("/findframe", picture)).toEqual({ image: picture });
  });

  it("reads the times of a video, and refuses what is none or ends before it begins", () => {
    expect(argsOf("/findframe a boat --in Harbour tour --from 1:30 --to 3:00 --no people")).toEqual(
      { text: "a boat", in: "Harbour tour", from: "1:30", to: "3:00", not: "people" },
    );
    expect(complaint("/findframe a boat --from half past")).toContain("--from is a time");
    expect(complaint("/findframe a boat --from 2:00 --to 1:59")).toContain("--to is before --from");
    expect(complaint("/findframe a boat --count 11")).toContain("from 1 to 10");
  });
});
