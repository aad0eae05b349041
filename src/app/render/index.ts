export { visibleText } from './hidden-text.tsx';
export { askedLink } from './link.tsx';
export { Markdown } from './markdown.tsx';
export { type References, ReferencesContext } from './reference.tsx';
