/** The server that Jest's global set-up has started. */
export function serverAddress(): string {
  const address = process.env.TEST_TEMPORAL_ADDRESS;
  if (address === undefined)
    throw new Error('TEST_TEMPORAL_ADDRESS is not set: run Jest with its configuration');
  return address;
}
