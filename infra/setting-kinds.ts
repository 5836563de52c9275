import { z } from "zod";

export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/u, `takes a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `takes a whole number from ${min} to ${max}`);

const URL_EXAMPLE = "takes a URL such as https://atelier.example.com";
export const url = z
  .string()
  .regex(/^https?:\/\/[^\s/]+\S*$/u, URL_EXAMPLE)
  .refine((value) => URL.canParse(value), URL_EXAMPLE)
  .transform((value) => value.replace(/\/+$/u, ""));

export const list = z.string().transform((text) =>
  text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== ""),
);

/** One number for every model and others for some, which are named as people type them. */
export interface PerModel {
  standard: number;
  exceptions: { model: string; value: number }[];
}

function readPerModel(text: string): PerModel {
  const [standard = "", ...exceptions] = text.split(",").map((each) => each.trim());
  return {
    standard: Number(standard),
    exceptions: exceptions.map((each) => {
      const [model = "", value = ""] = each.split("=").map((part) => part.trim());
      return { model: model.toLowerCase(), value: Number(value) };
    }),
  };
}

/** The number that counts for a model. */
export function valueOfModel(
  { standard, exceptions }: PerModel,
  { id, label }: { id: string; label: string },
): number {
  const names = `${id} ${label}`.toLowerCase();
  return exceptions.find(({ model }) => names.includes(model))?.value ?? standard;
}

/** A number for every model, then exceptions: `60,core=120`. Names as people type them. */
export const perModel = z
  .string()
  .regex(
    /^\d{1,6}(\s*,\s*[^=,\s]+\s*=\s*\d{1,6})*$/u,
    "takes a number, then exceptions by model, such as 60 or 60,core=120",
  )
  // A limit of 0 would let every call wait for ever.
  .refine((text) => !/(^|=)\s*0+\s*(,|$)/u.test(text), "takes numbers from 1 up")
  .transform(readPerModel);

/** A price in USD for every model, then exceptions: `0.08,core=0.04`. */
export const pricePerModel = z
  .string()
  .regex(
    /^\d{1,4}(\.\d{1,6})?(\s*,\s*[^=,\s]+\s*=\s*\d{1,4}(\.\d{1,6})?)*$/u,
    "takes a price in USD, then exceptions by model, such as 0.08 or 0.08,core=0.04",
  )
  .transform(readPerModel);

export const bucket = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u, "takes the name of an S3 bucket");
export const table = z
  .string()
  .regex(/^[a-zA-Z0-9_.-]{3,255}$/u, "takes the name of a DynamoDB table, 3 to 255 characters");

export const lambdaFunction = z
  .string()
  .regex(/^[\w:.$-]{1,170}$/u, "takes the name or ARN of a Lambda function");

export const snowflake = z
  .string()
  .regex(/^\d{17,20}$/u, "takes an id of Discord's, 17 to 20 digits");
