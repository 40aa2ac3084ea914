/** How far the making of a report is: what comes next, and how many of such steps are done. */
export interface ReportProgress {
  readonly done: number;
  readonly total: number;
  readonly what: string;
}
