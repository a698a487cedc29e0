export interface Owner {
  /** Goes into `hubspot_owner_id`. */
  readonly id: string;
  /** Goes into the sequence API; never into `hubspot_owner_id`. */
  readonly userId: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly archived: boolean;
  readonly teams?: readonly { readonly id: string; readonly name: string; readonly primary: boolean }[];
  readonly createdAt: number;
}

export class OwnerStore {
  readonly #owners: Owner[] = [];

  add(owner: Owner): void {
    this.#owners.push(owner);
  }

  list(): readonly Owner[] {
    return this.#owners;
  }

  find(id: string): Owner | undefined {
    return this.#owners.find((owner) => owner.id === id && !owner.archived);
  }

  findByUserId(userId: string): Owner | undefined {
    return this.#owners.find((owner) => String(owner.userId) === userId && !owner.archived);
  }
}
