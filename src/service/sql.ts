/** One row, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** What SQLite and PostgreSQL have in common. Parameters stand as `$1`, `$2` … */
export interface Sql extends AsyncDisposable {
  /** @throws EnvironmentError `database-away` */
  query(statement: string, parameters?: readonly (string | number)[]): Promise<readonly Row[]>;
  /**
   * Runs `work` in one transaction, while no other instance runs any through here. What throws is rolled back.
   * @throws EnvironmentError `database-away`
   */
  exclusively<Result>(work: (query: Sql["query"]) => Promise<Result>): Promise<Result>;
}
