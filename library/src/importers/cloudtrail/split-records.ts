/**
 * Cuts CloudTrail files into records without holding more than one of them: documents `{"Records":[…]}` as AWS delivers them (also
 * several in a row, as `zcat *.gz` gives), `{"Events":[…]}` of `aws cloudtrail lookup-events`, bare arrays, and JSON Lines.
 *
 * A document is cut at the brackets and each record parsed by itself, instead of parsing the document as one value: a
 * record that is broken then costs itself alone, and what is in memory is one record.
 */

import { readLines } from "../read-lines.ts";
import { longestOpening, opening } from "./document-marks.ts";
import { createDocumentSplitter, type Piece } from "./document-splitter.ts";

/** Errors: those of the chunks. */
export async function* splitRecords(chunks: AsyncIterable<Uint8Array>): AsyncIterable<readonly Piece[]> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let ended = false;
  while (head.length < longestOpening && !ended) {
    const next = await iterator.next();
    ended = next.done === true;
    if (next.done !== true) head = Buffer.concat([head, next.value]);
  }
  const rest: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => iterator };
  const all = prepend(head, rest);
  if (opening.test(head.toString("latin1", 0, 4 * longestOpening))) yield* splitDocuments(all);
  else yield* splitLines(all);
}

async function* prepend(head: Buffer, rest: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield head;
  yield* rest;
}

async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncIterable<readonly Piece[]> {
  let number = 0;
  for await (const lines of readLines(chunks)) {
    const pieces: Piece[] = [];
    for (const { text, flaw, unfinished } of lines) {
      if (text.trim() === "") continue;
      number += 1;
      pieces.push({
        number,
        text,
        ...(flaw && { problem: `the record is ${flaw}` }),
        ...(unfinished && { unfinished }),
      });
    }
    yield pieces;
  }
}

async function* splitDocuments(chunks: AsyncIterable<Uint8Array>): AsyncIterable<readonly Piece[]> {
  const splitter = createDocumentSplitter();
  for await (const chunk of chunks) yield splitter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  yield splitter.end();
}
