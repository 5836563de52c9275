import { Fn } from "aws-cdk-lib";

/** The text with what CloudFormation puts in for `${AWS::Region}` and its like. */
export function substituted(text: string): string {
  return text.includes("${AWS::") ? Fn.sub(text) : text;
}
