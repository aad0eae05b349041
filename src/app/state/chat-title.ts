const MOST_CHARACTERS = 60;
const MOST_WORDS = 9;

/** A title from the question itself: its first sentence, cut at a word. */
export function titleFromQuestion(question: string): string {
  const line = question
    .replace(/[#*_`>]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const sentence = /^(.{12,}?[.!?…。！？])(?:\s|$)/.exec(line)?.[1] ?? line;
  if (sentence.length <= MOST_CHARACTERS) return sentence;
  const cut = sentence.slice(0, MOST_CHARACTERS);
  const space = cut.lastIndexOf(' ');
  return `${(space > MOST_CHARACTERS / 2 ? cut.slice(0, space) : cut).replace(/[,;:.\-–\s]+$/, '')}…`;
}

/** What the model is asked at the end of a conversation that has no title yet. */
export const TITLE_REQUEST = 'Give this conversation a title of at most five words. Answer with the title only.';

/** A model's title, cleaned; null where it gave none that would help anyone. */
export function cleanTitle(answer: string): string | null {
  const line = answer.trim().split('\n')[0] ?? '';
  const title = line
    .replace(/^(title|titel|titre|título)\s*:\s*/i, '')
    .replace(/^["'“”„«*#\s]+|["'“”»*.\s]+$/g, '')
    .replace(/\s+/g, ' ');
  const words = title.split(' ').length;
  return title.length < 3 || title.length > MOST_CHARACTERS || words > MOST_WORDS ? null : title;
}
