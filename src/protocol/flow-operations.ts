/**
 * Everything a node of a flow can use: the arguments it takes (a question mark: may be left out), the parts it gives ("*": others too), and its
 * settings. What runs them is held against this table by a test; builder and editor read it.
 */
export const FLOW_OPERATIONS = {
  'task.language': { takes: { text: 'text' }, gives: ['language', 'score', 'model'], with: [] },
  'task.split': { takes: { text: 'text' }, gives: ['items', 'spans'], with: ['by', 'limit'] },
  'task.entities': { takes: { text: 'text' }, gives: ['entities', 'byKind', 'model'], with: ['kinds', 'products'] },
  'task.redact': { takes: { text: 'text' }, gives: ['text', 'found', 'count', 'model'], with: ['kinds', 'originals'] },
  'task.keyphrases': { takes: { text: 'text' }, gives: ['phrases', 'model'], with: ['most'] },
  'task.similarity': { takes: { a: 'text', b: 'text' }, gives: ['score', 'model'], with: [] },
  'task.zero-shot': {
    takes: { text: 'text' },
    gives: ['label', 'score', 'scores', 'model'],
    with: ['labels', 'template'],
  },
  'task.cluster': { takes: { texts: 'text[]' }, gives: ['clusters', 'model'], with: ['similarity'] },
  'task.summarise': {
    takes: { text: 'any', focus: 'text?' },
    gives: ['text', 'bullets', 'sentences', 'unsupported', 'parts', 'model'],
    with: ['by', 'style', 'sentences', 'model', 'leastParameters'],
  },
  'task.translate': {
    takes: { text: 'text' },
    gives: ['text', 'from', 'to', 'isRight', 'parts', 'model'],
    with: ['to', 'from', 'model', 'leastParameters'],
  },
  'task.rewrite': {
    takes: { text: 'text' },
    gives: ['text', 'lost', 'added', 'parts', 'model'],
    with: ['how', 'model', 'leastParameters'],
  },
  'task.autocomplete': {
    takes: { text: 'text' },
    gives: ['text', 'suggestions', 'model'],
    with: ['count', 'maxTokens', 'model', 'leastParameters'],
  },
  'task.moderate': { takes: { text: 'text' }, gives: ['isFine', 'score', 'findings', 'kinds', 'model'], with: [] },
  'expert.classify': {
    takes: { text: 'text' },
    gives: ['label', 'score', 'scores', 'isKnown', 'evidence', 'text', 'model'],
    with: ['expert', 'unknown', 'explain'],
  },
  'expert.entities': { takes: { text: 'text' }, gives: ['entities', 'byKind', 'model'], with: ['expert'] },
  'task.search': {
    takes: { query: 'text', documents: 'any' },
    gives: ['passages', 'score', 'best', 'title', 'document', 'model'],
    with: ['documents', 'most'],
  },
  'task.answer': {
    takes: { question: 'text', passages: 'any' },
    gives: ['text', 'score', 'citations', 'claims', 'unsupported', 'model'],
    with: ['by', 'sentences', 'model', 'leastParameters'],
  },
  'task.verify': {
    takes: { claims: 'any', documents: 'any' },
    gives: ['claims', 'supported', 'total', 'isSupported', 'model'],
    with: [],
  },
  'task.rules': {
    takes: { text: 'text', rules: 'any?' },
    gives: ['verdicts', 'broken', 'isCompliant', 'model'],
    with: ['rules'],
  },
  'task.recommend': {
    takes: { wish: 'text', items: 'any?' },
    gives: ['items', 'best', 'score', 'model'],
    with: ['items', 'most'],
  },
  'rule.screen': {
    takes: { judged: 'record', signs: 'record[]' },
    gives: ['label', 'score', 'reasons', 'model'],
    with: [],
  },
  'rule.signs': { takes: { text: 'text' }, gives: ['signs', 'score', 'model'], with: [] },
  'task.extract': {
    takes: { text: 'text' },
    gives: ['record', 'evidence', 'missing', 'unsupported', 'items', 'score', 'model'],
    with: ['fields', 'lineItems', 'schema', 'model', 'leastParameters'],
  },
  'rule.totals': {
    takes: { record: 'record', items: 'record[]?', missing: 'text[]?' },
    gives: ['isRight', 'isComplete', 'checks', 'problems', 'model'],
    with: [],
  },
  'task.clauses': { takes: { text: 'text' }, gives: ['items', 'spans'], with: [] },
  'task.reviews': { takes: { reviews: 'any' }, gives: ['items', 'records', 'broken'], with: [] },
  'task.reviews-report': {
    takes: { reviews: 'record[]', moods: 'record', issues: 'record[]' },
    gives: ['*', 'summary'],
    with: [],
  },
  'task.csv': { takes: { rows: 'record[]' }, gives: ['text'], with: ['columns'] },
  'task.table': { takes: { text: 'text' }, gives: ['rows', 'columns', 'broken'], with: [] },
  'transform.record': {
    takes: { a: 'any?', b: 'any?', c: 'any?', d: 'any?', e: 'any?', f: 'any?', g: 'any?', h: 'any?' },
    gives: ['*'],
    with: ['fields', 'also'],
  },
  'transform.zip': { takes: { items: 'record[]', with: 'record[]' }, gives: ['items'], with: ['fields', 'added'] },
  'transform.text': { takes: { values: 'any?', a: 'any?', b: 'any?', c: 'any?' }, gives: ['text'], with: ['template'] },
  'transform.choose': { takes: { key: 'text' }, gives: ['value'], with: ['from', 'otherwise'] },
  'transform.count': { takes: { items: 'record[]' }, gives: ['counts', 'total', 'groups'], with: ['by'] },
  prompt: {
    takes: { values: 'any?', text: 'text?' },
    gives: ['text', 'value', 'label', '*'],
    with: ['prompt', 'system', 'choices', 'schema', 'maxTokens', 'model', 'leastParameters'],
  },
  human: { takes: { context: 'any?', a: 'any?', b: 'any?' }, gives: ['*'], with: ['question', 'options'] },
  'task.pass': { takes: { value: 'any' }, gives: ['value', 'text'], with: [] },
} as const;

export type FlowOperationName = keyof typeof FLOW_OPERATIONS;
