import type { ScenePlayer } from './player.ts';
import type { Scene } from './scene.ts';

/** What the state page shows of the scenes. */
export interface PlayView {
  readonly scenes: readonly SceneView[];
  /** Newest first. */
  readonly played: readonly PlayedView[];
  /** How a command begins. */
  readonly commands: string;
}

export type SceneView = Pick<
  Scene,
  'id' | 'section' | 'happens' | 'expected' | 'ends' | 'catalog' | 'hint' | 'crms'
>;

export interface PlayedView extends Pick<Scene, 'id' | 'happens' | 'expected' | 'ends' | 'catalog' | 'hint'> {
  /** Counts from 1. */
  readonly number: number;
  readonly crm: string;
  readonly at: string;
  readonly dealId: string | null;
  /** What Dealseat says on the deal by now. */
  readonly status: string | null;
  readonly steps: readonly string[];
  /** When the CRM had done its part. */
  readonly overAt: string | null;
}

export function playView(scenes: readonly Scene[], player: ScenePlayer, commands: string): PlayView {
  return {
    commands,
    scenes: scenes.map(({ play: _, ...scene }) => scene),
    played: player.played
      .map((played, index) => {
        const { scene, ...rest } = played;
        const { play: _, section: __, crms: ___, ...told } = scene;
        return { number: index + 1, ...told, ...rest, status: player.statusOf(played) };
      })
      .reverse(),
  };
}
