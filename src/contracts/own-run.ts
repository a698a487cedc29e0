/** What a run asks of Temporal about itself. Every worker has these. A type, because activities want an index. */
export type OwnRunActivities = {
  /** As a person does in the Temporal UI. Safe to repeat. */
  requestCancel(): Promise<void>;
};
