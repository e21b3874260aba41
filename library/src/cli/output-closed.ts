/** Thrown by writing when nobody reads any more (`auditrail export | head`): the reader's choice, not a failure. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}
