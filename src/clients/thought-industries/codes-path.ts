import { encodeSegment } from './call.ts';

const PLACEHOLDER = '{groupId}';

/**
 * Compiles the path template of the code list, for example `/redemptionCodes/{groupId}/codes` or
 * `/redemptionCodes/codes?groupId={groupId}`. It is configuration because the vendor publishes no path.
 * Throws when the template cannot address a group.
 */
export function compileCodesPath(template: string): (groupId: string) => string {
  if (!template.startsWith('/') || !template.includes(PLACEHOLDER) || template.includes('#')) {
    throw new Error(
      `TI_CODES_PATH is "${template}", expected a path that starts with "/" and holds "${PLACEHOLDER}"`,
    );
  }
  return (groupId) => template.replaceAll(PLACEHOLDER, () => encodeSegment(groupId));
}
