import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CommandView } from "../job-view.ts";
import { type Api, sentenceOf } from "./api.ts";
import { AttachmentChips } from "./attachment-chips.tsx";
import { PICTURE_TYPES, VIDEO_TYPES } from "./attachment-problem.ts";
import { AttachIcon, SendIcon } from "./icons.tsx";
import { addSent, readSent } from "./sent-history.ts";
import { SUGGESTION_LIST_ID, SuggestionList, suggestionId } from "./suggestion-list.tsx";
import { complete, isComplete, type Suggestion, suggest } from "./suggestions.ts";
import { type Attached, releasePreview, useAttachments } from "./use-attachments.ts";
import { useDrop } from "./use-drop.ts";
import { useSlashKey } from "./use-slash-key.ts";

/** A text to put into the input; a new object each time. */
export interface Prefill {
  text: string;
}

type Send = (
  text: string,
  uploads: Promise<readonly string[]>,
  withdraws: () => boolean,
) => Promise<void>;

function whatToDoWith(attached: readonly Attached[]): string {
  return attached.every(({ previewUrl }) => previewUrl === null)
    ? "Write what to do with the video, such as /addvideo."
    : "Write what to do with the picture, such as /restyle.";
}

/** Where people write: suggestions, history, files. */
export function Composer({
  api,
  user,
  commands,
  prefill,
  send,
  onSent,
}: {
  api: Api;
  user: string;
  commands: readonly CommandView[];
  prefill: Prefill | null;
  send: Send;
  onSent: () => void;
}) {
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0);
  const [choice, setChoice] = useState<number | null>(null);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [recalled, setRecalled] = useState<number | null>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const nextCaret = useRef<number | null>(null);
  const { attached, add, remove, take, show } = useAttachments(api);
  const attach = (files: readonly File[]) => {
    setProblem(add(files));
    input.current?.focus();
  };
  const isDropping = useDrop(attach);
  useSlashKey(input);

  const suggestions = useMemo(
    () =>
      dismissed === text || recalled !== null || !text.trimStart().startsWith("/")
        ? null
        : suggest(text, caret, commands),
    [text, caret, commands, dismissed, recalled],
  );
  const active = choice ?? (suggestions?.isEager === true ? 0 : null);
  const activeItem = active === null ? undefined : suggestions?.items[active];

  const write = (value: string, at = value.length) => {
    setText(value);
    setCaret(at);
    setChoice(null);
    setRecalled(null);
    nextCaret.current = at;
  };

  useLayoutEffect(() => {
    const element = input.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
    if (nextCaret.current === null) return;
    element.focus();
    element.setSelectionRange(nextCaret.current, nextCaret.current);
    nextCaret.current = null;
  });

  // Before the next key is handled, which belongs behind it.
  useLayoutEffect(() => {
    if (prefill === null) return;
    write(prefill.text);
    setProblem(null);
  }, [prefill]);

  const pick = (item: Suggestion) => {
    if (suggestions === null) return;
    const done = complete(text, suggestions, item);
    write(done.text, done.caret);
  };

  const submit = async () => {
    const message = text.trim();
    if (message === "") {
      if (attached.length > 0) setProblem(whatToDoWith(attached));
      return;
    }
    const failed = attached.find(({ status }) => status === "failed");
    if (failed !== undefined) {
      setProblem(`“${failed.name}” was not uploaded. Remove it, or attach it again.`);
      return;
    }
    const sentWith = attached;
    write("");
    take();
    setProblem(null);
    addSent(user, message);
    onSent();
    try {
      const uploads = Promise.all(sentWith.map(({ upload }) => upload));
      await send(message, uploads, () => input.current?.value === "");
      sentWith.forEach(releasePreview);
    } catch (thrown) {
      write(message);
      setDismissed(message);
      show(sentWith);
      setProblem(sentenceOf(thrown));
    }
  };

  /** Walks through what was sent; true when there was somewhere to go. */
  const recall = (step: -1 | 1): boolean => {
    const sent = readSent(user);
    const at = (recalled ?? sent.length) + step;
    if (at < 0 || at > sent.length || (recalled === null && (text !== "" || step === 1))) {
      return false;
    }
    write(sent[at] ?? "");
    setRecalled(at === sent.length ? null : at);
    return true;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const count = suggestions?.items.length ?? 0;
    const isUp = event.key === "ArrowUp";
    if ((isUp || event.key === "ArrowDown") && !event.shiftKey) {
      if (suggestions !== null && count > 0) {
        const step = isUp ? -1 : 1;
        const start = active ?? (isUp ? count : -1);
        setChoice((start + step + count) % count);
        event.preventDefault();
      } else if (recall(isUp ? -1 : 1)) event.preventDefault();
      return;
    }
    if (event.key === "Escape" && suggestions !== null) {
      setDismissed(text);
      event.preventDefault();
    } else if (event.key === "Tab" && !event.shiftKey && activeItem !== undefined) {
      pick(activeItem);
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      const completes =
        suggestions !== null &&
        activeItem !== undefined &&
        (choice !== null || !isComplete(text, suggestions, activeItem));
      if (completes) pick(activeItem);
      else void submit();
    }
  };

  const onPaste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])];
    // Office programs put a picture of the copied text next to the text.
    if (files.length === 0 || event.clipboardData?.getData("text/plain")) return;
    event.preventDefault();
    attach(files);
  };

  const onInput = (element: HTMLTextAreaElement) => {
    setText(element.value);
    setCaret(element.selectionStart);
    setChoice(null);
    setRecalled(null);
    setDismissed(null);
    setProblem(null);
  };

  return (
    <form
      class="composer"
      aria-label="Write a message"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {isDropping && <div class="drop">Drop pictures or a video to attach them</div>}
      {suggestions !== null && (
        <SuggestionList suggestions={suggestions} active={active} onPick={pick} />
      )}
      <AttachmentChips attached={attached} onRemove={remove} />
      <div class="composer-row">
        <button type="button" class="round" onClick={() => picker.current?.click()}>
          <AttachIcon />
          <span class="hidden">Attach pictures or a video</span>
        </button>
        <input
          ref={picker}
          type="file"
          accept={`${PICTURE_TYPES},${VIDEO_TYPES}`}
          multiple
          hidden
          onChange={({ currentTarget }) => {
            attach([...(currentTarget.files ?? [])]);
            currentTarget.value = "";
          }}
        />
        <textarea
          ref={input}
          rows={1}
          value={text}
          aria-label="Message"
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={suggestions === null ? undefined : SUGGESTION_LIST_ID}
          aria-activedescendant={
            activeItem === undefined || active === null ? undefined : suggestionId(active)
          }
          aria-describedby="composer-note"
          aria-invalid={problem !== null}
          placeholder="Type / for commands"
          autocomplete="off"
          enterkeyhint="send"
          onInput={({ currentTarget }) => onInput(currentTarget)}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onBlur={() => setDismissed(text)}
        />
        <button type="submit" class="round send" disabled={text.trim() === ""}>
          <SendIcon />
          <span class="hidden">Send</span>
        </button>
      </div>
      <p id="composer-note" class="note" role="status">
        {problem === null ? (
          <span class="note-keys">Enter sends · Shift+Enter breaks the line · -- for options</span>
        ) : (
          <span class="problem">{problem}</span>
        )}
      </p>
    </form>
  );
}
