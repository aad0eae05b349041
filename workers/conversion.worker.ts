import { type ConversionPort, exposePort } from '../src/protocol/index.ts';
import { createConversionService } from '../src/runtime/conversion/index.ts';

exposePort<ConversionPort>(createConversionService());
