import { Dialog } from "../kit/dialog.tsx";

const keys: readonly (readonly [readonly string[], string])[] = [
  [["/"], "Search"],
  [["j", "k"], "Next, previous entry of the list"],
  [["Enter"], "Open the entry"],
  [["]", "["], "Next, previous entry while one is open"],
  [["Esc"], "Close what is open"],
  [["t"], "Relative or absolute times"],
  [["l"], "Follow live, or stop"],
  [["?"], "This page"],
];

export function KeyboardHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl className="keys">
        {keys.map(([names, says]) => (
          <div key={says}>
            <dt>
              {names.map((name) => (
                <kbd key={name}>{name}</kbd>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
