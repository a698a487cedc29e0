import type { Grants } from '../../domain/deal/catalog.ts';
import { DealseatError } from '../../domain/failure.ts';
import { idKey, isSameId, searchContent } from './content.ts';
import type { JsonObject } from './layers.ts';
import type { Sender } from './send.ts';

type ContentKind = Exclude<keyof Grants, 'licenses'>;

const NOUNS = { courses: 'course', learningPaths: 'learning path', bundles: 'bundle' } as const;
const MAX_PAGES = 10;

/** The slugs of content, which some calls want instead of ids. Each is looked up once, until it is doubted. */
export interface ContentSlugs {
  /** In the order of the ids. Throws `lms.content_not_found`. */
  of(kind: ContentKind, ids: readonly string[], signal?: AbortSignal): Promise<readonly string[]>;
  /** The platform does not know it under its slug any more: the next one who asks looks. */
  doubt(kind: ContentKind, id: string): void;
}

export function createContentSlugs(sender: Sender): ContentSlugs {
  const known = new Map<string, string>();
  const keyOf = (kind: ContentKind, id: string) => `${kind} ${idKey(id)}`;

  async function learn(kind: ContentKind, ids: readonly string[], signal?: AbortSignal): Promise<void> {
    const missing = () => ids.filter((id) => !known.has(keyOf(kind, id)));
    if (missing().length === 0) return;
    await searchContent({
      read: (call) => sender.send(call, { signal }),
      ids: missing(),
      take: (rows) => {
        for (const id of missing()) {
          const slug = rows.map((row) => slugIn(row, kind, id)).find((each) => each !== null);
          if (slug) known.set(keyOf(kind, id), slug);
        }
      },
      isDone: () => missing().length === 0,
      maxPages: MAX_PAGES,
    });
    const [lost] = missing();
    if (lost === undefined) return;
    throw new DealseatError({
      code: 'lms.content_not_found',
      message: `Thought Industries: the content list shows no ${NOUNS[kind]} ${lost} with a slug`,
    });
  }

  return {
    async of(kind, ids, signal) {
      await learn(kind, ids, signal);
      return ids.flatMap((id) => known.get(keyOf(kind, id)) ?? []);
    },
    doubt: (kind, id) => known.delete(keyOf(kind, id)),
  };
}

/** Of a course group the slug of its course: the group's own leads to another thing. */
function slugIn(row: JsonObject, kind: ContentKind, id: string): string | null {
  if (kind === 'courses' && isSameId(row.displayCourse, id)) return textOf(row.displayCourseSlug);
  return isSameId(row.id, id) ? textOf(row.slug) : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
