import { z } from "zod";

/** The parts of the hub's files that decide what goes into the graphs. */

const side = z.number().int().min(1).max(4096);

/** `config.json`. Exporters leave out what has the architecture's standard value. */
export const modelConfigSchema = z.object({
  model_type: z.string(),
  text_config: z
    .object({ max_position_embeddings: z.number().int().min(2).max(4096).optional() })
    .optional(),
});

const sizeSchema = z.union([
  z.object({ shortest_edge: side }),
  z.object({ height: side, width: side }),
  side.transform((shortest_edge) => ({ shortest_edge })),
]);
const cropSchema = z.union([
  z.object({ height: side, width: side }),
  side.transform((each) => ({ height: each, width: each })),
]);
const perChannel = z.tuple([z.number(), z.number(), z.number()]);

/**
 * `preprocessor_config.json`. Numbers of `resample` are Pillow's: 2 is bilinear, 3 is bicubic.
 * What comes out has one size for every picture: cropped from a shorter side, or squashed.
 */
export const preprocessorConfigSchema = z
  .object({
    do_resize: z.literal(true).prefault(true),
    size: sizeSchema,
    resample: z.union([z.literal(2), z.literal(3)], "is 2 (bilinear) or 3 (bicubic)").prefault(3),
    do_center_crop: z.boolean().nullish(),
    crop_size: cropSchema.nullish(),
    do_rescale: z.boolean().prefault(true),
    rescale_factor: z
      .number()
      .positive()
      .prefault(1 / 255),
    do_normalize: z.boolean().prefault(true),
    image_mean: perChannel.prefault([0.5, 0.5, 0.5]),
    image_std: perChannel.prefault([0.5, 0.5, 0.5]),
  })
  .transform(({ crop_size, do_center_crop, ...rest }) => ({
    ...rest,
    crop: do_center_crop === true && crop_size ? crop_size : null,
  }))
  .refine(({ size, crop }) => !("shortest_edge" in size) || crop !== null, {
    path: ["crop_size"],
    message: "a shorter side needs a centre crop",
  })
  .refine(
    ({ size, crop }) => {
      const [height, width] =
        "shortest_edge" in size
          ? [size.shortest_edge, size.shortest_edge]
          : [size.height, size.width];
      return crop === null || (crop.height <= height && crop.width <= width);
    },
    { path: ["crop_size"], message: "the crop is larger than the size" },
  );

const token = z.union([z.string(), z.object({ content: z.string() })]);

/** `tokenizer_config.json`. The tokenizer's library reads the rest of it. */
export const tokenizerConfigSchema = z.looseObject({ pad_token: token.nullish() });
