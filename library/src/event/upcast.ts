import type { JsonObject } from "../base/canonical-json.ts";
import type { Catalogue } from "./catalogue.ts";
import type { AuditEvent } from "./event.ts";

/**
 * The event with its data in the shape of the catalogue's current version, so that readers know one shape only.
 * The entry keeps what was written. Events of unknown actions, and of versions newer than ours, are left alone.
 */
export function upcastEvent(event: AuditEvent, catalogue: Catalogue): AuditEvent {
  const definition = catalogue.lookup(event.action)?.definition;
  if (definition === undefined || event.version >= definition.version) return event;
  // Nothing was recorded, or all of it was masked: there is nothing that an upcast could read.
  if (event.data === undefined) return { ...event, version: definition.version };
  let data: unknown = event.data;
  for (let version = event.version; version < definition.version; version += 1) {
    data = definition.upcast[version]!(data as never);
  }
  return { ...event, version: definition.version, data: data as JsonObject };
}
