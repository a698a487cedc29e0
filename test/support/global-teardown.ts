export default async function globalTeardown(): Promise<void> {
  await globalThis.temporalOfTheTests?.stop();
  await globalThis.postgresqlOfTheTests?.stop();
}
