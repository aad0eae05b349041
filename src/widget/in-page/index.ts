export { mountInPage } from './mount-in-page.ts';
