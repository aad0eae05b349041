import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { ROOT } from '../lib/paths.mjs';
import { CONSTRAINED } from './constrained.mjs';
import { SYSTEMS } from './systems.mjs';

/** The model that the product brings for chats: one general small model. */
const MODEL = 'smollm2-135m-instruct';

/** What the single model is told besides the case: the same data that the flow has. @param {string} name @param {any[]} cases */
function withResources(name, cases) {
  const { resources } = JSON.parse(readFileSync(join(ROOT, `flows/${name}/flow.json`), 'utf8'));
  if (name === 'recommend') {
    return cases.map((one) => {
      const items = /** @type {{ id: string, name: string, description: string, price: number }[]} */ (
        one.catalogue ?? resources.catalogue
      );
      return {
        ...one,
        list: items
          .map(
            (item) => `- ${item.name}: ${item.description}${item.price === undefined ? '' : `, ${item.price} euros`}`,
          )
          .join('\n'),
        names: items.filter(({ id }) => one.fits.includes(id)).map((item) => item.name),
        others: items.filter(({ id }) => !one.fits.includes(id)).map((item) => item.name),
      };
    });
  }
  if (name === 'compliance') {
    const rules = /** @type {{ id: string, text: string }[]} */ (resources.rules);
    return cases.map((one) => {
      const own =
        one.rules?.map((/** @type {string} */ text, /** @type {number} */ index) => ({
          id: `rule-${index + 1}`,
          text,
        })) ?? rules;
      return {
        ...one,
        ruleIds: own.map((/** @type {any} */ rule) => rule.id),
        ids: one.ids ?? own.map((/** @type {any} */ rule) => rule.id),
        texts: own.map((/** @type {any} */ rule, /** @type {number} */ index) => `${index + 1}. ${rule.text}`),
      };
    });
  }
  return cases;
}

/**
 * The same cases asked of one small model, greedy: once free in what it writes, once under `response_format`.
 * @param {import('playwright').Page} page
 * @param {string} name
 * @param {any[]} cases
 * @returns {Promise<{ free: number, constrained: number }>} Shares of points.
 */
export async function runBaselines(page, name, cases) {
  await page.evaluate((id) => /** @type {any} */ (globalThis).sotto.models.load(id), MODEL);
  const [system, constrained] = [SYSTEMS[name], CONSTRAINED[name]];
  if (system === undefined || constrained === undefined) throw new Failure(`"${name}" has no baseline.`);
  const points = { free: 0, constrained: 0 };
  for (const one of withResources(name, cases)) {
    const { prompt, maxTokens } = system.prompt(one);
    points.free += system.gradeText(one, await ask(page, { content: prompt, maxTokens }));
    const asked = constrained.ask(one);
    const text = await ask(page, { content: asked.prompt, maxTokens: asked.maxTokens, format: asked.format });
    points.constrained += constrained.grade(one, parsed(text, asked.format));
  }
  const share = (/** @type {number} */ value) => Math.round((value / cases.length) * 1000) / 1000;
  return { free: share(points.free), constrained: share(points.constrained) };
}

/** @param {string} text @param {object} format */
function parsed(text, format) {
  if ('choices' in format) return text;
  try {
    return JSON.parse(text);
  } catch {
    // Cut off by the limit of tokens: no answer.
    return undefined;
  }
}

/** @param {import('playwright').Page} page @param {{ content: string, maxTokens: number, format?: object }} asked */
function ask(page, asked) {
  return page.evaluate(
    async ([id, { content, maxTokens, format }]) => {
      try {
        const request = {
          model: id,
          messages: [{ role: 'user', content }],
          temperature: 0,
          max_tokens: maxTokens,
          ...(format === undefined ? {} : { response_format: format }),
        };
        const { choices } = await /** @type {any} */ (globalThis).sotto.chat.completions.create(request);
        return String(choices[0].message.content);
      } catch (/** @type {any} */ error) {
        // Too long for its context is the model's own limit; anything else is a fault of the measurement.
        if (error?.code === 'prompt-too-long') return '';
        throw error;
      }
    },
    /** @type {const} */ ([MODEL, asked]),
  );
}
