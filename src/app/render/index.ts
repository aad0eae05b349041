export { visibleText } from './hidden-text.tsx';
export { askedLink } from './link.tsx';
export { Markdown } from './markdown.tsx';
export { loadMarkdown, MarkdownLater } from './markdown-later.tsx';
export { createNextPicture } from './next-picture.ts';
export { type References, ReferencesContext } from './reference.tsx';
