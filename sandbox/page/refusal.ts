/** What a person asked for and cannot have, as a sentence. */
export class ActionRefusal extends Error {}
