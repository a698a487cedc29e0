/** One thing that a person did on the page, as a sentence. */
export interface Deed {
  readonly at: string;
  readonly said: string;
}

const KEPT = 30;

export class Activity {
  readonly #deeds: Deed[] = [];

  /** Newest first. */
  get deeds(): readonly Deed[] {
    return this.#deeds;
  }

  note(said: string): void {
    this.#deeds.unshift({ at: new Date().toISOString(), said });
    this.#deeds.splice(KEPT);
  }
}
