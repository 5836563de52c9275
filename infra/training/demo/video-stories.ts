import type { Scene } from "./scene-grammar.ts";
import type { Colour, Place, Thing, Time } from "./words.ts";

export interface Shot {
  scene: Scene;
  /** What is seen, as a person would say it. */
  caption: string;
  seconds: number;
}

export interface Story {
  title: string;
  file: string;
  shots: readonly Shot[];
}

function shot(
  caption: string,
  setting: `${Place} ${Time}`,
  pairs: readonly `${Colour} ${Thing}`[],
  seconds = 4,
): Shot {
  const [place, time] = setting.split(" ") as [Place, Time];
  const things = pairs.map((pair) => {
    const [colour, thing] = pair.split(" ") as [Colour, Thing];
    return { thing, colour };
  });
  return { scene: { kind: "view", things, place, time }, caption, seconds };
}

/** What the three demo videos show. */
export const stories: readonly Story[] = [
  {
    title: "A day in the park",
    file: "a-day-in-the-park.mp4",
    shots: [
      shot("a brown dog in the park in the morning", "park morning", ["brown dog"]),
      shot("a red kite and a blue ball in the park by day", "park day", ["red kite", "blue ball"]),
      shot("a yellow flower and a purple butterfly in the garden by day", "park day", [
        "yellow flower",
        "purple butterfly",
      ]),
      shot("a person and a green bicycle in the forest by day", "forest day", [
        "orange person",
        "green bicycle",
      ]),
      shot("a red mushroom in the forest in the evening", "forest evening", ["red mushroom"]),
      shot("a white rabbit in the park at night", "park night", ["white rabbit"]),
    ],
  },
  {
    title: "Holiday by the sea",
    file: "holiday-by-the-sea.mp4",
    shots: [
      shot("an orange balloon over the mountains in the morning", "mountains morning", [
        "orange balloon",
      ]),
      shot("a yellow bus in the desert by day", "desert day", ["yellow bus"]),
      shot("a blue umbrella and a pink cake on the beach by day", "beach day", [
        "blue umbrella",
        "pink cake",
      ]),
      shot("a green turtle on the beach by day", "beach day", ["green turtle"]),
      shot("a white boat by the sea at sunset", "beach evening", ["white boat"]),
      shot("a red lighthouse on the beach at night", "beach night", ["red lighthouse"]),
    ],
  },
  {
    title: "Home for the winter",
    file: "home-for-the-winter.mp4",
    shots: [
      shot("a red car in the city at night", "city night", ["red car"]),
      shot("a purple robot and a white cup in a room in the morning", "room morning", [
        "purple robot",
        "white cup",
      ]),
      shot("a black cat and a yellow lamp in a room in the evening", "room evening", [
        "black cat",
        "yellow lamp",
      ]),
      shot("a brown castle in the snow by day", "snow day", ["brown castle"]),
      shot("a grey elephant in the snow in the evening", "snow evening", ["grey elephant"]),
      shot("a blue rocket in the snow at night", "snow night", ["blue rocket"]),
    ],
  },
];

/** Sentences to propose to people; each is answered by one shot. */
export const suggestions = [
  "a red car at night",
  "a white boat at sunset",
  "a brown dog in the park in the morning",
  "a brown castle in the snow",
  "a green turtle on the beach",
  "a blue rocket in the snow at night",
];
