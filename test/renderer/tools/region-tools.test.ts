import { describe, expect, it } from 'vitest';
import { fill } from '../../../src-renderer/tools/fill.ts';
import { lasso } from '../../../src-renderer/tools/lasso.ts';
import { move } from '../../../src-renderer/tools/move.ts';
import { polygon } from '../../../src-renderer/tools/polygon.ts';
import { runTool, type RunningTool } from '../../../src-renderer/tools/tool.ts';
import { wand } from '../../../src-renderer/tools/wand.ts';
import { planeOf } from '../../support/label-rows.ts';
import { Hand } from './by-hand.ts';

const SIZE = { width: 8, height: 4 };
const EMPTY = ['00000000', '00000000', '00000000', '00000000'];
const BLOCK = ['00000000', '01111000', '01111000', '00000000'];

describe('the polygon', () => {
  const corners = (hand: Hand): Hand => hand.click(1, 1).click(5, 1).click(5, 3).click(1, 3);

  it('is filled when its first corner is pressed again', () => {
    const hand = corners(new Hand(runTool(polygon), SIZE));
    expect([hand.rows(), hand.busy]).toEqual([EMPTY, true]);
    hand.click(1.5, 1.5);
    expect([hand.rows(), hand.busy, hand.edits.length]).toEqual([BLOCK, false, 1]);
    expect(hand.undo().rows()).toEqual(EMPTY);
  });

  it('is filled by finishing, whose double click adds no corner', () => {
    const hand = corners(new Hand(runTool(polygon), SIZE))
      .click(1, 3)
      .finish();
    expect(hand.rows()).toEqual(BLOCK);
  });

  it('loses corners one by one', () => {
    const hand = corners(new Hand(runTool(polygon), SIZE))
      .click(8, 4)
      .back()
      .finish();
    expect(hand.rows()).toEqual(BLOCK);
    hand.click(1, 1).back();
    expect(hand.busy).toBe(false);
  });

  it('erases where it was begun with Control, and leaves nothing when cancelled', () => {
    const labels = planeOf('11111111', '11111111', '11111111', '11111111');
    const hand = new Hand(runTool(polygon), SIZE, { labels });
    hand.click(1, 1, { control: true }).click(5, 1).click(5, 3).click(1, 3).cancel();
    expect([hand.rows()[1], hand.edits.length]).toEqual(['11111111', 0]);
    hand.click(1, 1, { control: true }).click(5, 1).click(5, 3).click(1, 3).finish();
    expect(hand.rows()[1]).toBe('10000111');
  });

  it('shows its outline to the pointer, closed over the first corner', () => {
    const hand = corners(new Hand(runTool(polygon), SIZE));
    expect(hand.cursor(7, 2)[1]).toMatchObject({ kind: 'polyline', closed: false, points: { length: 5 } });
    expect(hand.cursor(1, 1)[1]).toMatchObject({ kind: 'polyline', closed: true, points: { length: 4 } });
  });

  it('of fewer than three corners is no step of undo', () => {
    const hand = new Hand(runTool(polygon), SIZE).click(1, 1).click(5, 3).finish();
    expect([hand.rows(), hand.edits.length, hand.busy]).toEqual([EMPTY, 0, false]);
  });
});

describe('the lasso', () => {
  it('fills what it was drawn around when it is let go', () => {
    const hand = new Hand(runTool(lasso), SIZE).down(1, 1).move(5, 1).move(5, 3).move(1, 3);
    expect(hand.rows()).toEqual(EMPTY);
    expect(hand.cursor(1, 3)[1]).toMatchObject({ kind: 'polyline', closed: true, points: { length: 4 } });
    expect(hand.up(1, 3).rows()).toEqual(BLOCK);
    expect(hand.undo().rows()).toEqual(EMPTY);
  });

  it('leaves nothing when cancelled', () => {
    const hand = new Hand(runTool(lasso), SIZE).down(1, 1).move(5, 1).move(5, 3).cancel().up(1, 3);
    expect([hand.rows(), hand.edits.length, hand.busy]).toEqual([EMPTY, 0, false]);
  });
});

