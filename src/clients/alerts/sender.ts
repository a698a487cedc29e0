/** What is sent, in words and as data. */
export interface AlertMessage {
  /** The same for every attempt, so that a receiver can leave out what comes twice. */
  readonly key: string;
  readonly subject: string;
  readonly text: string;
  readonly data: object;
}

/** One way to the people who run Dealseat. Throws what a repeat may cure. */
export type AlertSender = (message: AlertMessage, signal?: AbortSignal) => Promise<void>;

/** Whether the host of the channel answers. Sends nothing, and throws what keeps it from answering. */
export type AlertReach = (signal?: AbortSignal) => Promise<void>;
