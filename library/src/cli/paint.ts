import { styleText } from "node:util";

import type { TextOutput } from "./text-output.ts";

type Painter = (text: string) => string;

/** Colours by meaning, or none of them where they are not wanted. Nothing is ever said by colour alone. */
export interface Paint {
  readonly good: Painter;
  readonly bad: Painter;
  readonly warning: Painter;
  readonly dim: Painter;
  readonly strong: Painter;
  readonly accent: Painter;
}

export function createPaint({ colours }: Pick<TextOutput, "colours">): Paint {
  const painter =
    (format: Parameters<typeof styleText>[0]): Painter =>
    (text) =>
      colours && text !== "" ? styleText(format, text, { validateStream: false }) : text;
  return {
    good: painter("green"),
    bad: painter("red"),
    warning: painter("yellow"),
    dim: painter("dim"),
    strong: painter("bold"),
    accent: painter("cyan"),
  };
}
