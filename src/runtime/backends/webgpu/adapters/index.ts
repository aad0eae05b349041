export { AdapterRack } from './adapter-rack.ts';
