import type { ScenePlayer } from './player.ts';
import type { Scene } from './scene.ts';

/** What the state page shows of the scenes. */
export interface PlayView {
  readonly scenes: readonly SceneView[];
  /** Newest first. */
  readonly played: readonly PlayedView[];
}

export type SceneView = Pick<Scene, 'id' | 'section' | 'happens' | 'expected' | 'ends' | 'catalog' | 'crms'>;

export interface PlayedView {
  readonly id: string;
  readonly happens: string;
  readonly expected: string;
  readonly ends: string;
  readonly crm: string;
  readonly at: string;
  readonly dealId: string | null;
  /** What Dealseat says on the deal by now. */
  readonly status: string | null;
  readonly steps: readonly string[];
  readonly isOver: boolean;
}

export function playView(scenes: readonly Scene[], player: ScenePlayer): PlayView {
  return {
    scenes: scenes.map(({ play: _, ...scene }) => scene),
    played: player.played
      .map((played) => {
        const { scene, ...rest } = played;
        const { id, happens, expected, ends } = scene;
        return { id, happens, expected, ends, ...rest, status: player.statusOf(played) };
      })
      .reverse(),
  };
}
