import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ButtonView } from "../job-view.ts";
import { sentenceOf } from "./api.ts";

const ARMED_MS = 5_000;

/** What one would do next with a card, and links beside it. Dangerous ones want to be pressed twice. */
export function CardButtons({
  buttons,
  press,
  onPrefill,
  children,
}: {
  buttons: readonly ButtonView[];
  press: (action: string) => Promise<unknown>;
  onPrefill: (text: string) => void;
  children: ComponentChildren;
}) {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const send = async (action: string) => {
    setBusy(action);
    setProblem(null);
    try {
      await press(action);
    } catch (thrown) {
      setProblem(sentenceOf(thrown));
    } finally {
      setBusy(null);
    }
  };
  return (
    <>
      <div class="buttons">
        {buttons.map((button) => (
          <CardButton
            key={`${button.action} ${button.label}`}
            button={button}
            isBusy={busy === button.action}
            onPress={() => {
              if (button.prefill !== undefined) onPrefill(button.prefill);
              else if (busy === null) void send(button.action);
            }}
          />
        ))}
        {children}
      </div>
      <p class="problem" role="status">
        {problem}
      </p>
    </>
  );
}

function CardButton({
  button,
  isBusy,
  onPress,
}: {
  button: ButtonView;
  isBusy: boolean;
  onPress: () => void;
}) {
  const [isArmed, setIsArmed] = useState(false);
  const isDanger = button.style === "danger";
  useEffect(() => {
    if (!isArmed) return;
    const timer = setTimeout(() => setIsArmed(false), ARMED_MS);
    return () => clearTimeout(timer);
  }, [isArmed]);
  return (
    <button
      type="button"
      class="button"
      data-danger={isDanger}
      data-armed={isArmed}
      aria-busy={isBusy}
      onBlur={() => setIsArmed(false)}
      onClick={() => {
        if (isDanger && !isArmed) return setIsArmed(true);
        setIsArmed(false);
        onPress();
      }}
    >
      <span aria-live={isDanger ? "assertive" : undefined}>
        {isArmed ? `${button.label}? Press again` : button.label}
      </span>
    </button>
  );
}
