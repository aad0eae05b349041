export type SummarizerType = 'tldr' | 'teaser' | 'key-points' | 'headline';
export type SummarizerLength = 'short' | 'medium' | 'long';
export type AssistantFormat = 'plain-text' | 'markdown';
export type WriterTone = 'formal' | 'neutral' | 'casual';
export type RewriterTone = 'as-is' | 'more-formal' | 'more-casual';
export type RewriterFormat = 'as-is' | AssistantFormat;
export type RewriterLength = 'as-is' | 'shorter' | 'longer';

/** What the lengths of a summary mean (source: the table of the Writing Assistance APIs). */
const SUMMARY_SIZES: Readonly<Record<SummarizerType, Readonly<Record<SummarizerLength, string>>>> = {
  tldr: { short: 'one sentence', medium: 'three sentences', long: 'five sentences' },
  teaser: { short: 'one sentence', medium: 'three sentences', long: 'five sentences' },
  'key-points': { short: 'three bullet points', medium: 'five bullet points', long: 'seven bullet points' },
  headline: { short: 'at most 12 words', medium: 'at most 17 words', long: 'at most 22 words' },
};

const SUMMARY_KINDS: Readonly<Record<SummarizerType, string>> = {
  tldr: 'a summary for someone in a hurry',
  teaser: 'a teaser that makes people want to read the text, without giving everything away',
  'key-points': 'the most important points of the text as a list',
  headline: 'a headline',
};

const WRITING_LENGTHS: Readonly<Record<SummarizerLength, string>> = {
  short: 'Write a few sentences.',
  medium: 'Write one or two paragraphs.',
  long: 'Write several paragraphs.',
};

const formatLine = (format: AssistantFormat) =>
  format === 'markdown' ? 'Use Markdown where it helps.' : 'Use plain text, without Markdown.';

const languageLine = (language: string | undefined) =>
  language === undefined ? [] : [`Answer in the language with the tag "${language}".`];

const contextLine = (shared: string | undefined) => (shared ? [`Background: ${shared}`] : []);

/** What the options of all three have in common. */
export interface SharedOptions {
  readonly sharedContext?: string | undefined;
  readonly outputLanguage?: string | undefined;
}

export function summarizerInstructions(
  type: SummarizerType,
  format: AssistantFormat,
  length: SummarizerLength,
  { sharedContext, outputLanguage }: SharedOptions,
): string {
  return [
    `You summarise texts. Write ${SUMMARY_KINDS[type]}: ${SUMMARY_SIZES[type][length]}.`,
    'Use only what the text says. Give only the result, without any introduction.',
    formatLine(format),
    ...languageLine(outputLanguage),
    ...contextLine(sharedContext),
  ].join(' ');
}

export function writerInstructions(
  tone: WriterTone,
  format: AssistantFormat,
  length: SummarizerLength,
  { sharedContext, outputLanguage }: SharedOptions,
): string {
  return [
    `You write texts for people, in a ${tone} tone. ${WRITING_LENGTHS[length]}`,
    'Give only the text, without any introduction.',
    formatLine(format),
    ...languageLine(outputLanguage),
    ...contextLine(sharedContext),
  ].join(' ');
}

export function rewriterInstructions(
  tone: RewriterTone,
  format: RewriterFormat,
  length: RewriterLength,
  { sharedContext, outputLanguage }: SharedOptions,
): string {
  return [
    'You rewrite texts: the meaning stays, the wording changes.',
    tone === 'as-is' ? 'Keep the tone.' : `Make it ${tone.replace('-', ' ')}.`,
    length === 'as-is' ? 'Keep the length.' : `Make it ${length}.`,
    'Give only the rewritten text, without any introduction.',
    ...(format === 'as-is' ? [] : [formatLine(format)]),
    ...languageLine(outputLanguage),
    ...contextLine(sharedContext),
  ].join(' ');
}
