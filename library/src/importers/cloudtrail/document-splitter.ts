import { isUtf8 } from "node:buffer";

import { longestLineBytes, showBytes } from "../read-lines.ts";
import { findRecordStart, firstMember, longestOpening, longestRecordStart, opening } from "./document-marks.ts";

/** One record's text, or what is wrong where a record should be. `text` is then the beginning of what was found. */
export interface Piece {
  readonly number: number;
  readonly text: string;
  readonly problem?: string;
  readonly unfinished?: true;
}

const keptOfBroken = 1000;

/**
 * Where in the text the splitter is.
 *
 * - `before` a document, `among` its records, `inside` one of them, `after` the last one
 * - `odd`: in something between records that is none
 * - `lost`: what was there made no sense, and the next record is being looked for
 */
type Where = "before" | "among" | "inside" | "odd" | "after" | "lost";

interface Splitting {
  where: Where;
  buffer: Buffer;
  /** Up to here the buffer was looked at. */
  index: number;
  /** From here on, something is in the making. */
  start: number;
  /** Inside a record: brackets that are open, and whether a text is. */
  depth: number;
  inText: boolean;
  number: number;
  pieces: Piece[];
}

/** Cuts documents into records, over chunks that may end anywhere. Holds no more than one record and one chunk. */
export function createDocumentSplitter() {
  const state: Splitting = {
    where: "before",
    buffer: Buffer.alloc(0),
    index: 0,
    start: 0,
    depth: 0,
    inText: false,
    number: 0,
    pieces: [],
  };
  return {
    push(chunk: Uint8Array): readonly Piece[] {
      append(state, chunk);
      run(state);
      return takePieces(state);
    },
    end(): readonly Piece[] {
      while (state.where === "inside") {
        abandon(state, "the source ends in the middle of this record, or its brackets or quotes do not add up", true);
        run(state);
      }
      if (state.where === "before" && !isBlank(state.buffer.subarray(state.start))) {
        add(state, state.buffer.subarray(state.start), 'expected {"Records":[ here', true);
      }
      if (state.where === "odd") {
        add(state, state.buffer.subarray(state.start), "expected a record that begins with { here");
        enter(state, "among");
      }
      if (state.where === "among") add(state, Buffer.alloc(0), "the source ends before its list of records does", true);
      return takePieces(state);
    },
  };
}

function append(state: Splitting, chunk: Uint8Array): void {
  const { where, start, index, buffer } = state;
  const keep = where === "among" || where === "after" ? index : start;
  const left = buffer.subarray(keep);
  // An escape may have ended the last chunk: `index` is then one beyond it.
  [state.index, state.start] = [index - keep, start - keep];
  state.buffer =
    left.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([left, chunk]);
}

const readers: Readonly<Record<Where, (state: Splitting) => void>> = {
  before: readBefore,
  among: readAmong,
  inside: readInside,
  odd: readOdd,
  after: readAfter,
  lost: readLost,
};

function run(state: Splitting): void {
  let hasMoved = true;
  while (hasMoved && state.index < state.buffer.length) {
    const { index, where } = state;
    readers[where](state);
    hasMoved = state.index !== index || state.where !== where;
  }
}

function takePieces(state: Splitting): readonly Piece[] {
  const { pieces } = state;
  state.pieces = [];
  return pieces;
}

function add(state: Splitting, bytes: Buffer, problem?: string, unfinished?: true): void {
  state.number += 1;
  const flaw = problem ?? (isUtf8(bytes) ? undefined : "the record is not UTF-8");
  const text = flaw === undefined ? bytes.toString("utf8") : showBytes(bytes.subarray(0, keptOfBroken));
  state.pieces.push({
    number: state.number,
    text,
    ...(flaw !== undefined && { problem: flaw }),
    ...(unfinished && { unfinished }),
  });
}

function enter(state: Splitting, where: Where): void {
  [state.where, state.start, state.depth, state.inText] = [where, state.index, 0, false];
}

const code = (character: string): number => character.charCodeAt(0);
const [quoteMark, backslash, comma] = [code('"'), code("\\"), code(",")] as const;
const [openBrace, closeBrace, openBracket, closeBracket] = [code("{"), code("}"), code("["), code("]")] as const;

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function isBlank(bytes: Buffer): boolean {
  return bytes.every(isSpace);
}

