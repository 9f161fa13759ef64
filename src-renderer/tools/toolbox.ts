// The tools of the canvas by name.
import { affinity } from './affinity.ts';
import { brush } from './brush.ts';
import { fill } from './fill.ts';
import { lasso } from './lasso.ts';
import { move } from './move.ts';
import { polygon } from './polygon.ts';
import { runTool, type RunningTool } from './tool.ts';
import { wand } from './wand.ts';

/** `look`: the hand moves the image and changes nothing. */
export const TOOLS = [
  'look',
  'brush',
  'eraser',
  'range',
  'polygon',
  'lasso',
  'fill',
  'wand',
  'affinity',
  'move',
] as const;
export type ToolName = (typeof TOOLS)[number];

/** A tool in its idle state; undefined for `look`. */
export function startTool(name: ToolName): RunningTool | undefined {
  switch (name) {
    case 'look':
      return undefined;
    case 'brush':
      return runTool(brush('paint'));
    case 'eraser':
      return runTool(brush('erase'));
    case 'range':
      return runTool(brush('range'));
    case 'polygon':
      return runTool(polygon);
    case 'lasso':
      return runTool(lasso);
    case 'fill':
      return runTool(fill);
    case 'wand':
      return runTool(wand);
    case 'affinity':
      return runTool(affinity);
    case 'move':
      return runTool(move);
  }
}
