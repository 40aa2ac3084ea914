/**
 * How a column is stored. `int64` takes integers up to 2^53 in magnitude (times in nanoseconds, counts);
 * `dictionary` stores an index into a list of names that the file holds once.
 */
export type ColumnType = 'int64' | 'int32' | 'uint32' | 'uint8' | 'float64' | 'bool' | 'utf8' | 'dictionary';

/** One column of a result table. */
export interface ColumnDefinition {
  /** snake_case, the unit last: `time_ns`, `queue_bytes_max`. */
  readonly name: string;
  readonly type: ColumnType;
  /** The unit of the values, such as `ns` or `bytes`; absent for names and indices. */
  readonly unit?: string;
  readonly description: string;
  /** Whether a row may leave the value out; false unless said. */
  readonly nullable?: boolean;
  /** What a dictionary column can say, and what that means; absent where the run brings the names. */
  readonly meanings?: Readonly<Record<string, string>>;
}

/** One result table: its columns in the order of the file. */
export interface TableDefinition {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly ColumnDefinition[];
}

/** What a column of type `T` takes: an index for a dictionary, a number for everything that counts or measures. */
export type ColumnValue<T extends ColumnType> = T extends 'bool' ? boolean : T extends 'utf8' ? string : number;
