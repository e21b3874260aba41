/** `auditrail/witness`: remembering what a log has signed, and cosigning only what continues it (C2SP tlog-witness). */

export { addCheckpoint, type Witness, type WitnessAnswer } from "./add-checkpoint.ts";
export {
  createWitnessClient,
  type CosignRequest,
  type WitnessClient,
  type WitnessClientOptions,
} from "./create-witness-client.ts";
export { serveWitness, type ServeWitnessOptions, type WitnessServer } from "./serve-witness.ts";
export { openWitnessState, type CosignedCheckpoint, type Fork, type WitnessState } from "./witness-state.ts";
