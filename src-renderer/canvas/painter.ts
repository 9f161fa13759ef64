// Draws scenes with WebGL2. Whatever a scene shares with the one before is neither sent nor drawn again.
import type { Window } from '../../src-core/imaging/plane.ts';
import { around } from './label-layer.ts';
import { classTable, RAMP_ROWS, rampTable } from './palette.ts';
import { Programs, type CanvasProgram } from './programs.ts';
import type { Scene } from './scene.ts';
import { UNITS, type ProgramFeatures } from './shader.ts';
import {
  createLayer,
  LabelTexture,
  setFilter,
  uploadImage,
  uploadTable,
  uploadValues,
  type Layer,
} from './textures.ts';
import { toImage, toScreen } from './viewport.ts';

/** CSS pixels. */
const OUTLINE_PX = 1.5;
const HATCH_PX = 8;
/** --canvas of tokens.css, in sRGB. */
const BACKGROUND = [0.031, 0.031, 0.031] as const;

/** Draws on one WebGL2 context; after the context was lost, make another. */
export class Painter {
  private readonly gl: WebGL2RenderingContext;
  private readonly programs: Programs;
  private readonly filtersFloats: boolean;
  private readonly image: Layer;
  private readonly labels: LabelTexture;
  private readonly marks: LabelTexture;
  private readonly heats: readonly [Layer, Layer];
  private readonly classColours: Layer;
  private last: Scene | undefined;

  constructor(gl: WebGL2RenderingContext) {
    this.gl = gl;
    this.programs = new Programs(gl);
    this.filtersFloats = gl.getExtension('OES_texture_float_linear') !== null;
    this.image = createLayer(gl, UNITS.image, gl.NEAREST);
    this.labels = new LabelTexture(gl, UNITS.labels);
    this.marks = new LabelTexture(gl, UNITS.marks);
    this.heats = [createLayer(gl, UNITS.heat0, gl.LINEAR), createLayer(gl, UNITS.heat1, gl.LINEAR)];
    this.classColours = createLayer(gl, UNITS.classColours, gl.NEAREST);
    uploadTable(gl, createLayer(gl, UNITS.ramps, gl.NEAREST), rampTable());
    gl.clearColor(...BACKGROUND, 1);
    gl.enable(gl.SCISSOR_TEST);
  }

  /** Draws a scene. Gives whether anything had to be drawn. */
  draw(scene: Scene): boolean {
    const dirty = this.send(scene);
    this.last = scene;
    if (!dirty) return false;
    const { gl } = this;
    gl.viewport(0, 0, gl.canvas.width, gl.canvas.height);
    if (dirty === 'all') {
      gl.scissor(0, 0, gl.canvas.width, gl.canvas.height);
      gl.clear(gl.COLOR_BUFFER_BIT);
    }
    if (!scene.image) return true;
    const { width, height } = scene.image;
    const features = this.featuresOf(scene);
    if (dirty === 'all') {
      this.drawPart(scene, { ...features, labels: false, marks: false }, { x: 0, y: 0, width, height }, 0);
    }
    // The costly part of the program runs only where there are labels.
    const masked = dirty === 'all' ? maskExtent(scene) : dirty;
    if (masked && (features.labels || features.marks)) this.drawPart(scene, features, masked, OUTLINE_PX + 1);
    return true;
  }

  /** Sends what is new; gives what of the picture changes by it, in pixels of the image. */
  private send(scene: Scene): Window | 'all' | undefined {
    const { gl, last } = this;
    if (scene.image && scene.image !== last?.image) uploadImage(gl, this.image, scene.image);
    if (scene.look !== last?.look) uploadTable(gl, this.classColours, classTable(scene.look));
    scene.heats.slice(0, this.heats.length).forEach(({ map }, i) => {
      if (map !== last?.heats[i]?.map) uploadValues(gl, this.heats[i as 0 | 1], map);
    });
    const labels = this.labels.update(scene.labels);
    const marks = this.marks.update(scene.marks);
    if (!last || !sharesAll(scene, last) || labels === 'all' || marks === 'all') return 'all';
    return labels && marks ? around(labels, marks) : (labels ?? marks);
  }

  private featuresOf({ image, smooth, heats, labels, look, marks }: Scene): ProgramFeatures {
    const filters = image?.data instanceof Uint8Array || this.filtersFloats;
    setFilter(this.gl, this.image, smooth && filters ? this.gl.LINEAR : this.gl.NEAREST);
    return {
      mixes: smooth && !filters,
      heats: Math.min(heats.length, this.heats.length) as ProgramFeatures['heats'],
      labels: labels !== null && (look.fill || look.outline),
      outline: look.outline,
      marks: marks !== null,
    };
  }

