/** What workflow code calls out to those who run Dealseat; the worker counts it. A type, because sinks want an index. */
export type AlarmSinks = {
  readonly alarms: {
    /** Neither the deal nor its owner could be told what the deal needs. */
    untold(crm: string): void;
  };
};
