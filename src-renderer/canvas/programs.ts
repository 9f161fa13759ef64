// Programs of the canvas, linked when a picture first needs them.
import { fragmentShader, UNIFORMS, UNITS, VERTEX, type ProgramFeatures } from './shader.ts';

/** A linked program and the places of its uniforms. */
export interface CanvasProgram {
  readonly program: WebGLProgram;
  readonly at: Readonly<Record<string, WebGLUniformLocation | null>>;
}

export class Programs {
  private readonly gl: WebGL2RenderingContext;
  private readonly linked = new Map<string, CanvasProgram>();

  constructor(gl: WebGL2RenderingContext) {
    this.gl = gl;
  }

  /** The program with these features. Throws in words where the device refuses it. */
  get(features: ProgramFeatures): CanvasProgram {
    const key = Object.values(features).join();
    const known = this.linked.get(key);
    if (known) return known;
    const { gl } = this;
    const program = link(gl, fragmentShader(features));
    gl.useProgram(program);
    for (const [name, unit] of Object.entries(UNITS)) gl.uniform1i(gl.getUniformLocation(program, name), unit);
    const made = {
      program,
      at: Object.fromEntries(UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)])),
    };
    this.linked.set(key, made);
    return made;
  }
}

function link(gl: WebGL2RenderingContext, fragment: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) throw new Error('canvas: the graphics context was lost');
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    const logs = gl.getAttachedShaders(program)?.map((shader) => gl.getShaderInfoLog(shader)) ?? [];
    throw new Error(`canvas: the program was refused: ${[gl.getProgramInfoLog(program), ...logs].join(' ')}`);
  }
  return program;
}
