/** `@jest/globals` of the file that imports it; evaluated once for each. */
export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } =
  globalThis[Symbol.for('dealseat:jest-globals')];
