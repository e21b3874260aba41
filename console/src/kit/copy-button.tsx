import { useState } from "react";

import { Icon, type IconName } from "./icon.tsx";

interface CopyButtonProps {
  readonly text: string | (() => string);
  readonly label: string;
  readonly icon?: IconName;
  readonly bare?: boolean;
}

export function CopyButton({ text, label, icon = "copy", bare = false }: CopyButtonProps) {
  const [said, setSaid] = useState<string | undefined>();
  async function copy(): Promise<void> {
    const value = typeof text === "function" ? text() : text;
    const copied = await writeClipboard(value);
    setSaid(copied ? "Copied" : "Not copied");
    setTimeout(() => setSaid(undefined), 1600);
  }
  return (
    <button
      type="button"
      className={bare ? "icon-button" : "button"}
      title={label}
      aria-label={bare ? label : undefined}
      onClick={() => void copy()}
    >
      <Icon name={said === "Copied" ? "success" : icon} />
      {!bare && <span>{said ?? label}</span>}
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </button>
  );
}

/** Pages on plain HTTP have no clipboard; the selection does it there. */
async function writeClipboard(value: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = value;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}
