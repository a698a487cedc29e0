import type { DealSummary } from '../desks/desk.ts';
import { escapeHtml } from '../html.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

const TONES: Readonly<Record<string, Tone>> = {
  Delivered: 'good',
  NeedsAttention: 'warn',
  Failed: 'bad',
  Cancelled: 'bad',
};

export function toneOf(status: string | null): Tone {
  return TONES[status ?? ''] ?? 'plain';
}

export function tag(text: string, tone: Tone = 'plain'): string {
  return `<span class="tag ${tone}">${escapeHtml(text)}</span>`;
}

export function stageTag({ stage, standing }: Pick<DealSummary, 'stage' | 'standing'>): string {
  return tag(stage, standing === 'won' ? 'good' : standing === 'lost' ? 'bad' : 'plain');
}

export function statusTag(status: string | null): string {
  return status === null ? '' : tag(status, toneOf(status));
}
