import { SottoError } from '../../../shared/index.ts';
import type { ExpertsSpec, WeightSpec } from '../../architectures/index.ts';
import { planStack, type TablePart } from './table-plan.ts';
import { fuseRows, type MatrixPart, type WeightMatrix } from './weights/index.ts';

/** The experts of a layer: of each kind of matrix all of them, one after the other in as few buffers as they fit in. */
export interface ExpertsPlan {
  readonly spec: ExpertsSpec;
  /** A row an expert, and one more for the gate of the block that all share, where it has one. */
  readonly router: WeightMatrix;
  readonly gateUp: readonly TablePart[];
  readonly down: readonly TablePart[];
}

/** Pairs of a token and one of its experts that a prefill kernel takes at a time. */
export const PAIRS_A_TILE = 32;

/** What a layer's experts leave between kernels for one token, in vec4u. */
export interface ExpertsShape {
  readonly experts: number;
  readonly used: number;
  /** Chosen blocks of a token, the shared one included. */
  readonly slots: number;
  readonly routedRows: number;
  readonly expertSize: number;
}

/** The numbers of a layer's experts. */
export function expertsShape({ experts, used, shared, sharedGate }: ExpertsSpec): ExpertsShape {
  return {
    experts: experts.length,
    used,
    slots: used + (shared === undefined ? 0 : 1),
    routedRows: experts.length + (sharedGate === undefined ? 0 : 1),
    expertSize: experts[0]!.size,
  };
}

/** Throws `model-unsupported` for experts of a kind that no file was seen to have, and where not even one fits a buffer. */
export function planExperts(
  spec: ExpertsSpec,
  norm: WeightMatrix['norm'],
  largest: number,
  rowsOf: (gate: WeightSpec | undefined, up: WeightSpec) => readonly MatrixPart[],
): ExpertsPlan {
  const { router, experts, sharedGate, norms, scales } = spec;
  if ((norms ?? scales) !== undefined) {
    throw new SottoError('model-unsupported', 'Experts with norms around them (Gemma 4) do not run on the GPU.', {
      details: { part: 'norms around its experts' },
    });
  }
  if (experts.some(({ innerNorm }) => innerNorm !== undefined)) {
    throw new SottoError('model-unsupported', 'Experts with norms of their own do not run on the GPU.', {
      details: { part: 'norms inside its experts' },
    });
  }
  if (experts.some(({ down }) => down.bias !== undefined && down.rows % 4 !== 0)) {
    throw new SottoError('model-unsupported', 'Biases of experts in rows of no whole fours do not run on the GPU.', {
      details: { part: 'biases of its experts' },
    });
  }
  const inOrder = (weight: WeightSpec, before: number): MatrixPart => ({ weight, placeOf: (row) => before + row });
  const routed = [inOrder(router, 0)];
  if (sharedGate !== undefined) {
    const { name, type, size } = sharedGate;
    const gate = { name, type, rows: 1, columns: size, firstRow: 0, bias: undefined };
    routed.push(inOrder(gate, router.rows));
  }
  const stacked = (partsOf: (expert: ExpertsSpec['experts'][number]) => readonly MatrixPart[]) => {
    const rows = partsOf(experts[0]!).reduce((sum, { weight }) => sum + weight.rows, 0);
    return experts.flatMap((expert, index) =>
      partsOf(expert).map(({ weight, placeOf }) => ({ weight, placeOf: (row: number) => index * rows + placeOf(row) })),
    );
  };
  return {
    spec,
    router: fuseRows(routed, norm),
    gateUp: planStack(
      fuseRows(
        stacked(({ gate, up }) => rowsOf(gate, up)),
        norm,
        experts.length,
      ),
      largest,
    ),
    down: planStack(
      fuseRows(
        stacked(({ down }) => [inOrder(down, 0)]),
        undefined,
        experts.length,
      ),
      largest,
    ),
  };
}
