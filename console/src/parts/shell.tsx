import { useEffect, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";

import { useCatalogue, useSearches, useTenants } from "../api/reading.ts";
import { useSignOut } from "../api/session.ts";
import type { Person, SavedSearch } from "../api/types.ts";
import { EventText } from "../kit/event-text.tsx";
import { Icon, type IconName } from "../kit/icon.tsx";
import { Menu } from "../kit/menu.tsx";
import { linkTo, useParameters } from "../state/address.ts";
import { changeSettings, ownZone, useSettings } from "../state/settings.ts";
import { useShortcuts } from "../state/shortcuts.ts";
import { chooseZone, useZone } from "../state/zone.ts";
import { KeyboardHelp } from "./keyboard-help.tsx";
import { TrustBar } from "./trust-bar.tsx";

/** What stands around every page: the way to the others, who is signed in, and how the trail is doing. */
export function Shell({ person, children }: { readonly person: Person; readonly children: ReactNode }) {
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [path] = useLocation();
  const [parameters] = useParameters();
  const tenant = parameters.get("tenant") ?? undefined;
  const { timeStyle } = useSettings();
  useEffect(() => setMenuOpen(false), [path]);
  useShortcuts({
    "?": () => setHelpOpen(true),
    "/": focusSearch,
    t: () => changeSettings({ timeStyle: timeStyle === "relative" ? "absolute" : "relative" }),
  });
  return (
    <div className="shell">
      <a className="skip" href="#main" onClick={(event) => skipToMain(event)}>
        Skip to the page
      </a>
      <header className="phone-bar">
        <button
          type="button"
          className="icon-button"
          aria-label="Menu"
          aria-expanded={isMenuOpen}
          onClick={() => setMenuOpen(!isMenuOpen)}
        >
          <Icon name={isMenuOpen ? "close" : "menu"} />
        </button>
        <Brand />
      </header>
      <nav className={`side${isMenuOpen ? " is-open" : ""}`} aria-label="Pages">
        <Brand />
        <SideLinks person={person} tenant={tenant} />
        <div className="side-foot">
          <PersonMenu person={person} onHelp={() => setHelpOpen(true)} />
        </div>
      </nav>
      <div className="content">
        <main id="main" tabIndex={-1}>
          {children}
        </main>
        <TrustBar tenant={tenant} />
      </div>
      {isHelpOpen && <KeyboardHelp onClose={() => setHelpOpen(false)} />}
    </div>
  );
}

/** Selected, as a browser's own address is: what is typed takes its place. */
function focusSearch(): void {
  const input = document.querySelector<HTMLInputElement>(".search-input");
  input?.focus();
  input?.select();
}

/** The address is the console's own, so a link to an element has to be followed by hand. */
function skipToMain(event: { preventDefault: () => void }): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("#main")?.focus();
}

function Brand() {
  return (
    <Link href="/" className="brand">
      <span className="brand-mark" aria-hidden="true">
        <Icon name="shield" />
      </span>
      Auditrail
    </Link>
  );
}

function SideLink({
  href,
  icon,
  children,
}: {
  readonly href: string;
  readonly icon: IconName;
  readonly children: ReactNode;
}) {
  const [path] = useLocation();
  const isHere = path === href.split("?")[0];
  return (
    <Link href={href} className="side-link" aria-current={isHere ? "page" : undefined}>
      <Icon name={icon} />
      <span>{children}</span>
    </Link>
  );
}

function SideLinks({ person, tenant }: { readonly person: Person; readonly tenant: string | undefined }) {
  const { data: catalogue } = useCatalogue();
  const { data: saved } = useSearches();
  const isAdministrator = person.roles.includes("administrator");
  const within = (path: string) => linkTo(path, { tenant });
  return (
    <div className="side-links">
      <TenantSwitch tenant={tenant} />
      <SideLink href={within("/")} icon="activity">
        Activity
      </SideLink>
      <SideLink href={within("/reports")} icon="report">
        Reports
      </SideLink>
      <h2>Logs</h2>
      {Object.entries(catalogue?.logs ?? {}).map(([name, { title, readers }]) => (
        <SideLink key={name} href={within(`/log/${encodeURIComponent(name)}`)} icon="log">
          <EventText text={title} atMost={40} cuts />
          {readers === "restricted" && <span className="tag">restricted</span>}
        </SideLink>
      ))}
      {saved !== undefined && saved.searches.length > 0 && <h2>Saved searches</h2>}
      {saved?.searches.map(({ id, name, query, view }) => (
        <Link key={id} href={linkTo("/", { q: query, tenant, columns: columnsOf(view) })} className="side-link">
          <Icon name="star" />
          <EventText text={name} atMost={40} cuts />
        </Link>
      ))}
      <h2>Reference</h2>
      <SideLink href="/catalogue" icon="book">
        Catalogue
      </SideLink>
      {isAdministrator && (
        <>
          <h2>Administration</h2>
          <SideLink href="/people" icon="people">
            People
          </SideLink>
          <SideLink href="/keys" icon="key">
            API keys
          </SideLink>
        </>
      )}
    </div>
  );
}

function columnsOf(view: SavedSearch["view"]): string | undefined {
  const columns = view?.["columns"];
  return Array.isArray(columns) ? columns.join(",") : undefined;
}

/** The trail of checkpoints is for whoever witnesses them: it is no tenant's, and is found by its address alone. */
const anchorTenant = "auditrail.anchor";

/** Which trail, where the reader may read several. */
function TenantSwitch({ tenant }: { readonly tenant: string | undefined }) {
  const { data } = useTenants();
  const [, change] = useParameters();
  const others = (data?.tenants ?? []).filter((one) => one.tenant !== anchorTenant || one.tenant === tenant);
  if (others.length < 2) return null;
  return (
    <label className="tenant">
      <span className="visually-hidden">Trail</span>
      <select
        value={tenant ?? "default"}
        onChange={({ target }) =>
          change({ tenant: target.value === "default" ? undefined : target.value, entry: undefined })
        }
      >
        {others.map((one) => (
          <option key={one.tenant}>{one.tenant}</option>
        ))}
      </select>
    </label>
  );
}

const themes = ["system", "light", "dark"] as const;

function PersonMenu({ person, onHelp }: { readonly person: Person; readonly onHelp: () => void }) {
  const { theme } = useSettings();
  const zone = useZone();
  const signOut = useSignOut();
  return (
    <Menu
      label={
        <>
          <Icon name="person" />
          <span className="person-name">
            <EventText text={person.name} atMost={30} cuts />
          </span>
        </>
      }
    >
      {(close) => (
        <>
          <p className="menu-note">{person.roles.join(", ")}</p>
          <fieldset className="segments">
            <legend>Look</legend>
            {themes.map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={theme === one}
                onClick={() => changeSettings({ theme: one })}
              >
                {one}
              </button>
            ))}
          </fieldset>
          <fieldset className="segments">
            <legend>Time zone</legend>
            {[...new Set([ownZone, "UTC", zone])].map((one) => (
              <button key={one} type="button" aria-pressed={zone === one} onClick={() => chooseZone(one)}>
                {one}
              </button>
            ))}
          </fieldset>
          {!person.handedOver && (
            <Link href="/account" className="menu-item" onClick={close}>
              <Icon name="key" /> Own password
            </Link>
          )}
          <button type="button" className="menu-item" onClick={() => (close(), onHelp())}>
            <Icon name="activity" /> Keyboard
          </button>
          <button type="button" className="menu-item" onClick={() => signOut.mutate(undefined)}>
            <Icon name="out" /> Sign out
          </button>
        </>
      )}
    </Menu>
  );
}
