import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type { CommandView } from "../job-view.ts";
import { createApi } from "./api.ts";
import { visibleMessages } from "./channel-state.ts";
import { Composer, type Prefill } from "./composer.tsx";
import { Conversation } from "./conversation.tsx";
import { newDeliveryKey } from "./delivery-key.ts";
import { Lightbox } from "./lightbox.tsx";
import { Person } from "./person.tsx";
import { readName, saveName } from "./person-name.ts";
import { Player } from "./player.tsx";
import { useChannel } from "./use-channel.ts";

const TICK_MS = 20_000;
const RETRY_MS = 5_000;

export function App() {
  const [name, setName] = useState(readName);
  const [prefill, setPrefill] = useState<Prefill | null>(null);
  const [opened, setOpened] = useState<{ key: string; index: number } | null>(null);
  const [playing, setPlaying] = useState<{ key: string; index: number } | null>(null);
  const [sentCount, setSentCount] = useState(0);
  const channel = useMemo(readChannel, []);
  const api = useMemo(() => createApi({ channel, user: name }), [channel, name]);
  const commands = useCommands(api.commands);
  const conversation = useChannel(api, name);
  const { state, refresh, send } = conversation;
  const messages = useMemo(() => visibleMessages(state), [state]);
  const nowMs = useNow();

  const onPrefill = useCallback((text: string) => setPrefill({ text }), []);
  const canCancel = commands.some((command) => command.name === "cancel");
  const cancel = canCancel
    ? (jobId: string) => api.sendCommand(`/cancel ${jobId}`, [], newDeliveryKey())
    : null;
  const close = useCallback(() => setOpened(null), []);
  const stop = useCallback(() => setPlaying(null), []);
  const messageOf = (what: { key: string } | null) =>
    what === null ? undefined : messages.find(({ key }) => key === what.key);
  const shown = messageOf(opened);
  const played = messageOf(playing);

  return (
    <div class="app">
      <header class="top">
        <h1>Atelier</h1>
        <span class="channel">#{channel}</span>
        <span class="connection" role="status">
          {conversation.isLost && "Reconnecting…"}
        </span>
        <Person
          name={name}
          onRename={(next) => {
            saveName(next);
            setName(next);
          }}
        />
      </header>
      <Conversation
        messages={messages}
        commands={commands}
        user={name}
        nowMs={nowMs}
        sentCount={sentCount}
        conversation={conversation}
        actions={{
          refresh,
          press: api.sendAction,
          cancel,
          onPrefill,
          onOpen: ({ key }, index) => setOpened({ key, index }),
          onPlay: ({ key }, index) => setPlaying({ key, index }),
        }}
      />
      <Composer
        api={api}
        user={name}
        commands={commands}
        prefill={prefill}
        send={send}
        onSent={() => setSentCount((count) => count + 1)}
      />
      <p class="hidden" role="status" data-announcer>
        {conversation.announcement}
      </p>
      {shown !== undefined && opened !== null && (
        <Lightbox
          message={shown}
          index={opened.index}
          refresh={refresh}
          onMove={(index) => setOpened({ key: shown.key, index })}
          onClose={close}
          onPlay={(index) => setPlaying({ key: shown.key, index })}
          onPrefill={onPrefill}
        />
      )}
      {played !== undefined && playing !== null && (
        <Player
          message={played}
          index={playing.index}
          refresh={refresh}
          onMove={(index) => setPlaying({ key: played.key, index })}
          onClose={stop}
        />
      )}
    </div>
  );
}

/** `/?channel=design` opens another channel than the usual one. */
function readChannel(): string {
  const asked = new URLSearchParams(location.search).get("channel")?.trim().toLowerCase() ?? "";
  return /^[a-z0-9-]{1,40}$/u.test(asked) ? asked : "general";
}

function useCommands(load: () => Promise<CommandView[]>): readonly CommandView[] {
  const [commands, setCommands] = useState<readonly CommandView[]>([]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = () =>
      load().then(setCommands, () => {
        timer = setTimeout(run, RETRY_MS);
      });
    void run();
    return () => clearTimeout(timer);
  }, []);
  return commands;
}

/** The time, now and then, for what says how long ago something was. */
function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
