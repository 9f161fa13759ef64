import { describe, expect, it } from 'vitest';
import { PHANTOM_LABELS } from '../../../src-core/datasets/phantom.ts';
import { prepareGrow } from '../../../src-core/review/affinity-grow.ts';
import { affinity } from '../../../src-renderer/tools/affinity.ts';
import { runTool } from '../../../src-renderer/tools/tool.ts';
import { diceOf, middleOf, phantomSlice } from '../../support/grow-material.ts';
import { Hand } from './by-hand.ts';

const { LV, MYO } = PHANTOM_LABELS;
const { truth, values, affinity: known } = phantomSlice(1, 128);
const growth = prepareGrow(truth, values, known);
const middle = middleOf(truth, LV);

function handOver(labels = new Uint8Array(truth.data.length)) {
  const document = { ...truth, data: labels.slice() };
  const hand = new Hand(runTool(affinity), truth, { labels: document, values, label: LV, growth });
  hand.set({ settings: { brushRadius: 2, wandTolerance: 0, wandMostPixels: 0 } });
  return { hand, document };
}

const strokeIn = (hand: Hand, dx = 0, held = {}): Hand =>
  hand
    .down(middle.x + dx - 4, middle.y, held)
    .move(middle.x + dx + 4, middle.y)
    .up(middle.x + dx + 4, middle.y);

describe('affinity grow', () => {
  it('shows what strokes grow to while they are drawn, and is one step of undo for all of them', () => {
    const { hand, document } = handOver();
    hand.down(middle.x - 4, middle.y);
    const first = diceOf(document.data, truth.data, LV);
    hand.move(middle.x + 4, middle.y);
    const second = diceOf(document.data, truth.data, LV);
    expect(second).toBeGreaterThan(first);
    expect(second).toBeGreaterThan(0.8);
    hand.up(middle.x + 4, middle.y);
    strokeIn(hand, 2);
    expect([hand.edits.length, hand.busy]).toEqual([0, true]);
    hand.finish();
    expect([hand.edits.length, hand.busy]).toEqual([1, false]);
    hand.undo();
    expect(document.data.every((label) => label === 0)).toBe(true);
  });

  it('takes away what strokes begun with Control are drawn in, and keeps their kind to their end', () => {
    // The muscle was taken for cavity.
    const { hand, document } = handOver(truth.data.map((label) => (label === MYO ? LV : label)));
    const before = diceOf(document.data, truth.data, LV);
    const muscle = [...truth.data.keys()].filter((i) => truth.data[i] === MYO).filter((_, k) => k % 90 === 0);
    for (const i of muscle) {
      const [x, y] = [(i % truth.width) + 0.5, Math.floor(i / truth.width) + 0.5];
      hand.down(x, y, { control: true }).move(x, y).up(x, y);
    }
    hand.finish();
    expect(diceOf(document.data, truth.data, LV)).toBeGreaterThan(before + 0.1);
    expect(hand.edits).toHaveLength(1);
  });

  it('goes back stroke by stroke, and leaves nothing when it is cancelled', () => {
    const { hand, document } = handOver();
    strokeIn(hand);
    const one = document.data.slice();
    strokeIn(hand, 10);
    expect(document.data).not.toEqual(one);
    hand.back();
    expect(document.data).toEqual(one);
    hand.back();
    expect([hand.busy, Math.max(...document.data)]).toEqual([false, 0]);
    strokeIn(hand).cancel();
    expect([hand.busy, Math.max(...document.data), hand.edits.length]).toEqual([false, 0, 0]);
  });

  it('is refused for a locked class and until the image has been read', () => {
    const { hand } = handOver();
    hand.set({ locked: new Set([LV]) });
    strokeIn(hand);
    hand.set({ locked: new Set(), growth: undefined });
    strokeIn(hand);
    expect(hand.refusals).toEqual([{ kind: 'locked', label: LV }, { kind: 'notReady' }]);
    expect(hand.busy).toBe(false);
  });

  it('shows its strokes, those of "is not" as what goes away, and the pointer', () => {
    const { hand } = handOver();
    strokeIn(hand);
    strokeIn(hand, 20, { control: true });
    expect(hand.cursor(5, 5).map(({ kind, tone }) => [kind, tone])).toEqual([
      ['polyline', 'class'],
      ['polyline', 'erase'],
      ['circle', 'class'],
    ]);
  });
});
