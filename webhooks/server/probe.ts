/**
 * A genuine message about a thing that is no deal, by which a person sees that messages come through: the route has to
 * prove it as any other, and starts no run for it.
 */
export interface WebhookProbe {
  /** For people: without a secret, where the path has one. */
  readonly shownPath: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether the route gives this answer only after it has proved the message. */
  isTaken(answer: { readonly status: number; readonly text: string }): boolean;
  /** What to check when the route refuses it. */
  readonly whenRefused: string;
}
