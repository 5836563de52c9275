import { useEffect, useRef, useState } from "preact/hooks";
import { PencilIcon } from "./icons.tsx";
import { nameProblem } from "./person-name.ts";

const NAME_NOTE = "Names here are no accounts: whoever uses yours sees what you keep private.";

/** A coloured initial; the colour follows from the name. */
export function Avatar({ name }: { name: string }) {
  const hue = [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  return (
    <span class="avatar" style={{ "--hue": String(hue) }} aria-hidden="true">
      {[...name][0]?.toUpperCase()}
    </span>
  );
}

/** Who this tab is, and the place to change it. */
export function Person({ name, onRename }: { name: string; onRename: (name: string) => void }) {
  const [draft, setDraft] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const isEditing = draft !== null;
  const problem = draft === null ? null : nameProblem(draft);

  useEffect(() => {
    if (isEditing) input.current?.select();
  }, [isEditing]);

  const close = () => {
    setDraft(null);
    // The button is there again after this render.
    requestAnimationFrame(() => button.current?.focus());
  };
  const save = () => {
    if (draft === null || problem !== null) return;
    onRename(draft.trim());
    close();
  };

  if (draft === null) {
    return (
      <button type="button" class="person" ref={button} onClick={() => setDraft(name)}>
        <Avatar name={name} />
        <span class="hidden">Change your name: </span>
        <span class="person-name">{name}</span>
        <PencilIcon />
      </button>
    );
  }
  return (
    <form
      class="person-form"
      aria-label="Change your name"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <input
        ref={input}
        value={draft}
        aria-label="Your name"
        aria-invalid={problem !== null}
        aria-describedby="name-problem name-note"
        autocomplete="off"
        spellcheck={false}
        size={16}
        onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") close();
        }}
      />
      <button type="submit" class="button" disabled={problem !== null}>
        Save
      </button>
      <div class="person-notes">
        <p id="name-problem" class="problem" role="status">
          {problem}
        </p>
        <p id="name-note" class="person-note">
          {NAME_NOTE}
        </p>
      </div>
    </form>
  );
}
