import { useState } from "react";

import { splitVisible, type LineBreaks } from "./visible-text.ts";

interface EventTextProps {
  readonly text: string;
  /** Cuts what is longer, with a button to show the rest. */
  readonly atMost?: number;
  /** Cuts without a button: for lists, where the entry itself has the whole text. */
  readonly cuts?: boolean;
  readonly lines?: LineBreaks;
}

/** Text that somebody else wrote. Isolated, so that a right-to-left name does not rearrange what stands beside it. */
export function EventText({ text, atMost = 600, cuts = false, lines = "escaped" }: EventTextProps) {
  const [isWhole, setWhole] = useState(false);
  const isCut = text.length > atMost && !isWhole;
  const shown = isCut ? text.slice(0, atMost) : text;
  return (
    <>
      <bdi>
        {splitVisible(shown, lines).map((piece, index) =>
          piece.isEscape ? (
            <span key={index} className="escape" title="A character that cannot be seen">
              {piece.text}
            </span>
          ) : (
            piece.text
          ),
        )}
        {isCut && "…"}
      </bdi>
      {isCut && !cuts && (
        <button type="button" className="link-button" onClick={() => setWhole(true)}>
          Show all {text.length.toLocaleString("en")} characters
        </button>
      )}
    </>
  );
}
