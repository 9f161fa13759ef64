import { describe, expect, it } from 'vitest';
import { brush } from '../../../src-renderer/tools/brush.ts';
import { runTool } from '../../../src-renderer/tools/tool.ts';
import { planeOf } from '../../support/label-rows.ts';
import { Hand } from './by-hand.ts';

const SIZE = { width: 8, height: 4 };
const EMPTY = Array.from({ length: 4 }, () => '00000000');
const settings = { brushRadius: 1, wandTolerance: 0.1, wandMostPixels: Infinity };

describe('the brush', () => {
  it('paints between the events of a stroke and keeps it as one step of undo', () => {
    const hand = new Hand(runTool(brush('paint')), SIZE);
    hand.down(1.5, 1.5);
    expect(hand.rows()).toEqual(['01000000', '11100000', '01000000', '00000000']);
    hand.move(5.5, 1.5);
    expect(hand.rows()).toEqual(['01111100', '11111110', '01111100', '00000000']);
    expect(hand.busy).toBe(true);
    expect(hand.edits).toHaveLength(0);
    hand.up(5.5, 1.5);
    expect(hand.busy).toBe(false);
    expect(hand.edits).toHaveLength(1);
    expect(hand.undo().rows()).toEqual(EMPTY);
  });

  it('leaves nothing of a stroke that is cancelled', () => {
    const before = planeOf('00220000', '00220000', '00000000', '00000000');
    const rows = new Hand(runTool(brush('paint')), SIZE, { labels: before }).rows();
    const hand = new Hand(runTool(brush('paint')), SIZE, { labels: before });
    hand.down(0, 0).move(7, 3).move(2, 1);
    expect(hand.rows()).not.toEqual(rows);
    expect(hand.cancel().rows()).toEqual(rows);
    expect([hand.edits.length, hand.busy]).toEqual([0, false]);
  });

  it('presses from a fifth of its radius to all of it', () => {
    const wide = { ...settings, brushRadius: 2 };
    const light = new Hand(runTool(brush('paint')), SIZE, { settings: wide }).click(3.5, 1.5, { pressure: 0 });
    expect(light.rows()).toEqual(['00000000', '00010000', '00000000', '00000000']);
    const full = new Hand(runTool(brush('paint')), SIZE, { settings: wide }).click(3.5, 1.5, { pressure: 1 });
    expect(full.rows()).toEqual(['00111000', '01111100', '00111000', '00010000']);
  });

  it('never paints over a locked class', () => {
    const labels = planeOf('00200000', '00200000', '00000000', '00000000');
    const hand = new Hand(runTool(brush('paint')), SIZE, { labels, locked: new Set([2]) });
    hand.down(0.5, 0.5).move(6.5, 0.5).up(6.5, 0.5);
    expect(hand.rows().slice(0, 2)).toEqual(['11211111', '11211110']);
  });

  it('says so instead of painting where the active class is locked', () => {
    const hand = new Hand(runTool(brush('paint')), SIZE, { locked: new Set([1]) }).click(2, 2);
    expect(hand.rows()).toEqual(EMPTY);
    expect(hand.refusals).toEqual([{ kind: 'locked', label: 1 }]);
    expect(hand.busy).toBe(false);
  });

  it('erases while Control is held, and the eraser paints', () => {
    const labels = () => planeOf('11111111', '11111111', '11111111', '11111111');
    const hand = new Hand(runTool(brush('paint')), SIZE, { labels: labels() }).click(1.5, 1.5, { control: true });
    expect(hand.rows()[1]).toBe('00011111');
    const eraser = new Hand(runTool(brush('erase')), SIZE, { label: 2, labels: labels() });
    expect(eraser.click(1.5, 1.5).rows()[1]).toBe('00011111');
    expect(eraser.click(6.5, 1.5, { control: true }).rows()[1]).toBe('00011222');
  });

  it('takes only the active class away with Shift and the eraser', () => {
    const labels = planeOf('12121212', '12121212', '00000000', '00000000');
    const hand = new Hand(runTool(brush('erase')), SIZE, { labels, label: 2 });
    expect(hand.down(1.5, 0.5, { shift: true }).move(6.5, 0.5).up(6.5, 0.5).rows()[0]).toBe('10101010');
  });

  it('gives a stroke beside the image no step of undo', () => {
    const hand = new Hand(runTool(brush('paint')), SIZE).down(-9, -9).move(-5, -7).up(-5, -7);
    expect([hand.rows(), hand.edits.length]).toEqual([EMPTY, 0]);
  });

  it('shows a circle of its size, marked where it erases', () => {
    const hand = new Hand(runTool(brush('paint')), SIZE, { settings: { ...settings, brushRadius: 3 } });
    const centre = { x: 4, y: 2 };
    expect(hand.cursor(4, 2)).toEqual([{ kind: 'circle', centre, radius: 3, tone: 'class' }]);
    expect(hand.cursor(4, 2, { control: true })).toEqual([{ kind: 'circle', centre, radius: 3, tone: 'erase' }]);
  });
});

describe('the range brush', () => {
  const values = Float32Array.from({ length: 32 }, (_, i) => i % 8);

  it('paints only values in the range', () => {
    const hand = new Hand(runTool(brush('range')), SIZE, {
      values,
      settings: { ...settings, range: { from: 2, to: 4 } },
    });
    expect(hand.down(0.5, 1.5).move(7.5, 1.5).up(7.5, 1.5).rows()[1]).toBe('00111000');
  });

  it('keeps to the value that the stroke began on where no range is set', () => {
    const hand = new Hand(runTool(brush('range')), SIZE, { values, settings: { ...settings, wandTolerance: 1.1 } });
    expect(hand.down(4.5, 1.5).move(0.5, 1.5).move(7.5, 1.5).up(7.5, 1.5).rows()[1]).toBe('00011100');
  });
});
