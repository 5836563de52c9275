/** One line of the table: what was measured, its value, the target or what it is compared with. */
export interface Row {
  what: string;
  value: string;
  beside?: string;
}

/** Rows under a heading. */
export interface Section {
  heading: string;
  rows: Row[];
}

/** All sections as one table with aligned columns. */
export function renderTable(sections: readonly Section[]): string {
  const rows = sections.flatMap((section) => section.rows);
  const whatWidth = Math.max(...rows.map((row) => row.what.length)) + 2;
  const valueWidth = Math.max(...rows.map((row) => row.value.length)) + 2;
  return sections
    .map(({ heading, rows: own }) => {
      const lines = own.map(({ what, value, beside = "" }) =>
        `  ${what.padEnd(whatWidth)}${value.padStart(valueWidth)}  ${beside}`.trimEnd(),
      );
      return [heading, ...lines].join("\n");
    })
    .join("\n\n");
}

export const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} ms`;
export const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(0)} MB`;
export const ratio = (value: number, of: number) => `${(value / of).toFixed(2)} ×`;
