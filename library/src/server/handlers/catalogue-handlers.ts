import { formatInstant } from "../../base/time.ts";
import { describeCatalogue, type ActionDescription } from "../../event/describe.ts";
import type { Action } from "../../event/action.ts";
import { fields } from "../../query/fields.ts";
import { mayReadTenant, readerOf } from "../caller.ts";
import type { Handlers } from "../call.ts";

export const catalogueHandlers: Handlers<"readCatalogue" | "listTenants"> = {
  readCatalogue({ services, caller }) {
    const reader = readerOf(caller);
    const described = describeCatalogue(services.catalogue).logs;
    const logs = [...services.catalogue.logs.values()].filter((log) => services.rules.mayReadLog(reader, log));
    return {
      logs: Object.fromEntries(
        logs.map((log) => {
          const { title, readers, list, retain, otherActions, name } = log;
          // The log of the audit trail itself is in no description: every catalogue has it.
          const actions = described[name]?.actions ?? mapValues(log.actions, describeBriefly);
          const shown = { ...actions } as Record<string, ActionDescription & { readonly [name: string]: unknown }>;
          return [
            name,
            {
              title,
              readers,
              list: { ...list },
              retainDays: retain?.days ?? null,
              open: otherActions !== undefined,
              actions: shown,
            },
          ];
        }),
      ),
      fields: fields.map(({ name, type, says, values, personal }) => ({
        ...{ name, type, says, personal: personal === true },
        ...(values === undefined ? {} : { values }),
      })),
    };
  },

  async listTenants({ services, caller }) {
    const heads = await services.store.listTrails();
    return {
      tenants: heads
        .filter(({ tenant }) => mayReadTenant(caller, tenant))
        .map(({ recordedAtMicros, size, ...head }) => ({
          ...{ ...head, size },
          lastEventAt: size === 0 ? null : formatInstant(recordedAtMicros),
        })),
    };
  },
};

function describeBriefly({ op, says, guarantee, reason, severity, version }: Action): ActionDescription {
  return { op, says, guarantee, reason, severity, version };
}

function mapValues<From, To>(object: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}
