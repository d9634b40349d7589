import { testScenarios } from './web-face.ts';
import { scenarios } from './web-scenarios.ts';

testScenarios(new URL('./chromium.js', import.meta.url), scenarios.keys());
