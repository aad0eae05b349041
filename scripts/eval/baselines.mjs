import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.mjs';

/** The model that the product brings for chats: one general small model. */
const MODEL = 'smollm2-135m-instruct';

/** What the single model is told besides the case: the same data that the flow has. @param {string} name @param {any[]} cases */
function withResources(name, cases) {
  const { resources } = JSON.parse(readFileSync(join(ROOT, `flows/${name}/flow.json`), 'utf8'));
  if (name === 'recommend') {
    const items = /** @type {{ id: string, name: string, description: string, price: number }[]} */ (
      resources.catalogue
    );
    const catalogue = items.map((item) => `- ${item.name}: ${item.description}, ${item.price} euros`).join('\n');
    return cases.map((one) => ({
      ...one,
      catalogue,
      names: items.filter(({ id }) => one.fits.includes(id)).map((item) => item.name),
      others: items.filter(({ id }) => !one.fits.includes(id)).map((item) => item.name),
    }));
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
        ids: own.map((/** @type {any} */ rule) => rule.id),
        texts: own.map((/** @type {any} */ rule, /** @type {number} */ index) => `${index + 1}. ${rule.text}`),
      };
    });
  }
  return cases;
}

/**
 * The same cases asked of one small model with a prompt, greedy. Its share of points.
 * @param {import('playwright').Page} page
 * @param {string} name
 * @param {import('./systems.mjs').System} system
 * @param {any[]} cases
 */
export async function runBaseline(page, name, system, cases) {
  await page.evaluate((id) => /** @type {any} */ (globalThis).sotto.models.load(id), MODEL);
  let points = 0;
  for (const one of withResources(name, cases)) {
    const { prompt, maxTokens } = system.prompt(one);
    const answer = await page.evaluate(
      async ([id, content, most]) => {
        try {
          const request = { model: id, messages: [{ role: 'user', content }], temperature: 0, max_tokens: most };
          const { choices } = await /** @type {any} */ (globalThis).sotto.chat.completions.create(request);
          return String(choices[0].message.content);
        } catch {
          return '';
        }
      },
      /** @type {const} */ ([MODEL, prompt, maxTokens]),
    );
    points += system.gradeText(one, answer);
  }
  return Math.round((points / cases.length) * 1000) / 1000;
}
