/** Says that there is something which this page cannot show. */
export function UnknownPart({ part }: { part: { type: string } }) {
  return <span class="slack-unknown">{part.type}</span>;
}
