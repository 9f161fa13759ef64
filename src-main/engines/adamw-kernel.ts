// AdamW over arrays in one pass, as WebAssembly: the update of src-core/training/adamw.ts, operation for operation.
import wabt from 'wabt';

/** Moves `count` weights from the byte addresses on; addresses are multiples of 16, and arrays end at one. */
export type AdamwKernel = (
  weight: number,
  first: number,
  second: number,
  gradient: number,
  count: number,
  scale: number,
  beta1: number,
  beta2: number,
  rate: number,
  epsilon: number,
  keep: number,
) => void;

const TEXT = `
(module
  (memory (import "state" "memory") 1)
  (func (export "adamw")
    (param $weight i32) (param $first i32) (param $second i32) (param $gradient i32) (param $count i32)
    (param $scale f32) (param $beta1 f32) (param $beta2 f32) (param $rate f32) (param $epsilon f32) (param $keep f32)
    (local $end i32) (local $g v128) (local $m v128) (local $v v128)
    (local.set $end (i32.add (local.get $weight) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $weight) (local.get $end)))
        (local.set $g (f32x4.mul (v128.load (local.get $gradient)) (f32x4.splat (local.get $scale))))
        (local.set $m (f32x4.add
          (f32x4.mul (v128.load (local.get $first)) (f32x4.splat (local.get $beta1)))
          (local.get $g)))
        (local.set $v (f32x4.add
          (f32x4.mul (v128.load (local.get $second)) (f32x4.splat (local.get $beta2)))
          (f32x4.mul (local.get $g) (local.get $g))))
        (v128.store (local.get $first) (local.get $m))
        (v128.store (local.get $second) (local.get $v))
        (v128.store (local.get $weight) (f32x4.sub
          (f32x4.mul (v128.load (local.get $weight)) (f32x4.splat (local.get $keep)))
          (f32x4.div
            (f32x4.mul (local.get $m) (f32x4.splat (local.get $rate)))
            (f32x4.add (f32x4.sqrt (local.get $v)) (f32x4.splat (local.get $epsilon))))))
        (local.set $weight (i32.add (local.get $weight) (i32.const 16)))
        (local.set $first (i32.add (local.get $first) (i32.const 16)))
        (local.set $second (i32.add (local.get $second) (i32.const 16)))
        (local.set $gradient (i32.add (local.get $gradient) (i32.const 16)))
        (br $next)))))`;

let compiled: Promise<WebAssembly.Module> | undefined;

/** The compiled kernel, the same for all memories. */
export function adamwModule(): Promise<WebAssembly.Module> {
  return (compiled ??= assemble());
}

async function assemble(): Promise<WebAssembly.Module> {
  const text = (await wabt()).parseWat('adamw.wat', TEXT, { simd: true });
  const { buffer } = text.toBinary({});
  text.destroy();
  return WebAssembly.compile(buffer);
}

/** The kernel at work on one memory. */
export function adamwOn(module: WebAssembly.Module, memory: WebAssembly.Memory): AdamwKernel {
  const { exports } = new WebAssembly.Instance(module, { state: { memory } });
  return exports['adamw'] as AdamwKernel; // as the text declares it
}
