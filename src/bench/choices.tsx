import type { VNode } from 'preact';
import type { BenchModel } from '../protocol/index.ts';
import type { BenchState } from './bench-state.ts';
import { ENGINES, type Extent, nameOf, PLANS, RANDOM_MODELS } from './plan.ts';
import { TEXT } from './text.ts';

const isIn = <Key extends string>(object: Readonly<Record<Key, unknown>>, key: string): key is Key =>
  Object.hasOwn(object, key);

/** Which model, which engines, how much. */
export function Choices({ state }: { readonly state: BenchState }): VNode {
  const { model, engines, extent, isRunning } = state;
  return (
    <fieldset class="choices" disabled={isRunning.value}>
      <label>
        {TEXT.model}
        <select
          onChange={({ currentTarget: { value } }) => {
            if (isIn(RANDOM_MODELS, value)) model.value = RANDOM_MODELS[value];
          }}
        >
          {Object.keys(RANDOM_MODELS).map((name) => (
            <option key={name} value={name} selected={name === nameOf(model.value)}>
              {isIn(TEXT.models, name) ? TEXT.models[name] : name}
            </option>
          ))}
          <OtherModel model={model.value} />
        </select>
      </label>
      <label>
        {TEXT.openFile}
        <input
          type="file"
          accept=".gguf"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file !== undefined) model.value = { kind: 'file', file, name: file.name };
          }}
        />
      </label>
      <p class="muted">{TEXT.modelHint}</p>
      <label>
        {TEXT.extent}
        <select
          onChange={({ currentTarget: { value } }) => {
            if (isIn(PLANS, value)) extent.value = value;
          }}
        >
          {(Object.keys(PLANS) as Extent[]).map((name) => (
            <option key={name} value={name} selected={name === extent.value}>
              {TEXT.extents[name]}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="engines">
        <legend>{TEXT.engines}</legend>
        {ENGINES.map((engine) => (
          <label key={engine} class="check">
            <input
              type="checkbox"
              checked={engines.value.has(engine)}
              onChange={({ currentTarget: { checked } }) => {
                const chosen = ENGINES.filter((other) => (other === engine ? checked : engines.value.has(other)));
                engines.value = new Set(chosen);
              }}
            />
            {TEXT.engineNames[engine]}
          </label>
        ))}
      </fieldset>
    </fieldset>
  );
}

/** A file that was opened is in the list as well. */
function OtherModel({ model }: { readonly model: BenchModel }): VNode | null {
  return model.kind === 'random' ? null : (
    <option value="" selected>
      {nameOf(model)}
    </option>
  );
}
