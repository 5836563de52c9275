import type { FieldView } from "../job-view.ts";
import { PlayIcon } from "./icons.tsx";

/** A field that names a moment of a video, which opens there when it is pressed. */
export function Moment({ field, onPlay }: { field: FieldView; onPlay: () => void }) {
  const { label, value, moment_url } = field;
  return (
    <span class="moment">
      {moment_url === undefined ? (
        <span class="moment-name">{label}</span>
      ) : (
        <button type="button" class="moment-play" onClick={onPlay}>
          <PlayIcon />
          <span class="hidden">Play </span>
          <span class="moment-name">{label}</span>
        </button>
      )}
      <span class="moment-value">{value}</span>
    </span>
  );
}

/** Such fields below each other. */
export function Moments({
  fields,
  onPlay,
}: {
  fields: readonly FieldView[];
  onPlay: (index: number) => void;
}) {
  return (
    <ul class="moments">
      {fields.map((field, index) => (
        <li key={`${index} ${field.label}`}>
          <Moment field={field} onPlay={() => onPlay(index)} />
        </li>
      ))}
    </ul>
  );
}
