/** One thing that was compared. Holds no code. */
export interface ProofCheck {
  readonly name: string;
  readonly isProven: boolean;
  readonly found: string;
}

export function check(name: string, isProven: boolean, found: string): ProofCheck {
  return { name, isProven, found };
}
