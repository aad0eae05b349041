import type { CompiledGrammar, GrammarSource } from '../../../../protocol/index.ts';
import { compileRules } from './compile-rules.ts';
import { invalidGrammar } from './errors.ts';
import { choice, type Expression, literal, repeat, rule, sequence } from './expression.ts';
import { parseGbnf } from './gbnf.ts';
import { ANY_OBJECT, ANY_VALUE, JSON_RULES, schemaRules } from './json-schema/index.ts';
import { regexExpression } from './regex.ts';
import { untilTrigger } from './until-trigger.ts';

const ROOT = 'the whole answer';

/**
 * What an answer must look like → an automaton that keeps it so. Throws `grammar-unsupported` for what cannot be guaranteed,
 * `grammar-invalid` for what makes no sense, `grammar-too-complex` for what would take too long.
 */
export function compileGrammar(source: GrammarSource): CompiledGrammar {
  const rules = new Map<string, Expression>();
  rules.set(ROOT, new SourceReader(rules).read(source));
  return compileRules(rules, ROOT);
}

class SourceReader {
  readonly #rules: Map<string, Expression>;
  #schemas = 0;

  constructor(rules: Map<string, Expression>) {
    this.#rules = rules;
  }

  read(source: GrammarSource): Expression {
    switch (source.kind) {
      case 'json':
        this.#add(JSON_RULES);
        return rule(source.root === 'object' ? ANY_OBJECT : ANY_VALUE);
      case 'json-schema': {
        const { root, rules } = schemaRules(source.schema, `schema ${++this.#schemas}:`);
        this.#add(rules);
        return root;
      }
      case 'regex':
        return regexExpression(source.pattern, {
          ...(source.flags === undefined ? {} : { flags: source.flags }),
          whole: true,
        });
      case 'gbnf': {
        const prefix = `grammar ${++this.#schemas}:`;
        for (const [name, body] of parseGbnf(source.text)) this.#rules.set(prefix + name, withPrefix(body, prefix));
        return rule(`${prefix}root`);
      }
      case 'choice':
        if (source.choices.length === 0) throw invalidGrammar('A choice needs at least one text.');
        return choice(source.choices.map(literal));
      case 'literal':
        return literal(source.text);
      case 'sequence':
        return sequence(...source.parts.map((part) => this.read(part)));
      case 'alternatives':
        return choice(source.parts.map((part) => this.read(part)));
      case 'repeat':
        return repeat(this.read(source.part), source.minimum, source.maximum);
      case 'until':
        return { kind: 'automaton', automaton: untilTrigger(source.triggers).untilTriggered };
      case 'triggered': {
        const { free, untilTriggered } = untilTrigger(source.triggers);
        const then = sequence({ kind: 'automaton', automaton: untilTriggered }, this.read(source.next));
        return sequence(repeat(then, 0, source.isRepeated ? Number.POSITIVE_INFINITY : 1), {
          kind: 'automaton',
          automaton: free,
        });
      }
    }
  }

  #add(rules: Iterable<readonly [string, Expression]>): void {
    for (const [name, body] of rules) this.#rules.set(name, body);
  }
}

function withPrefix(expression: Expression, prefix: string): Expression {
  switch (expression.kind) {
    case 'rule':
      return rule(prefix + expression.name);
    case 'sequence':
    case 'choice':
      return { kind: expression.kind, items: expression.items.map((item) => withPrefix(item, prefix)) };
    case 'repeat':
      return { ...expression, item: withPrefix(expression.item, prefix) };
    default:
      return expression;
  }
}
