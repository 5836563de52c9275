/**
 * Words for a manner of drawing. Each style is an effect over the finished picture (effects.ts);
 * some also change the palette before anything is drawn (palette.ts).
 */
export const styleWords = {
  pixel: "pixel pixelart pixelated 8-bit 8bit 16-bit 16bit retro-game",
  watercolor: "watercolor watercolour aquarelle gouache wash painterly",
  oil: "oil impressionist impressionism impasto monet gogh brushstroke",
  pencil: "pencil sketch drawn doodle charcoal graphite",
  ink: "ink line lineart linework etching engraving woodcut outline",
  noir: "noir monochrome black-and-white grayscale greyscale b&w monochromatic",
  vintage: "vintage sepia retro antique old nostalgic faded polaroid film analog",
  neon: "neon cyberpunk synthwave vaporwave glowing electric",
  comic: "comic poster pop manga cartoon screenprint lithograph halftone popart stencil",
  dream: "dreamy dream blur blurry soft ethereal bokeh hazy",
  grain: "grain grainy riso risograph gritty textured",
  contrast: "dramatic contrast cinematic bold epic vivid vibrant hdr",
  pastel: "pastel kawaii delicate gentle",
  dark: "dark gloomy moody gothic spooky haunted eerie sinister",
} as const satisfies Record<string, string>;
export type Style = keyof typeof styleWords;