/** Moves on while the bytes are ones to pass over. */
function skip(state: Splitting, isPassed: (byte: number) => boolean): void {
  while (state.index < state.buffer.length && isPassed(state.buffer[state.index]!)) state.index += 1;
}

function readBefore(state: Splitting): void {
  const { buffer, start } = state;
  const match = opening.exec(buffer.toString("latin1", start, start + 4 * longestOpening));
  if (match !== null) {
    state.index = start + match[0].length;
    return enter(state, "among");
  }
  if (buffer.length - start < longestOpening) return;
  add(state, buffer.subarray(start), 'expected {"Records":[ here');
  enter(state, "lost");
}

function readAmong(state: Splitting): void {
  skip(state, (byte) => isSpace(byte) || byte === comma);
  const { index, buffer } = state;
  if (index === buffer.length) return;
  if (buffer[index] === openBrace) return enter(state, "inside");
  if (buffer[index] === closeBracket) {
    state.index += 1;
    return enter(state, "after");
  }
  enter(state, "odd");
}

/** Goes on to where a record can begin, or the list can end. */
function readOdd(state: Splitting): void {
  skip(state, (byte) => byte !== openBrace && byte !== closeBracket);
  const { index, start, buffer } = state;
  if (index === buffer.length && index - start <= longestLineBytes) return;
  add(state, buffer.subarray(start, index), "expected a record that begins with { here");
  enter(state, "among");
}

/** Goes through a record to its last bracket. This loop sees every byte of a file. */
function readInside(state: Splitting): void {
  const { buffer, start } = state;
  let { index, depth, inText } = state;
  for (; index < buffer.length; index += 1) {
    const byte = buffer[index]!;
    if (inText) {
      if (byte === backslash) index += 1;
      else if (byte === quoteMark) inText = false;
    } else if (byte === quoteMark) inText = true;
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1;
      if (depth > 0) continue;
      state.index = index + 1;
      return finish(state);
    }
  }
  Object.assign(state, { index, depth, inText });
  if (index - start > longestLineBytes) abandon(state, tooLong);
}

const tooLong = `the record is longer than ${longestLineBytes} bytes, or its brackets or quotes do not add up`;

/**
 * The brackets of a record are closed. They may have closed by chance, in the middle of a later record: where one begins
 * inside of this one, this one is broken, and that one is read for itself.
 */
function finish(state: Splitting): void {
  const { buffer, start, index } = state;
  const bytes = buffer.subarray(start, index);
  const own = bytes.indexOf(firstMember);
  if (own !== -1 && bytes.indexOf(firstMember, own + 1) !== -1 && findRecordStart(bytes, 1) !== undefined) {
    return abandon(state, "another record begins inside this one: its brackets or quotes do not add up");
  }
  add(state, bytes, bytes.length > longestLineBytes ? tooLong : undefined);
  enter(state, "among");
}

/** Gives up on the record in the making, and goes on at the next place where one begins. */
function abandon(state: Splitting, problem: string, unfinished?: true): void {
  const { buffer, start } = state;
  const next = findRecordStart(buffer, start + 1);
  add(state, buffer.subarray(start, next ?? buffer.length), problem, next === undefined ? unfinished : undefined);
  // Behind the record that was given up, or it would be found again.
  state.index = next ?? Math.max(start + 1, buffer.length - longestRecordStart);
  enter(state, next === undefined ? "lost" : "inside");
}

function readLost(state: Splitting): void {
  const { buffer, start } = state;
  const next = findRecordStart(buffer, start);
  state.index = next ?? Math.max(start, buffer.length - longestRecordStart);
  if (next === undefined) state.start = state.index;
  else enter(state, "inside");
}

/** Behind the records of a document; another one may follow. */
function readAfter(state: Splitting): void {
  skip(state, (byte) => isSpace(byte) || byte === closeBrace);
  const { index, buffer } = state;
  if (index === buffer.length) return;
  if (buffer[index] === openBrace || buffer[index] === openBracket) return enter(state, "before");
  add(state, buffer.subarray(index), "the document goes on after its records; only another one may follow");
  enter(state, "lost");
}