describe('the fill', () => {
  it('gives one connected piece the active class, with Control background', () => {
    const labels = planeOf('00200000', '00200000', '00200000', '22200000');
    const hand = new Hand(runTool(fill), SIZE, { labels }).click(0.5, 0.5);
    expect(hand.rows()).toEqual(['11200000', '11200000', '11200000', '22200000']);
    expect(hand.click(2.5, 1.5, { control: true }).rows()[3]).toBe('00000000');
    expect(hand.undo().undo().rows()[0]).toBe('00200000');
  });

  it('does nothing beside the image', () => {
    expect(new Hand(runTool(fill), SIZE).click(-1, 2).edits).toEqual([]);
  });
});

describe('the wand', () => {
  const values = Float32Array.from({ length: 32 }, (_, i) => i % 8);
  const wandHand = (): Hand =>
    new Hand(runTool(wand), SIZE, {
      values,
      settings: { brushRadius: 1, wandTolerance: 1, wandMostPixels: Infinity },
    });

  it('takes values like the one under it, more when it is dragged to the right', () => {
    const hand = wandHand().down(3.5, 1.5);
    expect(hand.rows()[0]).toBe('00111000');
    // Ten pixels of the screen for one of the image; 80 of them double the tolerance.
    expect(hand.move(11.5, 1.5).rows()[0]).toBe('01111100');
    expect(hand.move(-4.6, 1.5).rows()[0]).toBe('00010000');
    expect(hand.move(3.5, 1.5).up(3.5, 1.5).rows()[0]).toBe('00111000');
    expect([hand.edits.length, hand.undo().rows()]).toEqual([1, EMPTY]);
  });

  it('leaves nothing when cancelled', () => {
    const hand = wandHand().down(3.5, 1.5).move(11.5, 1.5).cancel();
    expect([hand.rows(), hand.edits.length]).toEqual([EMPTY, 0]);
  });
});

describe('moving', () => {
  const labels = () => planeOf('00000000', '01100200', '01100200', '00000000');

  it('drags the active class and puts back what it passed over', () => {
    const hand = new Hand(runTool(move), SIZE, { labels: labels() }).down(2, 2).move(6, 2);
    expect(hand.rows()[1]).toBe('00000110');
    hand.move(1.2, 1.1);
    expect(hand.rows().slice(0, 3)).toEqual(['11000000', '11000200', '00000200']);
    hand.up(1.2, 1.1);
    expect([hand.edits.length, hand.undo().rows()[1]]).toEqual([1, '01100200']);
  });

  it('keeps to a row or a column with Shift, and to nothing when cancelled', () => {
    const hand = new Hand(runTool(move), SIZE, { labels: labels() }).down(2, 2).move(4, 3, { shift: true });
    expect(hand.rows().slice(1)).toEqual(['00011200', '00011200', '00000000']);
    expect(hand.cancel().rows()[1]).toBe('01100200');
  });

  it('never covers a locked class', () => {
    const hand = new Hand(runTool(move), SIZE, { labels: labels(), locked: new Set([2]) }).down(2, 2).move(6, 2);
    expect(hand.up(6, 2).rows()[1]).toBe('00000210');
  });
});

describe('every tool', () => {
  const tools: Record<string, RunningTool> = {
    polygon: runTool(polygon),
    lasso: runTool(lasso),
    fill: runTool(fill),
    wand: runTool(wand),
    move: runTool(move),
  };

  it.each(Object.keys(tools))('%s says that the active class is locked, and stays idle', (name) => {
    const hand = new Hand(tools[name]!, SIZE, { locked: new Set([1]) }).click(2, 2);
    expect([hand.refusals, hand.busy]).toEqual([[{ kind: 'locked', label: 1 }], false]);
  });
});
