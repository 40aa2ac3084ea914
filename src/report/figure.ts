import type { SvgNode } from './drawing.ts';

/** A picture of the report with everything that explains it. */
export interface Figure {
  /** Names it in the page and its exported files. */
  readonly name: string;
  readonly title: string;
  /** What is to be seen, in a sentence or two; numbers come from the results. */
  readonly lead: string;
  readonly panels: readonly Panel[];
  /** What colours, dashes and shapes stand for; fabrics can be hidden by theirs. */
  readonly legend: readonly LegendEntry[];
  /** What has to be known to read it. */
  readonly notes: readonly string[];
  /** All that is drawn, in numbers. */
  readonly table: DataTable;
}

/** One drawing of a figure. */
export interface Panel {
  /** Above it; empty where the figure's title says it all. */
  readonly title: string;
  /** What somebody who does not see it is told. */
  readonly label: string;
  /** `half` stands beside another where there is room. */
  readonly span: 'half' | 'full';
  /** Draws it this many pixels wide. */
  draw(widthPixels: number): SvgNode;
  /** Of a drawing over time: the columns of the table that it shows, for reading values off. */
  readonly columns?: readonly number[];
  /** The fabric that all of it is about, by number. */
  readonly fabric?: number;
}

/** A sign in a legend. */
export interface LegendEntry {
  readonly label: string;
  /** Line: of a fabric, by its number; swatch: a CSS colour. */
  readonly sign: { readonly fabric: number } | { readonly colour: string };
}

/** Rows of text, as they are shown. The first column names the row. */
export interface DataTable {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns that hold text, not numbers; the first one where nothing is said. */
  readonly textColumns?: readonly number[];
  /** Of rows over time: where each stands on the axis of time, in the axis's unit. */
  readonly times?: readonly number[];
}

/** Lines cut off here: more rows than anybody reads make the page heavy. */
export const TABLE_ROWS_MAX = 500;
