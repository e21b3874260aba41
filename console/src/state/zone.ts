/**
 * The time zone in force. It stands in the address of every page whose days and times depend on it, so that whoever is given
 * the link sees what its sender saw; without one it is the reader's own choice.
 */

import { useEffect, useSyncExternalStore } from "react";

import { goTo, subscribe, useParameters } from "./address.ts";
import { changeSettings, useSettings } from "./settings.ts";

const known = new Map<string, boolean>();

/** An address may say anything; a zone that there is not would break every time on the page. */
function isZone(name: string): boolean {
  const isKnown = known.get(name) ?? canFormat(name);
  known.set(name, isKnown);
  return isKnown;
}

function canFormat(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}

const readZone = (): string | null => new URLSearchParams(location.hash.split("?")[1]).get("zone");

export function useZone(): string {
  const said = useSyncExternalStore(subscribe, readZone);
  const { zone } = useSettings();
  return said !== null && isZone(said) ? said : zone;
}

/** For pages whose meaning depends on the zone: the same, and from now on it stands in their address. */
export function useZoneInAddress(): string {
  const zone = useZone();
  const [parameters, change] = useParameters();
  const isSaid = parameters.get("zone") === zone;
  useEffect(() => {
    if (!isSaid) change({ zone }, { replace: true });
  }, [isSaid, zone, change]);
  return zone;
}

/** What the reader chooses holds for this page and from now on. */
export function chooseZone(zone: string): void {
  changeSettings({ zone });
  const [path, query = ""] = location.hash.slice(1).split("?");
  const parameters = new URLSearchParams(query);
  if (!parameters.has("zone")) return;
  parameters.set("zone", zone);
  goTo(`${path}?${parameters.toString()}`, { replace: true });
}
