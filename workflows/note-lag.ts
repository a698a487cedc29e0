/** Does nothing: what was observed is in the memo that it was started with. */
export async function noteLag(): Promise<void> {}