  /** Draws the part of the picture that shows a window of the image, and `reachPx` CSS pixels around it. */
  private drawPart(scene: Scene, features: ProgramFeatures, window: Window, reachPx: number): void {
    const { gl } = this;
    const part = devicePart(window, scene, reachPx);
    if (part.width <= 0 || part.height <= 0) return;
    const program = this.programs.get(features);
    gl.useProgram(program.program);
    this.sendUniforms(scene, program);
    // Scissors count from the bottom.
    gl.scissor(part.x, gl.canvas.height - part.y - part.height, part.width, part.height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  private sendUniforms(scene: Scene, { at }: CanvasProgram): void {
    const { gl } = this;
    const { image, viewport, canvas, placement, pixelRatio, heats } = scene;
    const place = (x: number, y: number) => toImage({ x, y }, viewport, canvas, placement);
    const origin = place(0, 0);
    const right = place(1 / pixelRatio, 0);
    const down = place(0, 1 / pixelRatio);
    const uniform = (name: string): WebGLUniformLocation | null => at[name] ?? null;
    gl.uniform2f(uniform('imageOrigin'), origin.x, origin.y);
    const [rightX, rightY, downX, downY] = [
      right.x - origin.x,
      right.y - origin.y,
      down.x - origin.x,
      down.y - origin.y,
    ];
    gl.uniform4f(uniform('screenToImage'), rightX, rightY, downX, downY);
    gl.uniform2f(uniform('canvasSize'), gl.canvas.width, gl.canvas.height);
    gl.uniform2f(uniform('imageSize'), image?.width ?? 0, image?.height ?? 0);
    gl.uniform3f(uniform('background'), ...BACKGROUND);
    const { level, width } = scene.window;
    // 8-bit textures are read as 0..1.
    const unit = image?.data instanceof Uint8Array ? 255 : 1;
    gl.uniform2f(uniform('windowScale'), unit / width, 0.5 - level / width);
    gl.uniform1i(uniform('isGrey'), image?.channels === 3 ? 0 : 1);
    gl.uniform1f(uniform('outlinePx'), OUTLINE_PX * pixelRatio);
    gl.uniform1f(uniform('hatchPx'), HATCH_PX * pixelRatio);
    heats.slice(0, this.heats.length).forEach(({ opacity, threshold, ramp }, i) => {
      gl.uniform3f(uniform(`heat${i}Look`), opacity, threshold, RAMP_ROWS[ramp]);
    });
  }
}

/** A context that keeps its picture, so that a stroke redraws only what it touched; null where there is no WebGL2. */
export function openContext(canvas: HTMLCanvasElement): WebGL2RenderingContext | null {
  return canvas.getContext('webgl2', {
    alpha: false,
    antialias: false,
    depth: false,
    preserveDrawingBuffer: true,
    powerPreference: 'high-performance',
  });
}

const WHOLE_PICTURE = [
  ...['image', 'window', 'smooth', 'labels', 'look', 'marks', 'heats'],
  ...['viewport', 'placement', 'canvas', 'pixelRatio'],
] as readonly (keyof Scene)[];

/** Whether two scenes differ at most by what has changed inside their label maps. */
function sharesAll(a: Scene, b: Scene): boolean {
  return WHOLE_PICTURE.every((key) => a[key] === b[key]);
}

function maskExtent({ labels, marks }: Scene): Window | undefined {
  const [a, b] = [labels?.extent, marks?.extent];
  return a && b ? around(a, b) : (a ?? b);
}

/** Device pixels that show a window of the image. */
function devicePart({ x, y, width, height }: Window, scene: Scene, reachPx: number): Window {
  const { viewport, canvas, placement, pixelRatio } = scene;
  const a = toScreen({ x, y }, viewport, canvas, placement);
  const b = toScreen({ x: x + width, y: y + height }, viewport, canvas, placement);
  const device = (value: number, side: number): number => Math.min(side, Math.max(0, value)) * pixelRatio;
  const left = Math.floor(device(Math.min(a.x, b.x) - reachPx, canvas.width));
  const top = Math.floor(device(Math.min(a.y, b.y) - reachPx, canvas.height));
  const right = Math.ceil(device(Math.max(a.x, b.x) + reachPx, canvas.width));
  const bottom = Math.ceil(device(Math.max(a.y, b.y) + reachPx, canvas.height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}
