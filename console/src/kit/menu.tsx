import { useEffect, useId, useRef, useState, type ReactNode } from "react";

interface MenuProps {
  readonly label: ReactNode;
  readonly title?: string;
  readonly align?: "left" | "right";
  /** Given what closes the menu again. */
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens a small panel below itself. Escape and a click beside it close it. */
export function Menu({ label, title, align = "left", children }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const panel = useId();
  useEffect(() => {
    if (!isOpen) return;
    const onPress = (event: PointerEvent) => !root.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", onPress);
    return () => document.removeEventListener("pointerdown", onPress);
  }, [isOpen]);
  return (
    <div
      className="menu"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        setOpen(false);
        root.current?.querySelector("button")?.focus();
      }}
    >
      <button
        type="button"
        className="button"
        title={title}
        aria-expanded={isOpen}
        aria-controls={isOpen ? panel : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {label}
      </button>
      {isOpen && (
        <div className={`menu-panel menu-${align}`} id={panel}>
          {children(() => setOpen(false))}
        </div>
      )}
    </div>
  );
}
